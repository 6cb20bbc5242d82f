"""A reviewer's own queue: what is assigned to them and waits for staff, oldest deadline first [R64]."""

import datetime as dt

from django.db.models import Q, QuerySet

from ..claims.visible import claims_to_review
from ..enums import STAFF_STATUSES
from ..models import Claim


def find_next(user, after: Claim, *, now: dt.datetime) -> Claim | None:
    """Return the claim that follows ``after`` in the user's queue, else the first one; never ``after``.

    Where the user has no other, it is one without a reviewer. Claims in which a partner of the user has a
    stake are left out [R19]. ``after`` says by its deadline where to go on, so it may be read before it was
    decided.
    """
    for claims in _list_queues(user, after, now=now):
        if found := claims.filter(_follows(after)).first() or claims.first():
            return found
    return None


def find_previous(user, before: Claim, *, now: dt.datetime) -> Claim | None:
    """Return the claim that stands before this one in the same order, else the last one."""
    for claims in _list_queues(user, before, now=now):
        backwards = claims.reverse()
        if found := backwards.filter(_precedes(before)).first() or backwards.first():
            return found
    return None


def _list_queues(user, other_than: Claim, *, now: dt.datetime) -> list[QuerySet[Claim]]:
    """Return the user's own claims, and those without a reviewer."""
    waiting = (
        claims_to_review(user, now=now)
        .filter(status__in=STAFF_STATUSES, due_at__isnull=False)
        .exclude(pk=other_than.pk)
        .order_by("due_at", "id")
    )
    return [waiting.filter(assigned_to=user), waiting.filter(assigned_to=None)]


def _follows(claim: Claim) -> Q:
    if claim.due_at is None:
        return Q(pk__in=[])
    return Q(due_at__gt=claim.due_at) | Q(due_at=claim.due_at, pk__gt=claim.pk)


def _precedes(claim: Claim) -> Q:
    if claim.due_at is None:
        return Q(pk__in=[])
    return Q(due_at__lt=claim.due_at) | Q(due_at=claim.due_at, pk__lt=claim.pk)
