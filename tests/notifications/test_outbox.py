import os
import subprocess
import sys

import pytest
from celery import Celery
from django.db import connection, transaction
from django.utils import timezone

from notifications.enums import State
from notifications.models import Message
from notifications.words.blocks import UnsafeAddressError
from notifications.words.rendering import MissingContext


def test_enqueue_writes_a_row_that_is_due(db, queue, context):
    message = queue(order="K7")

    row = Message.objects.get()
    assert row == message
    assert (row.state, row.attempts, row.sent_at) == (State.QUEUED, 0, None)
    assert row.context == {**context, "order": "K7"}
    assert (row.to_address, row.to_name, row.language) == ("ana@contoso.example", "Ana", "en")
    assert row.next_attempt_at <= timezone.now()


def test_same_key_is_queued_once(db, queue):
    first = queue("order:1", order="first")
    again = queue("order:1", order="second", to="other@contoso.example")

    assert again.pk == first.pk
    assert Message.objects.get().context["order"] == "first"


def test_wrong_values_are_refused_at_once(db, queue, context):
    context.pop("items")

    with pytest.raises(MissingContext, match="items"):
        queue()
    assert not Message.objects.exists()


def test_unsafe_address_is_refused_at_once(db, queue):
    with pytest.raises(UnsafeAddressError):
        queue(order_url="javascript:alert(1)")
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_rollback_leaves_nothing(queue, kicks):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        queue()
        raise ZeroDivisionError

    assert not Message.objects.exists()
    assert kicks == []


@pytest.mark.django_db(transaction=True)
def test_delivery_is_started_after_the_transaction(queue, kicks):
    with transaction.atomic():
        queue("order:1")
        queue("order:2")
        assert kicks == []

    assert set(kicks) == {"notifications.tasks.deliver_outbox"}


@pytest.mark.django_db(transaction=True)
def test_delivery_is_started_though_a_savepoint_was_undone(queue, kicks):
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            queue("order:1")
            raise ZeroDivisionError
        queue("order:2")

    assert [row.key for row in Message.objects.all()] == ["order:2"]
    assert len(kicks) == 1


@pytest.mark.django_db(transaction=True)
def test_dead_broker_is_logged_and_harms_nothing(queue, monkeypatch, caplog):
    def refuse(*args, **kwargs):
        raise ConnectionRefusedError("no broker")

    monkeypatch.setattr(Celery, "send_task", refuse)

    message = queue()

    assert Message.objects.get() == message
    assert "the sweep will" in caplog.text


def test_real_dead_broker_does_not_make_a_page_wait():
    """In a process of its own: the settings are read with a Redis that refuses connections."""
    program = (
        "import django, time; django.setup(); from notifications import outbox;"
        "started = time.monotonic(); outbox.start_delivery(); print(time.monotonic() - started)"
    )
    env = {**os.environ, "REDIS_URL": "redis://127.0.0.1:1/0"}
    env["DJANGO_SETTINGS_MODULE"] = "cpor_site.settings"

    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
    )

    assert float(done.stdout.splitlines()[-1]) < 2
    assert "the sweep will" in done.stderr + done.stdout


def test_database_fills_in_what_set_based_sql_leaves_out(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications_message (key, kind, to_address, to_name, language, context)"
            " SELECT 'bulk:1', 'order-shipped', 'ana@contoso.example', 'Ana', 'en', '{}'"
        )

    row = Message.objects.get()
    assert (row.state, row.attempts, row.last_error) == (State.QUEUED, 0, "")
    assert (row.provider_id, row.leased_until, row.sent_at) == ("", None, None)
    assert abs((timezone.now() - row.next_attempt_at).total_seconds()) < 30
    assert row.context == {}


def test_message_id_is_the_rows_own_and_stays(db, queue):
    first, second = queue("order:1"), queue("order:2")

    assert first.message_id == Message.objects.get(pk=first.pk).message_id
    assert first.message_id != second.message_id
    assert first.message_id.endswith(f".{first.pk}@northwind.example>")
