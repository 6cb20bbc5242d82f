"""The message as it goes over the wire, read back by Python's own parser."""

import re
from email import message_from_bytes, policy

import pytest
from django.core.mail import BadHeaderError

from cpor_site.web.addresses import UnusableAddressError
from cpor_site.web.mailboxes import read_mailbox
from notifications import delivery
from notifications.models import Message
from notifications.refusals import UnreachableAddressError
from notifications.words.composition import BOUNDARY, compose
from notifications.words.rendering import Rendered

WORDS = Rendered("Olá, Zoë", "Olá\n.\n..dots\n", "<p>Olá</p>\n")


def make(rendered=WORDS, *, name="Ana", address="ana@contoso.example"):
    message = Message(pk=7, key="k", to_name=name, to_address=address)
    return compose(message, rendered, connection=None)


def raw(email):
    return email.message().as_bytes(linesep="\r\n")


def parse(email):
    return message_from_bytes(raw(email), policy=policy.default)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Ana",
        'Ana "A." (x), Silva',
        "Zoë Müller",
        "山田" * 6,
        "O'Neil \\ <x@y>",
        "=?utf-8?q?x?=",
    ],
    ids=ascii,
)
def test_recipient_is_named_and_reached(name):
    email = make(name=name)

    (to,) = parse(email)["To"].addresses
    assert (to.display_name, to.addr_spec) in [(name, "ana@contoso.example"), ("x", to.addr_spec)]
    assert parse(email).defects == []
    assert raw(email).isascii()


@pytest.mark.parametrize("name", ["山田" * 70, "word " * 29], ids=["encoded", "plain"])
def test_long_names_are_folded(name):
    content = raw(make(name=name))

    assert max(len(line) for line in content.split(b"\r\n")) <= 120
    address = message_from_bytes(content, policy=policy.default)["To"].addresses[0]
    assert address.display_name.replace(" ", "") == name.replace(" ", "")  # the parser adds blanks
    assert address.addr_spec == "ana@contoso.example"


BODIES = {
    "ASCII": Rendered("S", "plain\n", "<p>plain</p>\n"),
    "accents": Rendered("S", "Olá ção\n", "<p>Olá</p>\n"),
    "long lines": Rendered("S", "word " * 5000, f"<p>{'ã' * 5000}</p>"),
    "line ends": Rendered("S", "a\rb\r\nc\nd\n", "<p>\r\n</p>\n"),
    "dots": Rendered("S", ".\n..\n.a\nFrom here\n", "<p>.</p>\n"),
    "signs": Rendered("S", "a=3D b = c \n\t\n -- \n", "<p>=</p>\n"),
    "emoji": Rendered("S", "Hello 🎉\u2028next\n", "<p>🎉</p>\n"),
    "boundary": Rendered("S", "--===============1==\n", "<p>--===============1==--</p>\n"),
}


@pytest.mark.parametrize("words", BODIES.values(), ids=BODIES)
def test_bodies_are_encoded_for_any_server_and_read_back_the_same(words):
    email = make(words)
    content = raw(email)
    parsed = message_from_bytes(content, policy=policy.default)

    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 78
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\x00", content)
    for part, wanted in zip(parsed.iter_parts(), (words.text, words.html), strict=True):
        assert part["Content-Transfer-Encoding"] in ("quoted-printable", "base64")
        assert part.get_content_charset() == "utf-8"
        assert re.split("\r\n|\r|\n", part.get_content()) == re.split("\r\n|\r|\n", wanted)


@pytest.mark.parametrize("value", ["a\nBcc: x@y.example", "a\rb", "a\r\n b"])
def test_line_break_in_a_subject_is_refused(value):
    with pytest.raises(BadHeaderError, match="newlines"):
        raw(make(Rendered(value, "t", "h")))


def test_line_break_in_a_name_is_taken_out():
    assert parse(make(name="Ana\r\nBcc: x@y.example"))["Bcc"] is None


@pytest.mark.parametrize("length", [10, 75, 300])
@pytest.mark.parametrize("word", ["word ", "ação "])
def test_long_subjects_are_folded(length, word):
    subject = (word * length)[:length].strip()

    content = raw(make(Rendered(subject, "t", "h")))

    assert max(len(line) for line in content.split(b"\r\n")) <= 120
    assert message_from_bytes(content, policy=policy.default)["Subject"] == subject


