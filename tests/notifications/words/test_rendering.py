from html.parser import HTMLParser

import pytest
from django.template import TemplateDoesNotExist
from django.utils.translation import gettext_lazy

from notifications.models import Message
from notifications.words import rendering
from notifications.words.blocks import UnsafeAddressError
from notifications.words.rendering import BrokenTemplateError, MissingContext

from ..conftest import KIND, Kind


@pytest.fixture
def make_message(context):
    def make(*, kind=KIND, name="Ana", language="en", **values):
        return Message(
            pk=1,
            key="order:1",
            kind=kind,
            to_address="ana@contoso.example",
            to_name=name,
            language=language,
            context={**context, **values},
        )

    return make


@pytest.fixture
def template(tmp_path, settings):
    """Write a template of the kind ``other``."""

    def write(body, *, blocks=""):
        folder = tmp_path / "mail"
        folder.mkdir(exist_ok=True)
        (folder / "other.html").write_text(
            "{% extends 'mail/layout.html' %}{% load i18n mail %}{% block subject %}Other{% endblock %}"
            f"{{% block body %}}{body}{{% endblock %}}{blocks}"
        )
        settings.TEMPLATES[0]["DIRS"].insert(0, tmp_path)
        settings.TEMPLATES = [*settings.TEMPLATES]

    return write


class Words(HTMLParser):
    """The words of a page as a person reads them."""

    def __init__(self):
        super().__init__()
        self.words, self.ignored, self.links = [], 0, []

    def handle_starttag(self, tag, attrs):
        self.ignored += tag in ("style", "title")
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_endtag(self, tag):
        self.ignored -= tag in ("style", "title")

    def handle_data(self, data):
        if not self.ignored:
            self.words += data.split()


def words_of(html):
    parser = Words()
    parser.feed(html)
    return parser


def test_text_part_reads_well(make_message):
    rendered = rendering.render(make_message(comment="Leave it\nat the door"))

    assert rendered.text == (
        "Hello Ana,\n"
        "\n"
        "Your order K7QF2 has left our house & is on its way to you; it will\n"
        "reach you within the next days, and you don't need to do anything.\n"
        "\n"
        "What is this?\n"
        "https://portal.northwind.example/about/\n"
        "\n"
        "They wrote: Leave it\n"
        "at the door\n"
        "\n"
        "Order: K7QF2\n"
        "Items: Teams\n"
        "  Exchange Online\n"
        "Comment: Leave it\n"
        "  at the door\n"
        "\n"
        "Follow the order:\n"
        "https://portal.northwind.example/orders/K7QF2/?a=1&b=2\n"
        "\n"
        "Northwind Cloud sent this email to ana@contoso.example. Questions?\n"
        "Write to partner-support@northwind.example or reply to this email.\n"
    )


def test_html_says_what_the_text_says(make_message):
    rendered = rendering.render(make_message(comment="Leave it"))

    html = words_of(rendered.html)
    for word in rendered.text.split():
        assert word.strip("():") in " ".join(html.words) or word.strip("()") in html.links
    assert "K7QF2" in rendered.subject
    assert "<title>Order K7QF2 has left</title>" in rendered.html


def test_every_value_is_in_both_parts(make_message, context):
    context["comment"] = "Leave it at the door"
    rendered = rendering.render(make_message(**context))

    html = words_of(rendered.html)
    for value in context.values():
        for word in value.split():
            assert word in rendered.text
            assert word in html.words or word in html.links


def test_html_has_inline_styles_language_and_address_in_clear(make_message):
    html = rendering.render(make_message(language="pt-br")).html

    assert '<html lang="pt-br" dir="ltr">' in html
    assert html.count("max-width: 600px") == 1
    assert 'role="presentation"' in html
    assert '<th scope="row" style=' in html
    assert html.count("https://portal.northwind.example/orders/K7QF2/?a=1&amp;b=2") == 2
    assert "background: #1f4b99" in html


def test_values_are_escaped_in_html_and_raw_in_text(make_message):
    rendered = rendering.render(
        make_message(order="<script>alert(1)</script>", items="a < b\n\"c\" & 'd'", name="<b>Ana")
    )

    assert "<script" not in rendered.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in rendered.html
    assert "a &lt; b<br>\"c\" &amp; 'd'" in rendered.html
    assert "Hello &lt;b&gt;Ana," in rendered.html
    assert "<script>alert(1)</script>" in rendered.text
    assert "Hello <b>Ana," in rendered.text


