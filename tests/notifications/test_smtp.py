"""What our SMTP backend adds to Django's: the server's answer, the email's name, a clean connection."""

import smtplib

import pytest
from django.core.mail import EmailMessage, get_connection

from notifications.identity import name_of
from notifications.models import Message
from notifications.words.composition import compose
from notifications.words.rendering import Rendered
from tests.servers.smtp import Behaviour


def make_email(address="ana@contoso.example"):
    message = Message(pk=7, key="k", to_name="Ana", to_address=address)
    return compose(message, Rendered("Subject", "Text\n", "<p>Text</p>"), connection=None)


def test_an_email_is_left_with_the_servers_answer(smtp_server):
    email = make_email()

    assert get_connection().send_messages([email]) == 1

    assert email.answer == "250 2.0.0 Accepted"
    assert smtp_server.recipients == ["ana@contoso.example"]


def test_an_email_that_is_not_from_the_outbox_is_sent_as_django_does(smtp_server):
    other = EmailMessage("Subject", "Text", "no-reply@x.example", ["a@x.example", "b@x.example"])

    assert get_connection().send_messages([make_email(), other]) == 2

    assert smtp_server.recipients == ["ana@contoso.example", "a@x.example", "b@x.example"]


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (Behaviour.REFUSE, smtplib.SMTPRecipientsRefused),
        (Behaviour.REFUSE_CONTENT, smtplib.SMTPDataError),
    ],
)
def test_after_a_refusal_the_connection_takes_the_next(smtp_server, behaviour, error):
    smtp_server.rule = lambda address: behaviour if "gone" in address else Behaviour.ACCEPT
    refused = make_email("gone@contoso.example")
    with get_connection() as backend:
        with pytest.raises(error):
            backend.send_messages([refused])

        assert backend.send_messages([make_email()]) == 1

    assert refused.answer == ""
    assert smtp_server.recipients == ["ana@contoso.example"]
    assert smtp_server.connections == 1


def test_after_a_fault_of_ours_the_connection_takes_the_next(smtp_server, monkeypatch):
    faulty = make_email()
    monkeypatch.setattr(faulty, "message", lambda: 1 / 0)
    with get_connection() as backend:
        with pytest.raises(ZeroDivisionError):
            backend.send_messages([faulty])

        assert backend.send_messages([make_email("next@contoso.example")]) == 1

    assert smtp_server.recipients == ["next@contoso.example"]
    assert smtp_server.connections == 1


@pytest.mark.parametrize("offers_reports", [True, False])
def test_a_server_that_offers_reports_is_told_the_emails_name(
    smtp_server, monkeypatch, offers_reports
):
    given = []

    def putcmd(client, command, arguments=""):
        if command == "mail":  # the tests' server knows no such options
            arguments, *options = arguments.split()
            given.extend(options)
        original(client, command, arguments)

    original = smtplib.SMTP.putcmd
    monkeypatch.setattr(smtplib.SMTP, "putcmd", putcmd)
    monkeypatch.setattr(
        smtplib.SMTP, "has_extn", lambda client, name: name == "dsn" and offers_reports
    )

    get_connection().send_messages([make_email()])

    name = name_of(Message(pk=7, key="k"))
    assert given == (["RET=HDRS", f"ENVID={name}"] if offers_reports else [])
