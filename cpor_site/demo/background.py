"""Celery's workers and beat as threads of the serving process, since memory:// is private to it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from celery import Celery, beat
from django.conf import settings

from cpor_site.celery import app

#: Seconds a part has to start, or to stop before the process ends without it.
PATIENCE = 5


@contextmanager
def run_jobs() -> Iterator[None]:
    """Run a worker with two threads, one with a single thread for email, and beat, inside the block."""
    app.finalize()
    app.set_current()
    app.set_default()
    email_app = _make_email_app()
    email_app.control.purge()  # each email of the past has asked for a delivery; the first sweep is enough
    # It wakes often enough to be stopped immediately, and keeps no file.
    ticker = beat.Service(app, max_interval=0.5, scheduler_cls=beat.Scheduler)
    threads = [
        _start_worker(app, name="celery-worker", concurrency=2),
        _start_worker(email_app, name="celery-email", concurrency=1),
        _start(ticker, name="celery-beat"),
    ]
    try:
        yield
    finally:
        ticker.stop()
        app.control.shutdown()
        for thread in threads:
            thread.join(PATIENCE)


def _make_email_app() -> Celery:
    """Return an application that consumes only the email queue: queues are selected per application."""
    email_app = Celery("cpor-email", set_as_current=False)
    email_app.config_from_object("django.conf:settings", namespace="CELERY")
    email_app.conf.task_default_queue = settings.CPOR_EMAIL_QUEUE
    email_app.finalize()
    return email_app


def _start_worker(of: Celery, *, name: str, concurrency: int) -> threading.Thread:
    """Start a worker with a name of its own, by which it is told to stop; return its thread."""
    ready = threading.Event()
    worker = of.WorkController(
        hostname=f"{name}@demo",
        pool="threads",
        concurrency=concurrency,
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
        ready_callback=lambda _consumer: ready.set(),
    )
    thread = _start(worker, name=name)
    ready.wait(PATIENCE)
    return thread


def _start(part, *, name: str) -> threading.Thread:
    thread = threading.Thread(target=part.start, name=name, daemon=True)
    thread.start()
    return thread
