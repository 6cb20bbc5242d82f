"""What time it is for the domain.

One place to ask, so that the example data of the demo and the tests can live through past weeks with
the real functions. Production never travels.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

_travelled_to: ContextVar[dt.datetime | None] = ContextVar("travelled_to", default=None)


def now() -> dt.datetime:
    """Return the present as an aware UTC instant."""
    return _travelled_to.get() or timezone.now()


@contextmanager
def travel_to(instant: dt.datetime) -> Iterator[None]:
    """Make ``now()`` answer ``instant`` (aware) inside the block, in this thread or task only."""
    token = _travelled_to.set(instant)
    try:
        yield
    finally:
        _travelled_to.reset(token)
