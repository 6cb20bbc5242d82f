import datetime as dt
import smtplib
import time
from email.utils import parseaddr

import pytest
from django.db import connection, transaction
from django.utils import timezone

from notifications import delivery, leases, outcomes
from notifications.enums import State
from notifications.models import Message
from notifications.signals import message_preparing, message_sent
from notifications.tasks import deliver_outbox
from notifications.words import rendering
from tests.servers.smtp import Behaviour

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def get(key="order:1"):
    return Message.objects.get(key=key)


def test_mail_is_sent_and_marked(queue, smtp_server, heard):
    before = timezone.now()
    message = queue(name="Zoë Müller", order="Nº 7")

    assert delivery.deliver_due() == 1

    (mail,) = smtp_server.messages
    row = get()
    rendered = rendering.render(row)
    assert mail.recipients == ("ana@contoso.example",)
    assert mail.sender == "no-reply@northwind.example"
    assert mail.subject == rendered.subject == "Order Nº 7 has left"
    assert mail.text.replace("\r\n", "\n") == rendered.text
    assert mail.html.replace("\r\n", "\n").strip() == rendered.html
    assert (row.state, row.attempts, row.last_error, row.leased_until) == (State.SENT, 1, "", None)
    assert before <= row.sent_at <= timezone.now()
    assert row.answer == "250 2.0.0 Accepted"
    assert heard.events == [("preparing", message.key), ("sent", message.key)]
    assert heard.rendered == [rendered]


def test_headers(queue, smtp_server):
    message = queue(name="Zoë Müller")

    delivery.deliver_due()

    headers = smtp_server.messages[0].parsed
    assert headers["Message-ID"] == message.message_id
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["X-Auto-Response-Suppress"] == "All"
    assert parseaddr(headers["Reply-To"])[1] == "partner-support@northwind.example"
    assert str(headers["From"]) == "Northwind Cloud <no-reply@northwind.example>"
    assert headers["To"].addresses[0].display_name == "Zoë Müller"
    assert headers["To"].addresses[0].addr_spec == "ana@contoso.example"
    assert abs(timezone.now().replace(tzinfo=None) - headers["Date"].datetime) < HOUR
    assert not [name for name, _value in headers.items() if name.lower().startswith("list-")]


def test_second_delivery_sends_nothing(queue, smtp_server):
    queue()
    delivery.deliver_due()

    assert delivery.deliver_due() == 0
    assert len(smtp_server.messages) == 1


def test_task_delivers(queue, smtp_server):
    queue()

    deliver_outbox()

    assert get().state == State.SENT


def test_one_connection_serves_a_batch(queue, smtp_server):
    for number in range(7):
        queue(f"order:{number}", to=f"ana{number}@contoso.example")

    assert delivery.deliver_due(batch=4) == 7

    assert sorted(smtp_server.recipients) == [f"ana{n}@contoso.example" for n in range(7)]
    assert smtp_server.connections == 2


@pytest.mark.django_db(transaction=True)
def test_sending_is_outside_any_transaction(queue, smtp_server, monkeypatch):
    seen = []

    def data(client, *args, **kwargs):
        seen.append(("sending", connection.in_atomic_block))
        return original(client, *args, **kwargs)

    def receive(sender, **kwargs):
        seen.append(("telling", connection.in_atomic_block))

    original = smtplib.SMTP.data
    monkeypatch.setattr(smtplib.SMTP, "data", data)
    message_sent.connect(receive)
    queue()
    delivery.deliver_due()
    message_sent.disconnect(receive)

    assert seen == [("sending", False), ("telling", True)]


def test_refused_recipient_fails_at_once(queue, smtp_server, heard):
    smtp_server.rule = lambda address: Behaviour.REFUSE if "gone" in address else Behaviour.ACCEPT
    queue("order:1", to="gone@contoso.example")
    queue("order:2")

    assert delivery.deliver_due() == 1

    row = get()
    assert (row.state, row.attempts) == (State.FAILED, 1)
    assert row.last_error == "550 5.1.1 No such mailbox here"
    assert ("failed", "order:1") in heard.events
    assert get("order:2").state == State.SENT
    assert smtp_server.connections == 1


def test_address_that_is_none_fails_at_once(queue, smtp_server, heard):
    queue(to="not an address\r\nRCPT TO:<x@contoso.example>")

    delivery.deliver_due()

    assert get().state == State.FAILED
    assert smtp_server.messages == []
    assert heard.events[-1] == ("failed", "order:1")


