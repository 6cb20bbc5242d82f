"""Whose fault a refusal is, by a mail server that misbehaves at each stage of the conversation [R21]."""

import datetime as dt
import smtplib

import pytest
from anymail.exceptions import AnymailInvalidAddress, AnymailRecipientsRefused
from anymail.exceptions import AnymailRequestsAPIError as ApiError
from django.utils import timezone

from notifications import delivery, outcomes, refusals, sending_state, to_look_at
from notifications.enums import LookAtKind, State
from notifications.models import Message
from notifications.refusals import About, UnreachableAddressError
from tests.servers.certificates import make_certificate
from tests.servers.scripted_smtp import Act, ScriptedSmtp

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
LONG = 8 * HOUR  # longer than any pause


@pytest.fixture
def server(settings):
    with ScriptedSmtp() as server:
        use(settings, server)
        yield server


def use(settings, server):
    settings.EMAIL_BACKEND = "notifications.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
    settings.EMAIL_TIMEOUT = 5


def get(key="order:1"):
    return Message.objects.get(key=key)


def entries():
    return {each.key: each for each in to_look_at.list_open()}


def deliver_often(times, *, every=LONG, start=None):
    start = start or timezone.now()
    for number in range(times):
        delivery.deliver_due(now=start + number * every)
    return start + times * every


REFUSES_US = {
    "banner": {"BANNER": "554 5.7.1 Your network is not welcome"},
    "busy banner": {"BANNER": "421 4.3.2 Too many connections"},
    "banner that is none": {"BANNER": b"\x00\xff\xfe HTTP/1.1 400"},
    "closed banner": {"BANNER": Act.CLOSE},
    "EHLO and HELO": {"EHLO": "550 5.7.1 Bad name", "HELO": "550 5.7.1 Bad name"},
    "unknown sender": {"MAIL": "553 5.1.8 Sender address rejected: Domain not found"},
    "foreign sender": {"MAIL": "553 Sender is not yours"},
    "daily quota": {"MAIL": "550 5.4.5 Daily user sending limit exceeded"},
    "own mailbox full": {"MAIL": "552 5.2.2 Your mailbox is over quota"},
    "quota without a code": {"MAIL": "552 Quota exceeded"},
    "sender's rate": {"MAIL": "451 4.7.1 Too many messages"},
    "sign in first": {"MAIL": "530 5.7.0 Must issue a STARTTLS command first"},
    "sign in at RCPT": {"RCPT": "530 5.7.1 Authentication required"},
}


@pytest.mark.parametrize("answers", REFUSES_US.values(), ids=REFUSES_US)
def test_server_that_refuses_us_fails_no_email_ever(server, queue, heard, answers):
    server.answers = dict(answers)
    queue("order:1")
    queue("order:2", to="rui@contoso.example")

    now = deliver_often(21)

    assert set(Message.objects.values_list("state", "attempts")) == {(State.QUEUED, 0)}
    assert "failed" not in dict(heard.events)
    (entry,) = to_look_at.list_open()
    assert (entry.kind, entry.key, entry.times) == (LookAtKind.EMAIL_REFUSED, "server", 21)
    assert entry.detail == get().last_error

    server.answers = {}
    assert delivery.deliver_due(now=now + LONG) == 2
    assert not to_look_at.list_open().exists()


REFUSES_THE_EMAIL = {
    "relay": {"RCPT": "554 5.7.1 Relay access denied"},
    "relay without a code": {"RCPT": "550 relay not permitted"},
    "relay, code at the end": {"RCPT": "553 not in my list of allowed rcpthosts (#5.7.1)"},
    "routing": {"RCPT": "550 5.4.1 Unable to route"},
    "protocol": {"RCPT": "503 5.5.1 Bad sequence"},
    "sender's address": {"RCPT": "550 5.1.7 Sender address has bad syntax"},
    "a service's own limit": {"RCPT": "550 5.1.90 You have reached your daily limit"},
    "no mailbox is named": {"RCPT": "554 Transaction failed"},
    "no longer than": {"RCPT": "550 " + "5.7.1 " + "x" * 400},
    "DATA": {"DATA": "554 5.5.1 No valid recipients"},
    "may not send as": {"DATA-END": "550 5.7.60 SMTP; Client does not have permissions to send as"},
    "SendAsDenied": {"DATA-END": "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException"},
    "SendAsDenied now": {"DATA-END": "554 5.2.252 SendAsDenied; may not send as"},
    "spam": {"DATA-END": "550 5.7.1 Message contains spam"},
    "policy without a code": {"DATA-END": "550 Rejected"},
    "too large": {"DATA-END": "552 5.3.4 Message too big"},
}


