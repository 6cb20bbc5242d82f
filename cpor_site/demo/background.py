"""Celery's workers and beat as threads of the serving process, since memory:// is private to it."""

import threading
from contextlib import contextmanager

from celery import Celery, beat
from celery.worker import WorkController, state
from django.conf import settings

from cpor_site.celery import app
from cpor_site.tasks import record_beat
from notifications.outbox import start_delivery

#: Seconds a stopping part has before the process ends without it.
PATIENCE = 5


class Beat(beat.Service):
    """Beat that wakes often enough to be stopped immediately, and keeps no file."""

    scheduler_cls = beat.Scheduler

    def __init__(self):
        super().__init__(app, max_interval=0.5)


@contextmanager
def run_jobs():
    """Run a worker with two threads, one with a single thread for email, and beat, inside the block."""
    app.finalize()
    app.set_current()
    app.set_default()
    worker, ready = _make_worker(app, concurrency=2)
    email_worker, email_ready = _make_worker(_make_email_app(), concurrency=1)
    ticker = Beat()
    threads = [
        threading.Thread(target=each.start, name=name, daemon=True)
        for each, name in (
            (worker, "celery-worker"),
            (email_worker, "celery-email"),
            (ticker, "celery-beat"),
        )
    ]
    for thread in threads:
        thread.start()
    ready.wait(PATIENCE)
    email_ready.wait(PATIENCE)
    try:
        yield
    finally:
        ticker.stop()
        state.should_stop = 0
        # A worker sleeps for seconds unless a message wakes it.
        record_beat.delay()
        start_delivery()
        for thread in threads:
            thread.join(PATIENCE)


def _make_email_app() -> Celery:
    """Return an application that consumes only the email queue: queues are selected per application."""
    email_app = Celery("cpor-email", set_as_current=False)
    email_app.config_from_object("django.conf:settings", namespace="CELERY")
    email_app.conf.task_default_queue = settings.CPOR_EMAIL_QUEUE
    email_app.finalize()
    return email_app


def _make_worker(of: Celery, *, concurrency: int) -> tuple[WorkController, threading.Event]:
    ready = threading.Event()
    worker = WorkController(
        app=of,
        pool="threads",
        concurrency=concurrency,
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
        ready_callback=lambda _consumer: ready.set(),
    )
    return worker, ready