def test_deferred_mail_is_tried_again_later(queue, smtp_server, heard):
    smtp_server.behave(Behaviour.DEFER)
    queue()
    now = timezone.now()

    delivery.deliver_due(now=now)

    row = get()
    assert (row.state, row.attempts) == (State.QUEUED, 1)
    assert row.last_error == "451 4.7.1 Try again later"
    assert 20 < (row.next_attempt_at - now).total_seconds() < 40
    assert ("failed", "order:1") not in heard.events

    smtp_server.behave(Behaviour.ACCEPT)
    assert delivery.deliver_due(now=now) == 0
    assert delivery.deliver_due(now=now + HOUR) == 1
    assert (get().state, get().attempts, get().last_error) == (State.SENT, 2, "")


def test_pauses_grow_to_a_limit():
    pauses = [outcomes.pause(attempts).total_seconds() for attempts in range(1, 20)]

    assert 24 <= pauses[0] <= 36
    assert all(24 * 2**n <= pauses[n] <= 36 * 2**n for n in range(9))
    assert all(0.8 * 21_600 <= pause <= 1.2 * 21_600 for pause in pauses[10:])
    assert len({outcomes.pause(5) for _ in range(20)}) > 1


def test_mail_server_down_costs_no_attempt(queue, smtp_server, settings):
    smtp_server.stop()
    queue("order:1")
    queue("order:2")
    now = timezone.now()

    assert delivery.deliver_due(now=now) == 0

    for row in Message.objects.all():
        assert (row.state, row.attempts, row.leased_until) == (State.QUEUED, 0, None)
        assert row.next_attempt_at > now
        assert "refused" in row.last_error

    smtp_server.start()
    assert delivery.deliver_due(now=now + HOUR) == 2


def test_hanging_server_is_left_alone_after_two_mails(queue, smtp_server, settings):
    settings.EMAIL_TIMEOUT = 0.3
    smtp_server.behave(Behaviour.HANG)
    for number in range(6):
        queue(f"order:{number}")
    started = time.monotonic()

    assert delivery.deliver_due() == 0

    assert time.monotonic() - started < 4
    assert sorted(Message.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1, 1]
    assert set(Message.objects.values_list("state", flat=True)) == {State.QUEUED}
    assert not Message.objects.filter(next_attempt_at__lte=timezone.now()).exists()


def test_connection_lost_once_does_not_stop_the_batch(queue, smtp_server):
    smtp_server.rule = lambda address: Behaviour.DROP if "drop" in address else Behaviour.ACCEPT
    queue("order:1", to="drop@contoso.example")
    queue("order:2", to="ana@contoso.example")

    assert delivery.deliver_due() == 1

    assert smtp_server.recipients == ["ana@contoso.example"]
    assert (get("order:1").state, get("order:1").attempts) == (State.QUEUED, 1)
    assert smtp_server.connections == 2


def test_repeat_after_a_lost_reply_has_the_same_message_id(queue, smtp_server):
    smtp_server.behave(Behaviour.LOSE_REPLY)
    queue()
    now = timezone.now()
    delivery.deliver_due(now=now)
    smtp_server.behave(Behaviour.ACCEPT)

    delivery.deliver_due(now=now + HOUR)

    first, second = (mail.parsed["Message-ID"] for mail in smtp_server.messages)
    assert first == second == get().message_id


def test_round_that_is_over_gives_the_rest_back(queue, smtp_server, monkeypatch):
    for number in range(3):
        queue(f"order:{number}")
    monkeypatch.setattr(delivery, "ROUND", -1)

    assert delivery.deliver_due() == 0

    assert set(Message.objects.values_list("state", "attempts")) == {(State.QUEUED, 0)}
    monkeypatch.setattr(delivery, "ROUND", 60)
    assert delivery.deliver_due() == 3


def test_what_a_dead_sender_left_is_rescued(queue, smtp_server):
    queue()
    now = timezone.now()
    leases.lease_due(batch=10, now=now)

    assert delivery.deliver_due(now=now + leases.LEASE / 2) == 0
    assert get().state == State.IN_FLIGHT

    assert delivery.deliver_due(now=now + leases.LEASE) == 1
    assert (get().state, get().attempts) == (State.SENT, 1)


def test_sender_that_lost_its_lease_changes_nothing(queue, heard):
    queue()
    now = timezone.now()
    (late,) = leases.lease_due(batch=1, now=now)
    delivery.rescue_stuck(now + leases.LEASE)
    (held,) = leases.lease_due(batch=1, now=now + leases.LEASE)

    with pytest.raises(outcomes.LeaseLostError):
        outcomes.mark_sent(late, rendered=rendering.render(late), now=now)
    with pytest.raises(outcomes.LeaseLostError):
        outcomes.mark_failed(late, reason="late", now=now)
    assert (get().state, get().leased_until) == (State.IN_FLIGHT, held.leased_until)
    assert heard.events == []