@pytest.mark.parametrize("answers", REFUSES_THE_EMAIL.values(), ids=REFUSES_THE_EMAIL)
def test_email_refused_because_of_us_is_kept_past_all_attempts(server, queue, heard, answers):
    server.answers = dict(answers)
    queue()
    started = timezone.now()

    now = deliver_often(21, start=started)

    row = get()
    assert (row.state, row.attempts, row.refused_since) == (State.QUEUED, 21, started)
    assert ("failed", "order:1") not in heard.events
    entry = entries()["emails"]
    assert (entry.kind, entry.detail) == (LookAtKind.EMAIL_REFUSED, row.last_error)
    assert entry.since == started

    server.answers = {}
    assert delivery.deliver_due(now=now + LONG) == 1
    assert (get().state, get().refused_since) == (State.SENT, None)
    assert not to_look_at.list_open().exists()


ABOUT_THE_RECIPIENT = {
    "unknown": {"RCPT": "550 5.1.1 No such user"},
    "unknown, an older code": {"RCPT": "550 #5.1.0 Address rejected."},
    "unknown, no code": {"RCPT": "550 No such user here"},
    "a name is no reason": {"RCPT": "550 <sender.relay@contoso.example>: User unknown"},
    "no such domain": {"RCPT": "550 5.1.2 Domain not found"},
    "takes no email": {"RCPT": "556 5.1.10 Recipient address has null MX"},
    "disabled": {"RCPT": "550 5.2.1 The account is disabled"},
    "full": {"RCPT": "552 5.2.2 Mailbox full"},
    "full, no code": {"RCPT": "552 Mailbox full"},
    "moved": {"RCPT": "551 User not local"},
    "two lines": {"RCPT": "550-5.1.1 No such user\r\n550 5.1.1 here"},
    "full after the message": {"DATA-END": "552 5.2.2 Mailbox full"},
    "unknown after the message": {"DATA-END": "550 5.1.1 Unknown recipient"},
}


@pytest.mark.parametrize("answers", ABOUT_THE_RECIPIENT.values(), ids=ABOUT_THE_RECIPIENT)
def test_what_is_about_the_recipient_fails_at_once(server, queue, heard, answers):
    server.answers = dict(answers)
    queue()

    delivery.deliver_due()

    assert (get().state, get().attempts) == (State.FAILED, 1)
    assert heard.events[-1] == ("failed", "order:1")
    assert not to_look_at.list_open().exists()


def test_other_emails_go_out_while_one_is_refused(server, queue):
    server.answers["RCPT"] = lambda line: (
        "554 5.7.1 Relay access denied" if b"far" in line else None
    )
    queue("order:1", to="ana@far.example")
    queue("order:2", to="ana@near.example")

    assert delivery.deliver_due() == 1

    assert (get("order:1").state, get("order:2").state) == (State.QUEUED, State.SENT)
    assert set(entries()) == {"emails"}


def test_recipients_side_that_puts_off_for_ever_fails_in_the_end(server, queue, heard):
    server.answers["RCPT"] = "452 4.2.2 Mailbox full, try later"
    queue()

    deliver_often(outcomes.MAX_ATTEMPTS - 1)
    assert (get().state, get().attempts) == (State.QUEUED, outcomes.MAX_ATTEMPTS - 1)
    deliver_often(1, start=timezone.now() + 30 * LONG)

    assert (get().state, get().attempts) == (State.FAILED, outcomes.MAX_ATTEMPTS)
    assert heard.events.count(("failed", "order:1")) == 1


def test_refusals_of_us_use_up_no_chance_of_the_recipient(server, queue):
    server.answers["RCPT"] = "554 5.7.1 Relay access denied"
    queue()
    now = deliver_often(30)

    server.answers["RCPT"] = "452 4.2.2 Mailbox full, try later"
    delivery.deliver_due(now=now)

    row = get()
    assert (row.state, row.attempts, row.counted_attempts) == (State.QUEUED, 31, 1)
    assert row.refused_since is None


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("MAIL", "451 4.7.1 Too many messages"),
        ("RCPT", "451 4.7.1 Greylisted, try again in five minutes"),
        ("RCPT", "452 4.2.2 Mailbox full, try later"),
        ("DATA-END", "451 4.3.0 Try again later"),
    ],
)
def test_the_pause_after_a_first_refusal_is_the_first(server, queue, stage, answer):
    server.answers[stage] = answer
    queue()
    now = timezone.now()

    delivery.deliver_due(now=now)

    assert 0.8 <= (get().next_attempt_at - now) / outcomes.FIRST_PAUSE <= 1.2


