"""Redis is away for a moment while tasks run: each worker finishes what it does, and goes on with the next one."""

import time

import pytest

from cpor_site.models import Heartbeat
from cpor_site.tasks import BEAT
from notifications.models import Message
from tests.servers.processes import ServerError
from tests.servers.smtp import Behaviour

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def wait_for(is_there, *, what, timeout=60):
    deadline = time.monotonic() + timeout
    while not is_there():
        if time.monotonic() > deadline:
            raise ServerError(f"{what}: not after {timeout} s")
        time.sleep(0.05)


def queue_email():
    return Message.objects.create(
        key="slow",
        kind="password_reset",
        to_address="ana@contoso.example",
        context={"url": "https://cpor.example/x/"},
        next_attempt_at="2026-01-01T00:00Z",
    )


@pytest.fixture
def send(settings, redis_server):
    """Send a task by its name through the broker of the test."""
    from celery import Celery

    def send(name):
        with Celery(broker=redis_server.url()) as app:
            app.conf.task_routes = getattr(settings, "CELERY_TASK_ROUTES", {})
            app.send_task(name)

    return send


@pytest.mark.parametrize("waiting", [0, 12], ids=["alone", "with others waiting"])
def test_a_task_outlives_a_restart_of_redis(
    celery_worker, redis_server, smtp_server, send, waiting
):
    smtp_server.behave(Behaviour.HANG)
    worker = celery_worker("--concurrency=1", EMAIL_TIMEOUT="8")
    queue_email()
    send("notifications.tasks.deliver_outbox")
    for _ in range(waiting):
        send("notifications.tasks.deliver_outbox")
    wait_for(lambda: smtp_server.connections, what="the delivery")

    redis_server.process.kill()
    wait_for(lambda: "broker lost" in worker.log_text(), what="the loss of the connection")
    redis_server.start()
    wait_for(lambda: "timed out" in worker.log_text(), what="the end of the delivery")
    worker.process.wait_until(lambda: beats(send), what="the next task", timeout=90)


def beats(send):
    send("cpor_site.tasks.record_beat")
    return Heartbeat.objects.filter(name=BEAT).exists()
