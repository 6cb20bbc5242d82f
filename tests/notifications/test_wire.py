import time
from email import message_from_bytes, policy

import pytest
from django.core.mail import BadHeaderError, get_connection
from django.core.mail.backends.locmem import EmailBackend as MemoryBackend

from notifications.composition import compose
from notifications.models import Message
from notifications.rendering import Rendered
from notifications.wire import encode_words

WORDS = Rendered("Olá, Zoë", "Olá\n.\n..dots\n", "<p>Olá</p>\n")


def make(rendered=WORDS, *, name="Ana", address="ana@contoso.example", connection=None):
    message = Message(pk=7, key="k", to_name=name, to_address=address)
    return compose(message, rendered, connection=connection or get_connection())


@pytest.fixture(autouse=True)
def plain_smtp(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


def parse(email):
    return message_from_bytes(email.message().as_bytes(linesep="\r\n"), policy=policy.default)


@pytest.mark.parametrize(
    "name", ["", "Ana", 'Ana "A." (x), Silva', "Zoë Müller", "山田" * 6], ids=ascii
)
def test_bytes_mean_what_djangos_mean(name, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    ours = parse(make(name=name))
    djangos = message_from_bytes(
        make(name=name, connection=MemoryBackend()).message().as_bytes(linesep="\r\n"),
        policy=policy.default,
    )

    assert set(ours.keys()) == set(djangos.keys())
    for header in set(ours.keys()) - {"Content-Type"}:
        assert str(ours[header]) == str(djangos[header])
    for kind in ("plain", "html"):
        assert ours.get_body((kind,)).get_content() == djangos.get_body((kind,)).get_content()
    assert ours["To"].addresses[0].display_name == name
    assert ours.defects == []


@pytest.mark.parametrize("connection", [None, MemoryBackend()], ids=["by hand", "by Django"])
def test_long_names_are_folded(connection):
    content = make(name="山田" * 70, connection=connection).message().as_bytes(linesep="\r\n")

    assert max(len(line) for line in content.split(b"\r\n")) <= 120
    address = message_from_bytes(content, policy=policy.default)["To"].addresses[0]
    assert address.display_name.replace(" ", "") == "山田" * 70  # Python's parser adds the blanks
    assert address.addr_spec == "ana@contoso.example"


def test_other_backends_get_djangos_message():
    email = make(connection=MemoryBackend())

    assert email.message()["Subject"] == "=?utf-8?b?T2zDoSwgWm/Dqw==?="
    assert email.recipients() == ['"Ana" <ana@contoso.example>']


def test_lines_are_short_enough_for_smtp():
    rendered = Rendered("Long", "word " * 5000, f"<p>{'ã' * 5000}</p>")

    content = make(rendered).message().as_bytes(linesep="\r\n")

    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    parsed = message_from_bytes(content, policy=policy.default)
    assert parsed.get_body(("plain",)).get_content() == "word " * 5000
    assert parsed.get_body(("html",)).get_content() == f"<p>{'ã' * 5000}</p>"


def test_line_ends_are_those_of_smtp():
    content = make(Rendered("S", "a\rb\r\nc\nd", "<p>")).message().as_bytes(linesep="\r\n")

    assert b"a\r\nb\r\nc\r\nd" in content
    assert content.replace(b"\r\n", b"").find(b"\r") == -1
    assert content.replace(b"\r\n", b"").find(b"\n") == -1


def test_words_cannot_end_their_part():
    boundary = parse(make()).get_boundary()

    parsed = parse(make(Rendered("S", f"--{boundary}--\nrest\n", "<p>h</p>\n")))

    assert parsed.get_body(("plain",)).get_content().splitlines() == [f"--{boundary}--", "rest"]


@pytest.mark.parametrize("value", ["a\nBcc: x@y.example", "a\rb", "a\r\n b"])
def test_line_break_in_a_header_is_refused(value):
    with pytest.raises(BadHeaderError, match="Subject"):
        encode_words("Subject", value)
    with pytest.raises(BadHeaderError):
        make(Rendered(value, "t", "h")).message().as_bytes(linesep="\r\n")


def test_line_break_in_a_name_is_taken_out():
    assert parse(make(name="Ana\r\nBcc: x@y.example"))["Bcc"] is None


@pytest.mark.parametrize("length", [10, 75, 300])
def test_long_subjects_are_folded(length):
    subject = ("word " * length)[:length].strip()

    content = make(Rendered(subject, "t", "h")).message().as_bytes(linesep="\r\n")

    assert max(len(line) for line in content.split(b"\r\n")) <= 120
    assert message_from_bytes(content, policy=policy.default)["Subject"] == subject


def test_international_domain_is_written_in_ascii():
    email = make(address="ana@müller.example")

    assert parse(email)["To"].addresses[0].domain == "xn--mller-kva.example"
