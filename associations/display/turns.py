"""Until when a claim stays where it is, and how much time is left, in words for a page [R6]."""

import datetime as dt
import zoneinfo

from django.utils.translation import gettext, ngettext

from ..claims.business_days import UnknownCountry
from ..claims.deadlines import (
    DEFAULT_LIMITS,
    Calendar,
    UnknownTimeZone,
    count_business_days_left,
    find_calendar,
    find_last_day,
)
from ..claims.lifecycle import WINDOW_OF
from ..enums import DayKind, Status
from ..models import Claim
from .lanes import Lane, find_lane

#: Lanes in which no one can do anything after a missed deadline: a sweep settles the claim.
SETTLED_BY_A_SWEEP = (Lane.CUSTOMER, Lane.PARTNER)


def is_settled_by_a_sweep(claim: Claim, *, now: dt.datetime) -> bool:
    """Has a deadline passed after which no one has to do anything, since a sweep writes the outcome?"""
    is_over = claim.due_at is not None and now >= claim.due_at
    return is_over and find_lane(claim) in SETTLED_BY_A_SWEEP


def is_chance_missed(claim: Claim, *, now: dt.datetime) -> bool:
    """Is this a rejection whose deadline to dispute has passed? The stored deadline then means nothing."""
    return claim.status == Status.REJECTED and claim.due_at is not None and now >= claim.due_at


def explain_undisputable(claim: Claim, *, now: dt.datetime) -> str:
    """Say why a rejection cannot be disputed now, or "" where it can [R2]."""
    if not claim.is_disputable or claim.due_at is None:
        return gettext("This rejection cannot be disputed. You can submit a new claim.")
    if is_chance_missed(claim, now=now):
        return gettext("The time to dispute is over. You can submit a new claim.")
    return ""


def describe_no_clock(claim: Claim) -> str:
    """Say why there is no deadline, or return "" if none is expected."""
    if claim.status == Status.EDITING:
        return gettext("no deadline")
    if claim.is_parked:
        return gettext("being checked")
    if claim.status == Status.APPROVED and find_lane(claim) == Lane.PARTNER:
        return gettext("paused: the notice was not delivered")
    if claim.is_unconfirmed:
        return gettext(
            "the deadline will be set when the contact is confirmed and the notice is sent"
        )
    if claim.status == Status.APPROVED and claim.due_at is None:
        return gettext("the deadline will be set when the notice is sent")
    return ""


def describe_time_left(claim: Claim, *, now: dt.datetime) -> str:
    """Say how long it is until the deadline: in business days if the window counts them, else in days."""
    if claim.due_at is None:
        return ""
    if now >= claim.due_at or not _counts_business_days(claim):
        business = 0
    else:
        business = _business_days_left(claim, claim.due_at, now=now)
    days = count_days_left(claim, now=now)
    return _describe_days_left(days, business, is_over=now >= claim.due_at)


def describe_time_until(due_at: dt.datetime, calendar: Calendar, *, now: dt.datetime) -> str:
    """Say likewise how long it is until an instant, in business days of ``calendar``."""
    zone = zoneinfo.ZoneInfo(calendar.time_zone)
    days = (find_last_day(due_at, zone) - now.astimezone(zone).date()).days
    business = count_business_days_left(now, due_at, calendar) if now < due_at else 0
    return _describe_days_left(days, business, is_over=now >= due_at)


def _describe_days_left(days: int, business: int, *, is_over: bool) -> str:
    """Put days into words; business days come first, if there are any."""
    if is_over:
        return gettext("deadline passed")
    if days == 0:
        return gettext("ends today")
    if business:
        return ngettext("%(count)d business day left", "%(count)d business days left", business) % {
            "count": business
        }
    return ngettext("%(count)d day left", "%(count)d days left", days) % {"count": days}


def count_days_left(claim: Claim, *, now: dt.datetime) -> int:
    """Return the number of local days from today to the last day of the window (0 on that day).

    Raise ValueError if there is no deadline.
    """
    if claim.due_at is None:
        raise ValueError(f"claim {claim.reference} has no deadline")
    zone = zoneinfo.ZoneInfo(claim.due_time_zone or "UTC")
    last = find_last_day(claim.due_at, zone)
    return (last - now.astimezone(zone).date()).days


def _counts_business_days(claim: Claim) -> bool:
    """Decide by the window's default: what staff have set since does not move a stored deadline."""
    window = WINDOW_OF.get(Status(claim.status))
    return window is None or DEFAULT_LIMITS[window][1] == DayKind.BUSINESS


def _business_days_left(claim: Claim, due_at: dt.datetime, *, now: dt.datetime) -> int:
    try:
        return count_business_days_left(now, due_at, find_calendar(claim.turn, claim))
    except (UnknownCountry, UnknownTimeZone):
        return 0  # the stored deadline is shown anyway; only the countdown has no calendar