def test_greylisting_is_routine_until_it_lasts(server, queue):
    server.answers["RCPT"] = "451 4.7.1 Greylisted, try again in five minutes"
    queue()
    start = timezone.now()

    deliver_often(3, every=HOUR / 4, start=start)
    assert get().state == State.QUEUED
    assert entries() == {}
    deliver_often(21, start=start + HOUR)

    assert (get().state, get().counted_attempts) == (State.QUEUED, 0)
    assert entries()["emails"].detail.startswith("451 4.7.1")


def test_server_that_closes_now_and_then_is_routine(server, queue):
    closed = []

    def close_once(line):
        closed.append(line)
        return "421 4.7.0 Too many messages, closing" if len(closed) == 2 else None

    server.answers["MAIL"] = close_once
    for number in range(1, 4):
        queue(f"order:{number}")

    assert delivery.deliver_due() == 2

    assert entries() == {}
    assert server.connections == 2
    assert delivery.deliver_due(now=timezone.now() + HOUR) == 1


@pytest.mark.parametrize("answer", [Act.CLOSE, "421 4.3.2 Shutting down"], ids=["close", "421"])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "DATA-END"])
def test_server_that_always_breaks_off_fails_no_email(server, queue, heard, stage, answer):
    server.answers[stage] = answer
    for number in range(1, 5):
        queue(f"order:{number}")

    now = deliver_often(21)

    assert set(Message.objects.values_list("state", flat=True)) == {State.QUEUED}
    assert "failed" not in dict(heard.events)
    assert "server" in entries()
    server.answers = {}
    assert delivery.deliver_due(now=now + LONG) == 4
    assert entries() == {}


def test_server_that_hangs_after_the_message_fails_no_email(server, queue, settings):
    settings.EMAIL_TIMEOUT = 0.2
    server.answers["DATA-END"] = Act.HANG
    queue()

    deliver_often(3)

    assert (get().state, get().attempts, get().counted_attempts) == (State.QUEUED, 3, 0)
    assert "timed out" in get().last_error
    assert "emails" in entries()


def test_nothing_is_sent_where_starttls_is_demanded_and_not_offered(server, queue, settings):
    settings.EMAIL_USE_TLS = True
    queue()

    deliver_often(21)

    assert (get().state, get().attempts, server.mails) == (State.QUEUED, 0, [])
    assert "STARTTLS" in entries()["server"].detail
    assert "MAIL" not in server.verbs


def test_refused_sign_in_keeps_the_email_and_does_not_hammer_the_account(
    queue, settings, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(make_certificate()))
    with ScriptedSmtp(extensions=("STARTTLS", "AUTH PLAIN")) as server:
        use(settings, server)
        settings.EMAIL_USE_TLS = True
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "cpor", "wrong"
        server.answers["AUTH"] = "535 5.7.8 Authentication credentials invalid"
        queue()
        start = timezone.now()

        deliver_often(240, every=dt.timedelta(seconds=15), start=start)  # an hour of sweeps

        assert (get().state, get().attempts) == (State.QUEUED, 0)
        assert entries()["server"].detail.startswith("535 5.7.8")
        assert "sign-in" in entries()["server"].subject
        assert server.verbs.count("AUTH") <= 12
        server.answers = {}
        assert delivery.deliver_due(now=start + 2 * HOUR) == 1
        assert entries() == {}


def test_certificate_of_a_stranger_is_refused(queue, settings):
    with ScriptedSmtp(implicit_tls=True) as server:
        use(settings, server)
        settings.EMAIL_USE_SSL = True
        queue()

        delivery.deliver_due()

        assert (get().state, server.lines) == (State.QUEUED, [])
        assert "CERTIFICATE_VERIFY_FAILED" in entries()["server"].detail


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (b"550 5.1.1 No\x00 such \xff user\x1b[31m", "550 5.1.1 No such ÿ user[31m"),
        ("550 5.1.1 Não há ninguém aqui", "550 5.1.1 Não há ninguém aqui"),
        (b"550 5.1.1 " + b"x" * 5000, "550 5.1.1 " + "x" * 990),
    ],
    ids=["bytes", "words", "long"],
)
@pytest.mark.django_db(transaction=True)
def test_any_bytes_in_an_answer_are_kept_as_words(server, queue, answer, kept):
    server.answers["RCPT"] = answer
    queue()

    delivery.deliver_due()

    assert (get().state, get().last_error) == (State.FAILED, kept)


@pytest.mark.django_db(transaction=True)
def test_sender_setting_that_is_none_keeps_every_email(server, queue, settings):
    queue()
    settings.DEFAULT_FROM_EMAIL = "Contoso, Inc."

    deliver_often(21)

    assert (get().state, get().attempts, server.connections) == (State.QUEUED, 0, 0)
    assert "Contoso, Inc." in entries()["server"].detail


