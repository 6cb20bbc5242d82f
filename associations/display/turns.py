"""Whose turn it is and how much time is left, in words for a page [R6]."""

import datetime as dt
import zoneinfo

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ..claims.business_days import UnknownCountry
from ..claims.deadlines import (
    DEFAULT_LIMITS,
    UnknownTimeZone,
    count_business_days_left,
    find_calendar,
    find_last_day,
)
from ..claims.lifecycle import WINDOW_OF
from ..enums import Actor, DayKind, Status
from ..models import Claim

#: Whose turn it is, as others read it.
TURNS = {
    Actor.PARTNER: _("waiting for the partner"),
    Actor.STAFF: _("waiting for the reviewers"),
    Actor.CUSTOMER: _("waiting for the customer"),
    Actor.SYSTEM: _("no action needed"),
}


#: Parties who can do nothing more after missing a deadline: a sweep settles it.
DONE_BY_A_SWEEP = (Actor.CUSTOMER, Actor.PARTNER)


def find_turn(claim: Claim) -> str:
    """Return whose turn it is, as an Actor, or "" if no one has to do anything.

    A draft waits for its partner, although it has no deadline.
    """
    return Actor.PARTNER if claim.status == Status.EDITING else claim.turn


def describe_turn(claim: Claim, *, now: dt.datetime, reader: str = Actor.PARTNER) -> str:
    """Tell ``reader`` whose turn it is; it says "your turn" if it is theirs."""
    turn = find_turn(claim)
    if not turn or claim.status == Status.REJECTED:
        return ""  # a dispute is optional, no one waits for it
    if claim.is_parked:
        turn = Actor.STAFF  # whatever the stored turn: the reviewers check it
    elif turn in DONE_BY_A_SWEEP and claim.due_at is not None and now >= claim.due_at:
        turn = Actor.SYSTEM  # nothing more to decide: the sweep writes the outcome
    return gettext("your turn") if turn == reader else str(TURNS[Actor(turn)])


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
    if claim.status == Status.APPROVED and claim.turn == Actor.PARTNER:
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
    if now >= claim.due_at:
        return gettext("deadline passed")
    days = count_days_left(claim, now=now)
    if days == 0:
        return gettext("ends today")
    business = (
        _business_days_left(claim, claim.due_at, now=now) if _counts_business_days(claim) else 0
    )
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