def test_template_fault_counts_and_stops_no_other(queue, smtp_server, heard):
    queue("order:1")
    queue("order:2")
    Message.objects.filter(key="order:1").update(kind="no-such-kind")

    assert delivery.deliver_due() == 1

    row = get()
    assert (row.state, row.attempts) == (State.QUEUED, 1)
    assert "TemplateDoesNotExist" in row.last_error
    assert get("order:2").state == State.SENT


def test_receiver_may_change_values_before_the_mail_is_written(queue, smtp_server):
    def set_order(sender, message, **kwargs):
        message.context["order"] = "CHANGED"

    message_preparing.connect(set_order)
    queue(order="first")

    delivery.deliver_due()
    message_preparing.disconnect(set_order)

    assert smtp_server.messages[0].subject == "Order CHANGED has left"
    assert get().context["order"] == "CHANGED"


def test_fault_while_preparing_counts_and_stops_no_other(queue, smtp_server, heard):
    heard.faults["preparing"] = [OSError("disk")]
    queue("order:1")
    queue("order:2")

    assert delivery.deliver_due() == 1

    assert (get("order:1").state, get("order:1").attempts) == (State.QUEUED, 1)
    assert smtp_server.connections == 1


@pytest.mark.django_db(transaction=True)
def test_receivers_write_in_the_transaction_of_the_mark(queue, smtp_server):
    def write_then_fail(sender, message, **kwargs):
        assert connection.in_atomic_block
        assert get().state == State.SENT
        Message.objects.filter(pk=message.pk).update(to_name="written by the receiver")
        raise RuntimeError("fault")

    message_sent.connect(write_then_fail)
    queue()
    delivery.deliver_due()
    message_sent.disconnect(write_then_fail)

    assert get().to_name == "Ana"


def test_receivers_fault_never_sends_the_mail_again(queue, smtp_server, heard):
    heard.faults["sent"] = [RuntimeError("one"), RuntimeError("two")]
    queue()
    now = timezone.now()

    assert delivery.deliver_due(now=now) == 1

    row = get()
    assert (row.state, row.sent_at) == (State.IN_FLIGHT, now)
    assert "RuntimeError: one" in row.last_error
    for hours in range(1, 5):
        delivery.deliver_due(now=now + hours * HOUR)
    row = get()
    assert len(smtp_server.messages) == 1
    assert heard.events.count(("sent", "order:1")) == 1
    assert (row.state, row.sent_at, row.last_error) == (State.SENT, now, "")


def test_receiver_that_always_fails_is_given_up_with_its_fault(queue, smtp_server, heard):
    heard.faults["sent"] = [RuntimeError("always")] * 100
    queue()
    now = timezone.now()

    for attempt in range(outcomes.MAX_ATTEMPTS + 5):
        delivery.deliver_due(now=now + attempt * 8 * HOUR)

    row = get()
    assert len(smtp_server.messages) == 1
    assert (row.state, row.attempts) == (State.SENT, outcomes.MAX_ATTEMPTS)
    assert "always" in row.last_error
    assert len(heard.faults["sent"]) == 100 - outcomes.MAX_ATTEMPTS


def test_receivers_fault_at_a_refusal_announces_again(queue, smtp_server, heard):
    smtp_server.behave(Behaviour.REFUSE)
    heard.faults["failed"] = [RuntimeError("fault")]
    queue()
    now = timezone.now()

    delivery.deliver_due(now=now)
    assert (get().state, get().attempts) == (State.QUEUED, 1)
    delivery.deliver_due(now=now + HOUR)

    assert (get().state, get().attempts) == (State.FAILED, 2)
    assert heard.events.count(("failed", "order:1")) == 1


def test_receivers_that_always_fail_at_a_refusal_are_given_up(queue, smtp_server, heard):
    smtp_server.behave(Behaviour.REFUSE)
    heard.faults["failed"] = [RuntimeError("always")] * 100
    queue()
    now = timezone.now()

    for attempt in range(outcomes.MAX_ATTEMPTS + 5):
        delivery.deliver_due(now=now + attempt * 8 * HOUR)

    assert (get().state, get().attempts) == (State.FAILED, outcomes.MAX_ATTEMPTS)
    assert "550" in get().last_error
    assert "always" in get().last_error


def test_retry_now_starts_a_failed_email_afresh(queue, smtp_server):
    smtp_server.behave(Behaviour.REFUSE)
    message = queue()
    delivery.deliver_due()
    smtp_server.behave(Behaviour.ACCEPT)

    now = timezone.now()
    Message.objects.filter(pk=message.pk).update(attempts=9, counted_attempts=8)

    assert outcomes.retry_now(message, now=now)
    row = get()
    assert (row.state, row.attempts, row.counted_attempts) == (State.QUEUED, 0, 0)
    assert row.next_attempt_at == now
    assert delivery.deliver_due() == 1
    assert not outcomes.retry_now(message, now=timezone.now())
    assert get().state == State.SENT


