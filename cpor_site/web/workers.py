"""Asking a worker to run a task at once, which a sweep would otherwise start."""

import logging

from celery import current_app

logger = logging.getLogger(__name__)


def ask_worker(task: str, **options) -> None:
    """Send a task by its name; ``options`` are Celery's.

    If the broker does not answer, this is only logged: what there is to do stands in a table, and the next
    sweep finds it.
    """
    try:
        current_app.send_task(task, retry=False, ignore_result=True, **options)
    except Exception:  # whatever the broker does, the page that asks must work
        logger.warning("no broker to start %s; the sweep will", task, exc_info=True)
