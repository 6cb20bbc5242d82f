"""Reminders to reviewers of their deadlines, and to the review leads of what stays late [R61].

The reviewer is told one business day before the deadline and one after it; another business day later the
leads are. A claim without a reviewer has no one to remind, and goes to the leads.
"""

import datetime as dt
from collections.abc import Callable
from functools import partial

from .. import emails
from ..claims.deadlines import (
    find_business_days_ago,
    find_operators_calendar,
    find_soon,
    is_reminder_due,
)
from ..contests.rivals import takes_part
from ..emails.recipients import find_reviewer, find_staff_with
from ..enums import STAFF_STATUSES, ReminderKind
from ..models import Claim
from .reminders import AT_ONCE, due_between, remind_each, without_reminder

#: A claim that has been late for longer as this first sees it, as on an upgraded site, is only on the pages.
LATE_FOR = dt.timedelta(days=14)
#: Business days after the deadline.
REVIEWER_TOLD, LEADS_TOLD = 1, 2


def remind_staff(*, now: dt.datetime) -> None:
    """Queue the reminders that are due at ``now``; late, repeated or killed runs queue none twice."""
    calendar, oldest = find_operators_calendar(), now - LATE_FOR
    soon = find_soon(now, calendar)
    late, later = (
        find_business_days_ago(now, days, calendar) for days in (REVIEWER_TOLD, LEADS_TOLD)
    )
    assigned = Claim.objects.filter(status__in=STAFF_STATUSES, assigned_to__isnull=False)
    every = Claim.objects.filter(status__in=STAFF_STATUSES)
    tell_soon = partial(_tell_reviewer, tell=emails.review_due_soon)
    tell_late = partial(_tell_reviewer, tell=emails.review_late)
    _sweep(ReminderKind.REVIEW_SOON, assigned, (now, soon), tell_soon)
    _sweep(ReminderKind.REVIEW_LATE, assigned, (oldest, late), tell_late)
    if leads := list(find_staff_with("associations.assign_review", include_superusers=False)):
        tell_leads = partial(_tell_leads, leads=leads, now=now)
        _sweep(ReminderKind.REVIEW_ESCALATED, every, (oldest, later), tell_leads)


def _sweep(
    kind: ReminderKind, claims, span: tuple[dt.datetime, dt.datetime], tell: Callable[[Claim], bool]
) -> None:
    """Remind of claims whose deadline lies in ``span``: after its first instant, up to its second."""
    found = due_between(without_reminder(claims, kind), *span)
    rows = found.values_list("pk", "due_at", "window_opened_at")
    due = [pk for pk, due_at, opened_at in rows if _is_due(kind, due_at, opened_at, now=span[0])]
    send = partial(_tell_if_due, kind=kind, span=span, tell=tell)
    remind_each(due[:AT_ONCE], kind, send=send)


def _is_due(
    kind: ReminderKind,
    due_at: dt.datetime | None,
    opened_at: dt.datetime | None,
    *,
    now: dt.datetime,
) -> bool:
    """Was there time for a reminder before the deadline? One after it needs none."""
    if due_at is None or opened_at is None:
        return False
    if kind != ReminderKind.REVIEW_SOON:
        return True
    calendar = find_operators_calendar()
    return is_reminder_due(due_at, opened_at=opened_at, now=now, calendar=calendar)


def _tell_if_due(
    claim: Claim,
    *,
    kind: ReminderKind,
    span: tuple[dt.datetime, dt.datetime],
    tell: Callable[[Claim], bool],
) -> bool:
    """Tell unless the locked claim was decided, or its deadline moved, since the sweep looked."""
    after, until = span
    if claim.status not in STAFF_STATUSES or claim.due_at is None:
        return False
    if not after < claim.due_at <= until:
        return False
    return _is_due(kind, claim.due_at, claim.window_opened_at, now=after) and tell(claim)


def _tell_reviewer(claim: Claim, *, tell: Callable[..., None]) -> bool:
    reviewer = find_reviewer(claim)
    if reviewer is None:
        return False
    tell(claim, reviewer)
    return True


def _tell_leads(claim: Claim, *, leads: list, now: dt.datetime) -> bool:
    """Tell each lead without a stake in the claim [R19]; return whether there is one."""
    neutral = [lead for lead in leads if not takes_part(lead, claim, now=now)]
    for lead in neutral:
        emails.review_escalated(claim, lead)
    return bool(neutral)