def test_subject_is_one_line_whatever_the_value(make_message):
    rendered = rendering.render(make_message(order="K7\r\nBcc: all@contoso.example\u2028x"))

    assert rendered.subject == "Order K7 Bcc: all@contoso.example x has left"


def test_values_are_never_read_as_a_template(make_message):
    forged = "{{ to_address }} {% now 'Y' %} <!--x-->"

    rendered = rendering.render(make_message(items=forged))

    assert forged in rendered.text
    assert words_of(rendered.html).words.count("{{") == 1


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "",
        "/relative",
        "https://",
        "https://a b",
        " https://x",
    ],
)
def test_only_web_addresses_are_linked(make_message, url):
    with pytest.raises(UnsafeAddressError, match="http"):
        rendering.render(make_message(order_url=url))


def test_quotes_cannot_leave_an_address(make_message):
    html = rendering.render(make_message(order_url='https://x.example/"onclick="x')).html

    assert 'href="https://x.example/&quot;onclick=&quot;x"' in html


def test_empty_facts_and_paragraphs_are_left_out(make_message):
    rendered = rendering.render(make_message(comment=""))

    assert "Comment" not in rendered.text
    assert "They wrote" not in rendered.text
    assert "Comment" not in words_of(rendered.html).words
    assert "\n\n\n" not in rendered.text


def test_greeting_without_a_name(make_message):
    rendered = rendering.render(make_message(name=""))

    assert rendered.text.startswith("Hello,\n\n")


@pytest.mark.parametrize(
    ("code", "written"),
    [("en", "en"), ("pt-br", "pt-br"), ("en-gb", "en"), ("xx", "en"), ("", "en")],
)
def test_language_is_the_readers_or_the_default(make_message, code, written):
    html = rendering.render(make_message(language=code)).html

    assert f'<html lang="{written}"' in html


def test_fixed_words_are_in_the_readers_language(template, make_message):
    template("{% paragraph %}{% translate 'Yes' %}{% endparagraph %}")

    row = make_message(kind="other", language="pt-br")
    row.context = {}

    assert "\nSim\n" in rendering.render(row).text
    row.language = "en"
    assert "\nYes\n" in rendering.render(row).text


def test_a_missing_value_is_refused(make_message):
    message = make_message()
    del message.context["order"]

    with pytest.raises(MissingContext, match="“order” is missing"):
        rendering.require_context(message)


def test_a_value_that_is_not_printed_is_refused(make_message):
    with pytest.raises(MissingContext, match="does not print the value “colour”"):
        rendering.require_context(make_message(colour="red"))


@pytest.mark.parametrize("value", [7, None, gettext_lazy("Yes"), ["x"]])
def test_values_must_be_plain_strings(make_message, value):
    with pytest.raises(TypeError, match="'order'"):
        rendering.require_context(make_message(order=value))


@pytest.mark.parametrize("name", ["comment", "order", "order_url"])
def test_a_value_is_missed_wherever_a_template_asks_for_it(make_message, name):
    """In a condition, in a sentence to translate and in a tag."""
    message = make_message(comment="Leave it")
    del message.context[name]

    with pytest.raises(MissingContext) as missing:
        rendering.render(message)
    assert missing.value.name == name


def test_row_that_does_not_fit_its_template_is_refused(make_message):
    message = make_message()
    del message.context["items"]

    with pytest.raises(MissingContext, match="items"):
        rendering.render(message)


def test_unknown_kind_is_refused(make_message):
    with pytest.raises(TemplateDoesNotExist, match="no-such-kind"):
        rendering.render(make_message(kind=Kind.NO_TEMPLATE))


@pytest.mark.parametrize("body", ["Bare words", "{{ order }}", "<p>{{ order }}</p>"])
def test_words_outside_the_blocks_are_refused(template, make_message, body):
    """Neither part would say them."""
    template(body)

    with pytest.raises(BrokenTemplateError, match="outside its blocks"):
        rendering.render(make_message(kind="other"))


def test_markup_in_a_template_is_said_as_it_stands(template, make_message):
    template("{% paragraph %}A <strong>b</strong>&nbsp;c{% endparagraph %}")

    rendered = rendering.render(make_message(kind="other"))

    assert "A <strong>b</strong>&nbsp;c" in rendered.text
    assert words_of(rendered.html).words.count("<strong>b</strong>&nbsp;c") == 1


def test_long_words_stay_whole(template, make_message):
    template("{% paragraph %}Short {{ long }} short{% endparagraph %}")
    message = make_message(kind="other")
    message.context = {"long": "x" * 100}

    assert f"\nShort\n{'x' * 100}\nshort\n" in rendering.render(message).text
