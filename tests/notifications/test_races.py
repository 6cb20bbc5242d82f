"""Two senders at once: no mail twice; and what would happen without the lock."""

import collections
import threading

import pytest
from django.db import connection, connections

from notifications import delivery, leases, outcomes
from notifications.enums import State
from notifications.models import Message
from notifications.signals import message_sent
from tests.concurrency.racing import meet as meet_each_other
from tests.concurrency.racing import race, without_row_locks

pytestmark = pytest.mark.race
MAILS = 20


def run_two_senders(*, batch):
    def run():
        try:
            delivery.deliver_due(batch=batch)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture
def meet(monkeypatch):
    """``meet(lock)``: both senders have read their first rows before either goes on."""

    def arrange(lock):
        barrier, met = threading.Barrier(2, timeout=10), threading.local()

        def read_and_wait(rows):
            found = list(lock(rows))
            if found and not hasattr(met, "once"):  # what was never announced is read first
                met.once = True
                barrier.wait()
            return found

        monkeypatch.setattr(leases, "lock", read_and_wait)

    return arrange


@pytest.fixture
def queued(queue):
    return [queue(f"order:{n}", to=f"ana{n}@contoso.example").to_address for n in range(MAILS)]


def test_two_senders_send_each_mail_once(queued, smtp_server, meet, heard):
    meet(leases.lock)

    run_two_senders(batch=5)

    assert sorted(smtp_server.recipients) == sorted(queued)
    assert collections.Counter(heard.events) == {
        (signal, f"order:{n}"): 1 for n in range(MAILS) for signal in ("preparing", "sent")
    }
    assert set(Message.objects.values_list("state", flat=True)) == {State.SENT}


def test_without_the_lock_mails_go_out_twice(queued, smtp_server, meet):
    meet(lambda rows: rows)

    run_two_senders(batch=5)

    assert len(smtp_server.messages) > MAILS


@pytest.fixture
def waiting_sessions():
    """New sessions wait for the disk, as production's do; the test server's would not."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER ROLE CURRENT_USER SET synchronous_commit = on")
    connection.close()
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER ROLE CURRENT_USER RESET synchronous_commit")
    connection.close()


def test_marks_alone_do_not_wait_for_the_disk(waiting_sessions, queued, smtp_server):
    def read():
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            return cursor.fetchone()[0]

    def look(sender, **kwargs):
        during.add(read())

    during = set()
    message_sent.connect(look)
    assert read() == "on"
    delivery.deliver_due()
    message_sent.disconnect(look)

    assert during == {"off"}
    assert read() == "on"


def test_a_mail_is_never_marked_by_two(queued, smtp_server, meet, heard, monkeypatch):
    """Even where the lock failed, and two hold one lease, the conditional mark announces each mail once."""
    meet(lambda rows: rows)
    lease_due, both_have_leased = leases.lease_due, threading.Barrier(2, timeout=10)

    def lease_and_wait(**kwargs):
        if leased := lease_due(**kwargs):
            both_have_leased.wait()
        return leased

    monkeypatch.setattr(leases, "lease_due", lease_and_wait)

    run_two_senders(batch=MAILS)

    told = collections.Counter(key for signal, key in heard.events if signal == "sent")
    assert told == {f"order:{n}": 1 for n in range(MAILS)}


def test_two_bounce_reports_of_one_email_are_told_once(queue, heard, monkeypatch):
    message = queue("order:1")
    Message.objects.filter(pk=message.pk).update(state=State.SENT)
    meet_each_other(monkeypatch, outcomes, "read_line")

    told = race(*[lambda: outcomes.mark_bounced(message, reason="550 no such user")] * 2)

    assert sorted(told) == [False, True]
    assert [key for signal, key in heard.events if signal == "bounced"] == ["order:1"]


def test_without_its_lock_a_bounce_is_told_twice(queue, heard, monkeypatch):
    message = queue("order:1")
    Message.objects.filter(pk=message.pk).update(state=State.SENT)
    without_row_locks(monkeypatch)
    meet_each_other(monkeypatch, outcomes, "read_line")

    told = race(*[lambda: outcomes.mark_bounced(message, reason="550 no such user")] * 2)

    assert told == [True, True]