@pytest.mark.parametrize(
    ("domain", "in_ascii"),
    [
        ("müller.example", "xn--mller-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("οδός.example", "xn--pxavk3b.example"),
    ],
)
def test_domain_is_in_punycode_in_header_and_envelope(domain, in_ascii):
    email = make(address=f"ana@{domain}")

    assert parse(email)["To"].addresses[0].domain == in_ascii
    assert email.recipients() == [f"ana@{in_ascii}"]


@pytest.mark.parametrize(
    "address",
    [
        "not an address",
        "ana@" + "ü" * 60 + ".example",
        "ana@-a.example",
        "ãna@contoso.example",
        "a" * 65 + "@contoso.example",
        "ana@x.example\r\nRCPT TO:<x@y.example>",
    ],
    ids=ascii,
)
def test_recipient_that_no_one_can_be_is_refused(address):
    with pytest.raises(UnreachableAddressError):
        make(address=address)


MAILBOXES = {
    "no-reply@contoso.example": ("", "no-reply@contoso.example"),
    "<no-reply@contoso.example>": ("", "no-reply@contoso.example"),
    "Contoso <no-reply@contoso.example>": ("Contoso", "no-reply@contoso.example"),
    "Contoso, Inc. <a@contoso.example>": ("Contoso, Inc.", "a@contoso.example"),
    '"Contoso, Inc." <a@contoso.example>': ("Contoso, Inc.", "a@contoso.example"),
    '"Say \\"hi\\"" <a@contoso.example>': ('Say "hi"', "a@contoso.example"),
    "Aurora Soluções <a@aurora.example>": ("Aurora Soluções", "a@aurora.example"),
    "=?utf-8?q?Aurora_Solu=C3=A7=C3=B5es?= <a@aurora.example>": (
        "Aurora Soluções",
        "a@aurora.example",
    ),
    "Aurora (Brasil): vendas; <a@aurora.example>": (
        "Aurora (Brasil): vendas;",
        "a@aurora.example",
    ),
    "Ação <olá@x.example>": None,
    "Aurora <a@soluções.example>": ("Aurora", "a@xn--solues-zua6i.example"),
    "日本 <a@例え.example>": ("日本", "a@xn--r8jz45g.example"),
    f"{'Companhia de Soluções ' * 9}<a@aurora.example>": (
        ("Companhia de Soluções " * 9).strip(),
        "a@aurora.example",
    ),
    "Contoso, Inc.": None,
    "": None,
    "a@b.example, c@d.example": None,
    "A <a@b.example>, B <c@d.example>": None,
    "A\r\nBcc: x <a@b.example>": None,
    "A <a@b.example> B": None,
}


@pytest.mark.parametrize(("written", "expected"), MAILBOXES.items(), ids=map(ascii, MAILBOXES))
def test_mailboxes_of_settings_are_read(written, expected):
    if expected is None:
        with pytest.raises(UnusableAddressError):
            read_mailbox(written)
        return
    mailbox = read_mailbox(written)
    assert (mailbox.name, mailbox.encoded) == expected


@pytest.mark.django_db
@pytest.mark.parametrize("written", [each for each in MAILBOXES if MAILBOXES[each]], ids=ascii)
def test_sender_and_reply_address_arrive_as_they_were_set(queue, smtp_server, settings, written):
    settings.DEFAULT_FROM_EMAIL = settings.OPERATOR_SUPPORT_EMAIL = written
    name, address = MAILBOXES[written]
    queue()

    assert delivery.deliver_due() == 1

    (mail,) = smtp_server.messages
    assert mail.sender == address
    assert mail.raw.isascii()
    for header in ("From", "Reply-To"):
        (found,) = mail.parsed[header].addresses
        # Blanks apart: Python's parser puts some between the parts of a long encoded name.
        assert found.display_name.replace(" ", "") == name.replace(" ", "")
        assert found.addr_spec == address
    assert mail.parsed["Message-ID"].endswith(f"@{address.partition('@')[2]}>")


@pytest.mark.parametrize("line", [f"--{BOUNDARY}", f"--{BOUNDARY}--"])
def test_words_cannot_end_a_part(line):
    words = Rendered("S", f"a\n{line}\nb\n", f"<p>a</p>\n{line}\n")

    parts = list(parse(make(words)).iter_parts())

    read = [part.get_content().splitlines() for part in parts]
    assert read == [words.text.splitlines(), words.html.splitlines()]
