"""Let two or more connections contend, and take a lock away to see what it is there for."""

import contextlib
import threading

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
