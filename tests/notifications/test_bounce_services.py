"""A bounce report of each service that the documentation names finds its email [R21]."""

import datetime as dt
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone

from notifications import delivery
from notifications.enums import LookAtKind, State
from notifications.identity import HEADER, SERVICE_HEADERS, name_of
from notifications.models import LookAtEntry, Message

from . import webhooks

pytestmark = [
    pytest.mark.django_db,
    # django-anymail looks after SendGrid no more; its webhook still reads what SendGrid sends.
    pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning"),
]
ANA = "ana@contoso.example"


@pytest.fixture(autouse=True)
def hooks():
    with override_settings(ANYMAIL=webhooks.SETTINGS, ROOT_URLCONF="tests.notifications.hook_urls"):
        yield


@pytest.fixture
def send(queue, smtp_server, transactional_db):
    """Send an email as if ``service`` stood behind the mail server; return its row and its headers."""

    def make(service="", **details):
        with override_settings(EMAIL_SERVICE=service):
            message = queue(**details)
            delivery.deliver_due()
        message.refresh_from_db()
        assert message.state == State.SENT
        return message, smtp_server.messages[-1].parsed

    return make


def report(make, *, to=ANA, gives_back="", at=None):
    service = make.__name__
    return webhooks.post(Client(), service, make(to, gives_back, at or timezone.now()))


def entries():
    return LookAtEntry.objects.filter(kind=LookAtKind.BOUNCE_UNMATCHED, closed_at=None)


@pytest.mark.parametrize("make", webhooks.NAMING, ids=lambda make: make.__name__)
def test_the_header_it_gives_back_names_the_email(send, make):
    """Another email to the same person is younger, so that neither recipient nor time would find it."""
    header, _form = SERVICE_HEADERS[make.__name__]
    message, headers = send(make.__name__, key="order:1")
    younger, _headers = send(make.__name__, key="order:2")

    answer = report(make, to="forwarded@elsewhere.example", gives_back=headers[header])

    assert answer.status_code == 200
    message.refresh_from_db()
    younger.refresh_from_db()
    assert (message.state, younger.state) == (State.BOUNCED, State.SENT)
    assert not entries().exists()


@pytest.mark.parametrize("make", webhooks.NAMING + webhooks.SILENT, ids=lambda make: make.__name__)
def test_without_that_header_recipient_and_time_do(send, make):
    message, _headers = send(key="order:1")

    answer = report(make, to=ANA.upper())

    assert answer.status_code == 200
    message.refresh_from_db()
    assert message.state == State.BOUNCED
    assert not entries().exists()


@pytest.mark.parametrize("make", webhooks.NAMING + webhooks.SILENT, ids=lambda make: make.__name__)
def test_what_matches_nothing_is_for_staff_to_look_at(send, make, caplog):
    message, _headers = send(key="order:1")

    for _ in range(2):
        answer = report(make, to="somebody@elsewhere.example")

    assert answer.status_code == 200
    message.refresh_from_db()
    assert message.state == State.SENT
    entry = entries().get()
    assert (entry.subject, entry.times) == ("somebody@elsewhere.example", 2)
    assert "bounce" in entry.detail.lower()
    assert any(each.levelname == "ERROR" for each in caplog.records)


def test_every_email_carries_our_name_of_it(send):
    message, headers = send(key="order:1")

    assert headers[HEADER] == name_of(message)
    assert not [each for each, _form in SERVICE_HEADERS.values() if each in headers]


def test_the_documentation_names_each_of_them():
    words = (Path(settings.BASE_DIR) / "docs" / "operations.md").read_text()

    for make in webhooks.NAMING + webhooks.SILENT:
        assert f"`{make.__name__}`" in words
    assert {make.__name__ for make in webhooks.NAMING} == set(SERVICE_HEADERS)


class TestRecipientAndTime:
    def test_of_several_the_newest_is_meant_and_staff_are_shown_all(self, send):
        older, _headers = send(key="order:1")
        newer, _headers = send(key="order:2")

        report(webhooks.mailersend)

        older.refresh_from_db()
        newer.refresh_from_db()
        assert (older.state, newer.state) == (State.SENT, State.BOUNCED)
        assert "order:1" in entries().get().detail

    def test_what_was_sent_after_the_report_or_long_before_is_not_meant(self, send):
        message, _headers = send(key="order:1")
        for age in (dt.timedelta(days=8), dt.timedelta(minutes=-10)):
            Message.objects.update(sent_at=timezone.now() - age)
            report(webhooks.mailersend)

        message.refresh_from_db()
        assert message.state == State.SENT
        assert entries().get().times == 2

    @pytest.mark.parametrize(("later", "is_meant"), [(300, True), (301, False)])
    def test_another_machines_clock_may_be_five_minutes_behind(self, send, later, is_meant):
        message, _headers = send(key="order:1")
        at = timezone.now().replace(microsecond=0)
        Message.objects.update(sent_at=at + dt.timedelta(seconds=later))

        report(webhooks.mailersend, at=at)

        message.refresh_from_db()
        assert message.state == (State.BOUNCED if is_meant else State.SENT)

    def test_a_repeated_report_is_known_and_no_new_matter(self, send):
        send(key="order:1")

        for _ in range(3):
            report(webhooks.mailersend)

        assert Message.objects.get().state == State.BOUNCED
        assert not entries().exists()

    def test_a_report_that_overtakes_the_mark_is_asked_for_again(self, send):
        send(key="order:1")
        Message.objects.update(state=State.IN_FLIGHT, sent_at=None)
        client = Client(raise_request_exception=False)

        body = webhooks.mailersend(ANA, "", timezone.now())
        answer = webhooks.post(client, "mailersend", body)

        assert answer.status_code == 500
        assert not entries().exists()

    def test_a_report_with_nothing_in_it_is_for_staff_too(self, send):
        send(key="order:1")

        answer = report(webhooks.brevo, to="\x00")

        assert answer.status_code == 200
        assert entries().exists()
