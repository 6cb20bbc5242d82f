"""Reminders in a mediation [R61]: of a statement, of the time to dispute, and of a decision that is late.

One business day before the limit, or after it for staff; once in each limit.
"""

import datetime as dt

import structlog
from django.db import transaction
from django.db.models import F, Q

from .. import emails
from ..claims.deadlines import (
    find_business_days_ago,
    find_operators_calendar,
    find_soon,
    is_reminder_due,
)
from ..enums import DECIDABLE_CASES, CaseStatus
from ..models import MediationCase
from .cases import lock_case
from .sides import may_still_dispute

log = structlog.get_logger(__name__)

#: Cases in one run; the next run, a minute later, takes the others.
AT_ONCE = 1_000
#: Limits of the sides, of which they are told before they end.
SIDES_ACT = (CaseStatus.HEARING, CaseStatus.DECIDED)


def remind_of_cases(*, now: dt.datetime) -> None:
    """Queue the reminders that are due at ``now``; late, repeated or killed runs queue none twice."""
    due = (
        MediationCase.objects.open().filter(_is_due(now)).exclude(reminded_of=F("window_opened_at"))
    )
    for pk in list(due.order_by("due_at", "pk").values_list("pk", flat=True)[:AT_ONCE]):
        try:
            _remind(pk, now=now)
        except Exception:
            log.exception("a reminder of a mediation could not be sent", case=pk)


def _is_due(now: dt.datetime) -> Q:
    calendar = find_operators_calendar()
    is_near = Q(due_at__gt=now, due_at__lte=find_soon(now, calendar), status__in=SIDES_ACT)
    overdue = find_business_days_ago(now, 1, calendar)
    return is_near | Q(due_at__lte=overdue, status__in=DECIDABLE_CASES)


@transaction.atomic
def _remind(case_id: int, *, now: dt.datetime) -> None:
    """Remind of one case, unless it moved on since the sweep looked."""
    case = lock_case(case_id)
    due = MediationCase.objects.filter(_is_due(now), pk=case_id)
    if not due.exists() or case.reminded_of == case.window_opened_at:
        return
    case.reminded_of = case.window_opened_at
    case.save(update_fields=["reminded_of"])
    if case.status in DECIDABLE_CASES:
        emails.case_late(case)
    elif _was_time_for_one(case, now=now):
        _remind_sides(case)


def _was_time_for_one(case: MediationCase, *, now: dt.datetime) -> bool:
    """Was the limit not yet that near as it began?"""
    if case.due_at is None or case.window_opened_at is None:
        return False
    return is_reminder_due(
        case.due_at, opened_at=case.window_opened_at, now=now, calendar=find_operators_calendar()
    )


def _remind_sides(case: MediationCase) -> None:
    for side in case.sides.filter(left_at=None).select_related("claim__partner", "partner"):
        side.case = case
        if case.status == CaseStatus.DECIDED and may_still_dispute(side):
            emails.mediation_dispute_reminder(side)
        elif case.status == CaseStatus.HEARING and not side.stated_at:
            emails.mediation_reminder(side)
