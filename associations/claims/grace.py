"""The grace period after a customer's deadline: a quick sweep must not overtake a timely refusal [R31].

A request may wait for a worker, for a lock or for the rest of its own body. So a refusal that reaches
the application within the grace period is in time, and nothing becomes official before it ends.
Pages and emails only state the deadline.
"""

import datetime as dt

from django.conf import settings

from ..models import Claim


def find_latest_closed(at: dt.datetime) -> dt.datetime:
    """Return the latest deadline whose grace period has ended at the instant ``at`` (aware).

    The finaliser settles deadlines up to it, inclusive; a customer's request that arrived at ``at``
    counts for every later one. Both ask here, so no deadline is settled while a request still counts.
    """
    return at - dt.timedelta(seconds=settings.CPOR_OPT_OUT_GRACE_SECONDS)


def is_closed(due_at: dt.datetime, *, at: dt.datetime) -> bool:
    """Have the deadline ``due_at`` and its grace period ended at the instant ``at``?"""
    return due_at <= find_latest_closed(at)


def is_window_open(claim: Claim, *, at: dt.datetime) -> bool:
    """Is it before the deadline, as the pages show it? Its instant is exclusive [R6].

    Without a deadline (an undelivered notice), it is always possible to refuse.
    """
    return claim.due_at is None or at < claim.due_at


def is_in_time(claim: Claim, *, at: dt.datetime) -> bool:
    """Does a request that arrived at the instant ``at`` still count [R31]?

    It does until the grace period after the deadline ends; nothing becomes official before that.
    """
    return claim.due_at is None or not is_closed(claim.due_at, at=at)
