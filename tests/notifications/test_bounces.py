import base64
import datetime as dt

import pytest
from anymail.signals import AnymailTrackingEvent, EventType, tracking
from django.test import Client, override_settings
from django.utils import timezone

from notifications import bounces, delivery, outcomes
from notifications.enums import State
from notifications.identity import METADATA
from notifications.models import LookAtEntry, Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(queue, smtp_server, heard):
    message = queue()
    delivery.deliver_due()
    heard.events.clear()
    return message


def report(message_id, event_type=EventType.BOUNCED, **details):
    event = AnymailTrackingEvent(event_type=event_type, message_id=message_id, **details)
    tracking.send(sender=object, event=event, esp_name="Test")


def state():
    return Message.objects.get().state


@pytest.mark.parametrize("kind", ["bounced", "rejected", "failed", "complained"])
def test_report_marks_the_mail(sent, heard, kind):
    report(sent.message_id, kind, mta_response="550 5.1.1\r\nno such user")

    row = Message.objects.get()
    assert (row.state, row.last_error) == (State.BOUNCED, f"{kind}: 550 5.1.1 no such user")
    assert heard.events == [("bounced", "order:1")]


def test_repeated_report_changes_nothing(sent, heard):
    report(sent.message_id)
    report(sent.message_id)

    assert heard.events == [("bounced", "order:1")]


@pytest.mark.parametrize(
    "kind", ["delivered", "opened", "deferred", "unsubscribed", "autoresponded"]
)
def test_other_reports_change_nothing(sent, heard, kind):
    report(sent.message_id, kind)

    assert state() == State.SENT
    assert heard.events == []


def test_message_id_is_found_without_its_brackets(sent):
    report(sent.message_id.strip("<>"))

    assert state() == State.BOUNCED


@pytest.mark.parametrize(
    "other", ["", None, "abc", "<0123456789abcdef.1@northwind.example>", "<x@y>"]
)
def test_reports_about_unknown_mails_change_nothing(sent, heard, other):
    report(other)

    assert state() == State.SENT


def test_mail_services_own_id_is_found(sent):
    Message.objects.update(provider_id="esp-77")

    report("esp-77", description="mailbox full")

    assert Message.objects.get().last_error == "bounced: mailbox full"


def test_report_before_the_mark_is_asked_for_again(queue):
    message = queue()

    with pytest.raises(outcomes.NotSentYetError):
        report(message.message_id)
    assert state() == State.QUEUED


def test_receivers_fault_undoes_the_mark(sent, heard):
    heard.faults["bounced"] = [RuntimeError("fault")]

    with pytest.raises(RuntimeError):
        outcomes.mark_bounced(sent, reason="gone")

    assert state() == State.SENT
    assert outcomes.mark_bounced(sent, reason="gone") is True
    assert outcomes.mark_bounced(sent, reason="gone") is False


def test_failed_mail_does_not_bounce(queue):
    message = queue()
    Message.objects.update(state=State.FAILED)

    assert outcomes.mark_bounced(message, reason="gone") is False
    assert state() == State.FAILED


@override_settings(ANYMAIL={"WEBHOOK_SECRET": "name:secret"}, ROOT_URLCONF="anymail.urls")
def test_webhook_marks_the_mail(sent):
    Message.objects.update(provider_id="883953f4-6105-42a2-a16a-77a8eac79483")
    body = {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Email": "ana@contoso.example",
        "BouncedAt": timezone.now().isoformat(),
        "Description": "The server was unable to deliver your message",
        "Details": "550 5.1.1 no such user",
    }
    secret = base64.b64encode(b"name:secret").decode()

    answer = Client().post(
        "/postmark/tracking/",
        body,
        content_type="application/json",
        headers={"authorization": f"Basic {secret}"},
    )

    assert answer.status_code == 200
    assert Message.objects.get().state == State.BOUNCED
    assert "550 5.1.1 no such user" in Message.objects.get().last_error


def test_lookup_is_by_index_not_by_guess(sent):
    assert bounces.find_message(sent.message_id) == sent
    assert bounces.find_message(sent.message_id.replace(f".{sent.pk}@", f".{sent.pk + 1}@")) is None


@pytest.mark.parametrize(
    "told",
    [
        None,
        "2026-03-02",
        dt.datetime.fromisoformat("2026-03-02T00:00"),  # of no zone
        dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
    ],
)
def test_a_report_without_a_usable_instant_came_now(told):
    now = timezone.now()

    assert bounces._read_instant(told, now=now) == now
    assert bounces._read_instant(now + dt.timedelta(days=1), now=now) == now
    assert bounces._read_instant(now - dt.timedelta(days=1), now=now) < now


@pytest.mark.parametrize("hidden", ["\x00", "\ud800", "\u200b", "\ufeff", "\r\n"])
class TestTextThatNoOneSees:
    """What no database takes, or no one sees, is dropped before a report is matched."""

    def test_in_the_id(self, sent, hidden):
        Message.objects.update(provider_id="esp-77")

        report(f"esp-77{hidden}")

        assert state() == State.BOUNCED

    def test_in_an_id_that_names_nothing(self, sent, hidden):
        report(f"no{hidden}thing", recipient=f"no{hidden}body@else.example")

        assert state() == State.SENT
        assert LookAtEntry.objects.get().subject.count("@else.example") == 1

    def test_in_the_recipient(self, sent, hidden):
        report("", recipient=f"{hidden}{sent.to_address}{hidden}")

        assert state() == State.BOUNCED

    def test_in_our_own_name_of_it(self, sent, hidden):
        report("", metadata={METADATA: f"no{hidden}thing"})

        assert state() == State.SENT


@pytest.mark.parametrize(
    ("stored", "reported"),
    [
        ("ana@münchen.example", "ANA@xn--mnchen-3ya.example"),
        ("Ana@münchen.example", "ana@MÜNCHEN.example"),
        ("ana@straße.example", "ana@xn--strae-oqa.example"),
    ],
)
def test_recipients_are_compared_as_addresses_are_read(sent, stored, reported):
    Message.objects.update(to_address=stored)

    report("", recipient=reported)

    assert state() == State.BOUNCED
