"""Every kind of mail, in text and HTML and in both languages [R20], [R51]."""

import html as html_module
import re
from pathlib import Path

import pytest
from django.conf import settings

from notifications.kinds import list_kinds
from notifications.models import Message
from notifications.words.rendering import placeholders, render

MAILS = Path(settings.BASE_DIR) / "templates" / "mail"
KINDS = sorted(path.stem for path in MAILS.glob("*.html") if path.stem != "layout")
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
    values = {
        name: f"http://127.0.0.1:8000/{name}/" if name.endswith("url") else f"<{name}> & co"
        for name in placeholders(kind, language)
    }
    return Message(
        pk=1,
        key=kind,
        kind=kind,
        to_address="carla@fabrikam.example",
        to_name="Carla",
        language=language,
        context=values | context,
    )


def test_every_mail_has_a_name_of_its_own_for_staff():
    names = dict(list_kinds())

    assert sorted(names) == KINDS
    assert len({str(name) for name in names.values()}) == len(KINDS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_both_say_every_value(kind, language):
    message = make_message(kind, language)

    mail = render(message)

    for value in message.context.values():
        words = " ".join(mail.text.split())
        assert value in words or value in mail.subject
        assert html_module.escape(value) in " ".join(mail.html.split())
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

    assert placeholders(kind, "en") == placeholders(kind, "pt-br")
    assert english.subject != portuguese.subject
    assert english.text != portuguese.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", CUSTOMER_KINDS)
def test_customers_read_no_jargon(kind, language):
    context = dict.fromkeys(placeholders(kind, language), "Teams")
    context = {
        name: "http://127.0.0.1:8000/x/" if name.endswith("url") else value
        for name, value in context.items()
    }

    mail = render(make_message(kind, language, **context))

    assert JARGON.findall(f"{mail.subject} {mail.text}") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_says_all_that_it_must(language):
    """R20: who, which products, what is seen and what not, until when, how, and that nothing need be done."""
    names = placeholders("customer_notice", language)

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
            "you need do nothing",
            "would not see: names, mail, files",
            "for all of it or for a part",
        ),
        "pt-br": (
            "não precisa fazer nada",
            "não veria: nomes, e-mails, arquivos",
            "no todo ou em parte",
        ),
    }
    for part in needed[language]:
        assert part in words
