"""Reminders to partners on the business day before the last one to answer or to dispute [R61].

A window that was already that short when it opened has none.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from partners.models import Location

from .. import emails
from ..claims.business_days import UnknownCountry
from ..claims.deadlines import (
    Calendar,
    UnknownTimeZone,
    find_calendar,
    find_soon,
    is_reminder_due,
)
from ..claims.lifecycle import LifecycleError
from ..enums import Actor, ReminderKind, Status
from ..models import Claim
from .disputes import require_disputable
from .reminders import AT_ONCE, due_between, remind_each, without_reminder

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Step:
    """A step of the partner with a deadline: its status, its email, and whether it is still possible."""

    status: Status
    send: Callable[[Claim], None]
    is_open: Callable[..., bool]


def remind_partners(*, now: dt.datetime) -> None:
    """Queue the reminders that are due at ``now``; late, repeated or killed runs queue none twice."""
    soon = _find_soon_by_calendar(now)
    for kind, step in STEPS.items():
        due = _find_due(kind, step, soon, now=now)
        remind_each(due, kind, send=partial(_remind, step=step, now=now))


def _find_due(
    kind: ReminderKind, step: _Step, soon: dict[Calendar, dt.datetime], *, now: dt.datetime
) -> list[int]:
    """Return claims of which to remind; one query, since each location counts its own business days."""
    waiting = without_reminder(Claim.objects.filter(status=step.status), kind)
    rows = due_between(waiting, now, max(soon.values(), default=now)).values_list(
        *("pk", "due_at", "window_opened_at"),
        *("location__country", "location__time_zone", "location__country_part"),
    )
    due = []
    for pk, due_at, opened_at, *place in rows:
        calendar = Calendar(*place)
        if calendar in soon and is_reminder_due(
            due_at, opened_at=opened_at, now=now, calendar=calendar
        ):
            due.append(pk)
    return due[:AT_ONCE]


def _find_soon_by_calendar(now: dt.datetime) -> dict[Calendar, dt.datetime]:
    """Return until when a deadline is due soon, for the calendar of each location."""
    soon = {}
    places = Location.objects.order_by().values_list("country", "time_zone", "country_part")
    for place in places.distinct():
        try:
            soon[Calendar(*place)] = find_soon(now, Calendar(*place))
        except (UnknownCountry, UnknownTimeZone):
            log.exception("a location has no calendar", place=place)
    return soon


def _remind(claim: Claim, *, step: _Step, now: dt.datetime) -> bool:
    """Queue the reminder unless the locked claim was acted on, or its deadline moved or passed."""
    if claim.status != step.status or claim.due_at is None or claim.window_opened_at is None:
        return False
    is_due = is_reminder_due(
        claim.due_at,
        opened_at=claim.window_opened_at,
        now=now,
        calendar=find_calendar(Actor.PARTNER, claim),
    )
    if not (is_due and step.is_open(claim, now=now)):
        return False
    step.send(claim)
    return True


def _can_dispute(claim: Claim, *, now: dt.datetime) -> bool:
    try:
        require_disputable(claim, now=now)
    except LifecycleError:
        return False
    return True


STEPS = {
    ReminderKind.ANSWER: _Step(
        Status.ACTION_REQUIRED, emails.answer_reminder, lambda claim, *, now: True
    ),
    ReminderKind.DISPUTE: _Step(Status.REJECTED, emails.dispute_reminder, _can_dispute),
}
