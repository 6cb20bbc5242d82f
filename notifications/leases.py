"""Who sends which row: a sender leases rows for a limited time, after which others may take them."""

import datetime as dt

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from .enums import State
from .models import Message

#: Longer than a sender needs a row: it starts no new email after ROUND, and the last one ends after the
#: waits below. The system check cpor.E010 makes sure that EMAIL_TIMEOUT fits.
LEASE = dt.timedelta(minutes=5)
ROUND = dt.timedelta(seconds=60)
#: How often a silent server can make a sender wait for EMAIL_TIMEOUT: connecting, banner, EHLO, STARTTLS,
#: handshake, EHLO again and two steps of signing in; MAIL FROM, RCPT TO, DATA and the message.
OPENING_WAITS, SENDING_WAITS = 8, 4


def longest_timeout() -> int:
    """Return the longest EMAIL_TIMEOUT, in seconds, at which a row is never sent by two senders."""
    return int((LEASE - ROUND).total_seconds()) // (OPENING_WAITS + SENDING_WAITS)


def longest_sending() -> dt.timedelta:
    """Return how long one email may take over an open connection."""
    return dt.timedelta(seconds=SENDING_WAITS * settings.EMAIL_TIMEOUT)


def lease_due(*, batch: int, now: dt.datetime) -> list[Message]:
    """Lease up to ``batch`` queued rows that are due at ``now``; no other sender takes them until it ends.

    Rows that another sender is taking concurrently are skipped.
    """
    due = Message.objects.filter(state=State.QUEUED, next_attempt_at__lte=now)
    return _lease(
        due.order_by("next_attempt_at", "pk")[:batch], now=now, changes={"state": State.IN_FLIGHT}
    )


def lease_unannounced(*, batch: int, now: dt.datetime) -> list[Message]:
    """Lease rows whose email was accepted but whose receivers failed, once their pause is over."""
    stale = Message.objects.filter(state=State.IN_FLIGHT, leased_until__lte=now)
    accepted = stale.filter(sent_at__isnull=False)
    return _lease(accepted.order_by("leased_until")[:batch], now=now, changes={})


def rescue_stuck(*, now: dt.datetime) -> int:
    """Put back rows whose sender died, and return their number.

    This does not count as an attempt: the death of a sender says nothing about the email. Accepted emails
    are not put back; see ``lease_unannounced``.
    """
    stuck = Message.objects.filter(
        state=State.IN_FLIGHT, leased_until__lte=now, sent_at__isnull=True
    )
    return stuck.update(state=State.QUEUED, leased_until=None, next_attempt_at=now)


@transaction.atomic
def _lease(rows: QuerySet[Message], *, now: dt.datetime, changes: dict) -> list[Message]:
    taken = list(lock(rows))
    until = now + LEASE
    Message.objects.filter(pk__in=[row.pk for row in taken]).update(leased_until=until, **changes)
    for row in taken:
        row.leased_until = until
        for name, value in changes.items():
            setattr(row, name, value)
    return taken


def lock(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Lock rows as they are read.

    SQLite has no row locks: there the transaction takes the write lock of the whole database when
    it begins (or, if begun as a reader, fails when it would overwrite a concurrent change).
    """
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True)
    return rows
