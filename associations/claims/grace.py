"""The grace after a customer's deadline: what arrived in time is not overtaken by a quick sweep [R31].

A request may wait for a worker, for a lock or for the rest of its own body. So a refusal that reaches
the application within the grace counts as in time, and nothing becomes official before it is over.
Pages and emails name the deadline alone.
"""

import datetime as dt

from django.conf import settings

from ..models import Claim


def find_latest_closed(at: dt.datetime) -> dt.datetime:
    """Return the latest deadline whose grace is over at the instant ``at`` (aware).

    The finaliser settles deadlines up to it, inclusive; a customer's request that arrived at ``at``
    counts for every later one. Both ask here, so no deadline is settled while a request still counts.
    """
    return at - dt.timedelta(seconds=settings.CPOR_OPT_OUT_GRACE_SECONDS)


def is_closed(due_at: dt.datetime, *, at: dt.datetime) -> bool:
    """Is the deadline ``due_at`` over at the instant ``at``, and its grace too?"""
    return due_at <= find_latest_closed(at)


def is_window_open(claim: Claim, *, at: dt.datetime) -> bool:
    """Is it before the deadline, as pages name it? Its instant is exclusive [R6].

    A clock that stands still (an undelivered notice) keeps nobody from refusing.
    """
    return claim.due_at is None or at < claim.due_at


def is_in_time(claim: Claim, *, at: dt.datetime) -> bool:
    """Does a request that arrived at the instant ``at`` still count [R31]?

    Up to the deadline and a grace after it, in which nothing becomes official.
    """
    return claim.due_at is None or not is_closed(claim.due_at, at=at)