def test_idle_delivery_asks_little(django_assert_max_num_queries, smtp_server):
    with transaction.atomic(), django_assert_max_num_queries(10):
        assert delivery.deliver_due() == 0
    assert smtp_server.connections == 0


def test_delivery_queries_do_not_grow_per_mail_beyond_the_mark(
    queue, smtp_server, django_assert_num_queries
):
    def queries_for(count, start):
        from django.test.utils import CaptureQueriesContext

        for number in range(count):
            queue(f"order:{start + number}")
        with CaptureQueriesContext(connection) as captured:
            assert delivery.deliver_due() == count
        return len(captured)

    one, three = queries_for(1, 0), queries_for(3, 10)

    assert three - one == 2 * 3  # savepoint, update, release for each further mail


POISON = "poison"


@pytest.fixture
def database_that_refuses():
    """``database_that_refuses("last_error")``: from now on the database takes no poison in that column.

    Stands for whatever a database may refuse (a character, a full disk), at the edge: in the database.
    """
    table = Message._meta.db_table
    undo = []

    def arrange(column):
        if connection.vendor == "sqlite":
            poisoned = f"NEW.{column} LIKE '%{POISON}%'"
            refuse = (
                f"BEFORE UPDATE ON {table} WHEN {poisoned} BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
            statement = f"CREATE TRIGGER refuse {refuse}"
            undo.append("DROP TRIGGER refuse")
        else:
            check = f"CHECK ({column}::text NOT LIKE '%{POISON}%') NOT VALID"
            statement = f"ALTER TABLE {table} ADD CONSTRAINT refuse {check}"
            undo.append(f"ALTER TABLE {table} DROP CONSTRAINT refuse")
        with connection.cursor() as cursor:
            cursor.execute(statement)

    yield arrange
    with connection.cursor() as cursor:
        for statement in undo:
            cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_refusal_that_cannot_be_written_counts_an_attempt(
    queue, smtp_server, database_that_refuses
):
    database_that_refuses("last_error")
    smtp_server.behave(Behaviour.REFUSE)
    smtp_server.refusal = f"550 5.1.1 {POISON}"
    queue("order:1")
    queue("order:2")
    now = timezone.now()

    delivery.deliver_due(now=now)

    for row in Message.objects.all():
        assert (row.state, row.attempts, row.leased_until) == (State.QUEUED, 1, None)
        assert row.last_error == "IntegrityError"
        assert row.next_attempt_at > now
    delivery.deliver_due(now=now + HOUR)
    assert set(Message.objects.values_list("attempts", flat=True)) == {2}


@pytest.mark.django_db(transaction=True)
def test_acceptance_that_cannot_be_written_whole_is_never_sent_again(
    queue, smtp_server, heard, database_that_refuses
):
    def spoil(sender, message, **kwargs):
        message.context["order"] = POISON

    database_that_refuses("context")
    message_preparing.connect(spoil)
    queue()
    now = timezone.now()

    for attempt in range(outcomes.MAX_ATTEMPTS + 3):
        delivery.deliver_due(now=now + attempt * 8 * HOUR)
    message_preparing.disconnect(spoil)

    row = get()
    assert len(smtp_server.messages) == 1
    assert row.state == State.SENT
    assert row.sent_at == now
    assert heard.events.count(("sent", "order:1")) == 1


@pytest.mark.parametrize("name", ["Ana\x00 Silva", "Ana\u202e Silva", "Ana\ud800 Silva"], ids=ascii)
@pytest.mark.django_db(transaction=True)
def test_names_and_values_that_no_database_takes_are_cleaned(queue, smtp_server, name):
    queue(name=name, order="K7\x00\ud800")

    assert delivery.deliver_due() == 1

    assert (get().to_name, get().context["order"]) == ("Ana Silva", "K7")


def test_mail_is_not_begun_that_its_lease_might_not_outlast(queue, smtp_server, settings):
    settings.EMAIL_TIMEOUT = 20
    queue()
    start = timezone.now()
    (message,) = leases.lease_due(batch=1, now=start)
    late = start + leases.LEASE - leases.longest_sending() + dt.timedelta(seconds=1)
    batch = delivery._Batch([message], clock=lambda: late, deadline=time.monotonic() + 60)

    assert batch.run() == 0

    assert (get().state, get().attempts, smtp_server.messages) == (State.QUEUED, 0, [])
