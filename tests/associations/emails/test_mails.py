"""Every kind of mail, in text and HTML and in both languages [R20], [R51]."""

import functools
import html
import re
from pathlib import Path

import pytest
from django.conf import settings

import associations.enums
import partners.enums
from notifications.kinds import list_kinds
from notifications.models import Message
from notifications.words.rendering import MissingContext, render

MAILS = Path(settings.BASE_DIR) / "templates" / "mail"
KINDS = sorted([*associations.enums.ClaimEmail, *partners.enums.AccountEmail])
#: Those two tell a partner of a customer.
CUSTOMER_KINDS = [
    kind
    for kind in KINDS
    if kind.startswith("customer_") and kind not in ("customer_added", "customer_declined")
]
LANGUAGES = ("en", "pt-br")

#: Words of the trade that a customer has no reason to know.
JARGON = re.compile(
    r"\b(CPOR|claim|association|tenant|POE|slot|workload|solicitação|associação|locatário)\b",
    re.IGNORECASE,
)


def make_message(kind, language, **context):
    return Message(
        pk=1,
        key=kind,
        kind=kind,
        to_address="carla@fabrikam.example",
        to_name="Carla",
        language=language,
        context={name: make_value(name) for name in find_names(kind)} | context,
    )


def make_value(name):
    return f"http://127.0.0.1:8000/{name}/" if name.endswith("url") else f"<{name}> & co"


@functools.cache
def find_names(kind, language="en"):
    """The values that an email prints: those without which it cannot be."""
    message = Message(kind=kind, language=language, to_name="Carla", context={})
    while True:
        try:
            render(message)
        except MissingContext as missing:
            message.context[missing.name] = make_value(missing.name)
        else:
            return frozenset(message.context)


def test_every_kind_has_a_template_and_a_name_of_its_own_for_staff():
    names = dict(list_kinds())

    assert sorted(names) == KINDS
    assert {path.stem for path in MAILS.glob("*.html")} - {"layout"} == set(KINDS)
    assert len({str(name) for name in names.values()}) == len(KINDS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_both_say_every_value(kind, language):
    message = make_message(kind, language)

    mail = render(message)

    for value in message.context.values():
        words = " ".join(mail.text.split())
        assert value in words or value in mail.subject
        assert value in " ".join(html.unescape(mail.html).split())
    assert "Carla" in mail.text
    assert "Carla" in mail.html
    assert f'lang="{language}"' in mail.html
    assert "\n" not in mail.subject


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_an_address_stands_alone_on_its_line_of_the_text(kind, language):
    """Some mail programs make a bracket or a full stop beside an address part of the link."""
    message = make_message(kind, language)

    lines = render(message).text.splitlines()

    with_an_address = [line for line in lines if "://" in line]
    addresses = [value for value in message.context.values() if "://" in value]
    assert sorted(with_an_address) == sorted(addresses)


@pytest.mark.parametrize("kind", KINDS)
def test_the_languages_differ_and_ask_for_the_same_values(kind):
    english, portuguese = (render(make_message(kind, language)) for language in LANGUAGES)

    assert find_names(kind, "en") == find_names(kind, "pt-br")
    assert english.subject != portuguese.subject
    assert english.text != portuguese.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", CUSTOMER_KINDS)
def test_customers_read_no_jargon(kind, language):
    context = dict.fromkeys(find_names(kind), "Teams")
    context = {
        name: "http://127.0.0.1:8000/x/" if name.endswith("url") else value
        for name, value in context.items()
    }

    mail = render(make_message(kind, language, **context))

    assert JARGON.findall(f"{mail.subject} {mail.text}") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_says_all_that_it_must(language):
    """R20: who, which products, what is seen and what not, until when, how, and that nothing needs to be done."""
    names = find_names("customer_notice", language)

    assert names == {
        "partner",
        "asker",
        "location",
        "organisation",
        "products",
        "data_seen",
        "deadline",
        "if_later",
        "url",
        "about_url",
        "why_you",
    }
    words = " ".join(render(make_message("customer_notice", language)).text.split())
    needed = {
        "en": (
            "you don't need to do anything",
            "would not see names, emails, files",
            "refuse all or some of it",
        ),
        "pt-br": (
            "não precisa fazer nada",
            "não poderá ver nomes, e-mails, arquivos",
            "recusar tudo ou uma parte",
        ),
    }
    for part in needed[language]:
        assert part in words