def test_fault_of_ours_is_for_staff_and_never_for_the_partner(server, queue, heard):
    queue()
    Message.objects.update(kind="no-such-kind")

    deliver_often(21)

    assert get().state == State.QUEUED
    assert ("failed", "order:1") not in heard.events
    assert "TemplateDoesNotExist" in entries()["emails"].detail


def test_staff_who_try_again_do_not_wait_for_the_pause(server, queue):
    server.answers["MAIL"] = "550 5.4.5 Quota exceeded"
    message = queue()
    start = timezone.now()
    deliver_often(8, every=HOUR, start=start)
    now = start + 8 * HOUR - HOUR * 0.99
    server.answers = {}
    assert delivery.deliver_due(now=now) == 0

    outcomes.retry_now(message, now=now)
    sending_state.try_at_once(now=now)

    assert delivery.deliver_due(now=now) == 1


def test_kept_email_can_be_given_up_by_staff(server, queue, heard):
    server.answers["RCPT"] = "550 5.7.133 Only people of this company may write to the list"
    message = queue("order:1")
    waiting = queue("order:2")
    Message.objects.filter(pk=waiting.pk).update(next_attempt_at=timezone.now() + HOUR)
    delivery.deliver_due()

    assert outcomes.mark_bounced(message, reason="a list") is True
    with pytest.raises(outcomes.NotSentYetError):
        outcomes.mark_bounced(waiting, reason="it was never tried")

    assert (get().state, get().last_error, get().refused_since) == (State.BOUNCED, "a list", None)
    assert heard.events[-1] == ("bounced", "order:1")
    server.answers = {}
    delivery.deliver_due(now=timezone.now() + LONG)
    assert entries() == {}


@pytest.mark.parametrize(
    ("error", "about", "is_permanent"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no")}), About.RECIPIENT, True),
        (smtplib.SMTPRecipientsRefused({"a": (450, b"busy")}), About.RECIPIENT, False),
        (smtplib.SMTPRecipientsRefused({"a": (550, b"4.2.2 full")}), About.RECIPIENT, False),
        (smtplib.SMTPRecipientsRefused({"a": (450, b"greylisted")}), About.EMAIL, False),
        (smtplib.SMTPRecipientsRefused({"a": (451, b"local error")}), About.EMAIL, False),
        (smtplib.SMTPRecipientsRefused({"a": (452, b"4.3.1 disk full")}), About.EMAIL, False),
        (smtplib.SMTPRecipientsRefused({"a": (421, b"bye")}), About.CONNECTION, False),
        (smtplib.SMTPRecipientsRefused({"a": (535, b"sign in")}), About.SERVER, True),
        (smtplib.SMTPSenderRefused(553, b"no", "x"), About.SERVER, True),
        (smtplib.SMTPDataError(554, b"spam"), About.EMAIL, True),
        (smtplib.SMTPDataError(452, b"full"), About.EMAIL, False),
        (smtplib.SMTPDataError(421, b"bye"), About.CONNECTION, False),
        (smtplib.SMTPServerDisconnected("gone"), About.CONNECTION, False),
        (TimeoutError("slow"), About.CONNECTION, False),
        (smtplib.SMTPNotSupportedError("SMTPUTF8"), About.SERVER, True),
        (AnymailRecipientsRefused(), About.RECIPIENT, True),
        (AnymailInvalidAddress("Invalid email address in `from_email`"), About.EMAIL, False),
        (ApiError("no answer"), About.SERVER, True),
        (ApiError("sign in", status_code=401), About.SERVER, True),
        (ApiError("too fast", status_code=429), About.SERVER, True),
        (ApiError("broken", status_code=503), About.SERVER, True),
        (ApiError("this one", status_code=422), About.EMAIL, True),
        (ValueError("ours"), About.EMAIL, False),
    ],
    ids=repr,
)
def test_errors_are_read(error, about, is_permanent):
    if isinstance(error, ApiError):
        error.describe_response = lambda: None  # there is no response to describe
    refusal = refusals.read_refusal(error)

    assert (refusal.about, refusal.is_permanent) == (about, is_permanent)
    assert "\n" not in refusal.words


def test_address_that_is_none_is_the_recipients(server, queue, heard):
    assert refusals.read_own_fault(UnreachableAddressError("x")).about is About.RECIPIENT
    queue(to="ana@" + "x" * 64 + ".example")

    delivery.deliver_due()

    assert get().state == State.FAILED
    assert heard.events[-1] == ("failed", "order:1")
