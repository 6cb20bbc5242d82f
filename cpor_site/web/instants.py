"""Instants as whole microseconds since 1970: exact, and as easy to form in SQL."""

import datetime as dt

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def to_microseconds(instant: dt.datetime) -> int:
    """Return whole microseconds since 1970, exact (no floating point)."""
    return (instant - EPOCH) // dt.timedelta(microseconds=1)


def from_microseconds(microseconds: int) -> dt.datetime:
    """Return the aware UTC instant that is this many microseconds after 1970.

    Raise OverflowError if it is beyond the year 9999.
    """
    return EPOCH + dt.timedelta(microseconds=microseconds)
