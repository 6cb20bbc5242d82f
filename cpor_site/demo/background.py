"""Celery's worker and beat as threads of the serving process: memory:// is its own."""

import threading
from contextlib import contextmanager

from celery import beat, signals
from celery.worker import WorkController, state

from cpor_site.celery import app
from cpor_site.tasks import record_beat

#: Seconds a stopping part may take before the process ends without it.
PATIENCE = 5


class Beat(beat.Service):
    """Beat that wakes often enough to be stopped at once, and keeps no file of its own."""

    scheduler_cls = beat.Scheduler

    def __init__(self):
        super().__init__(app, max_interval=0.5)


class Worker(WorkController):
    """A worker that Celery's Django part knows, so that it looks after database connections."""

    def on_before_init(self, **kwargs):
        super().on_before_init(**kwargs)
        signals.worker_init.send(sender=self, instance=self, conf=self.app.conf, options=kwargs)


@contextmanager
def run_jobs():
    """Run a worker with two threads, and beat, inside the block."""
    app.finalize()
    app.set_current()
    app.set_default()
    worker, ready = _make_worker()
    ticker = Beat()
    threads = [
        threading.Thread(target=each.start, name=name, daemon=True)
        for each, name in ((worker, "celery-worker"), (ticker, "celery-beat"))
    ]
    for thread in threads:
        thread.start()
    ready.wait(PATIENCE)
    try:
        yield
    finally:
        ticker.stop()
        state.should_stop = 0
        record_beat.delay()  # the worker sleeps for seconds unless a message wakes it
        for thread in threads:
            thread.join(PATIENCE)


def _make_worker() -> tuple[Worker, threading.Event]:
    ready = threading.Event()
    worker = Worker(
        app=app,
        pool="threads",
        concurrency=2,
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
        ready_callback=lambda _consumer: ready.set(),
    )
    return worker, ready
