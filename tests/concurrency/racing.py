"""Let two or more connections contend, and take a lock away to see what it is there for."""

import contextlib
import threading
import time

from django.db import connection
from django.db.models import QuerySet

from associations.claims import setbased


def race(*functions, timeout=30):
    """Run each function in a thread with a connection of its own; return results or exceptions."""
    outcomes = [None] * len(functions)

    def run(index, function):
        try:
            outcomes[index] = function()
        except Exception as error:  # noqa: BLE001 - the outcome of a race is what is looked at
            outcomes[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout)
        assert not thread.is_alive(), "a racer hangs"
    return outcomes


def wait_for_a_waiter(*, longest=10):
    """Return once another session of this database waits for a lock, at the latest after ``longest`` seconds.

    Within a transaction PostgreSQL shows the sessions as they were when it was first asked, unless told
    to look again.
    """
    end = time.monotonic() + longest
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)


def meet(monkeypatch, module, name, *, parties=2, wait=0.7):
    """Make callers of a function wait for each other just before it, so that both have read.

    With the lock in place only one of them gets there; it goes on after ``wait`` seconds.
    """
    barrier = threading.Barrier(parties)
    original = getattr(module, name)

    def waiting(*args, **kwargs):
        with contextlib.suppress(threading.BrokenBarrierError):
            barrier.wait(wait)
        return original(*args, **kwargs)

    monkeypatch.setattr(module, name, waiting)


def without_row_locks(monkeypatch):
    """Take every SELECT … FOR UPDATE away."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, *args, **kwargs: self)
    monkeypatch.setitem(setbased.DIALECT["postgresql"], "locked", "")
