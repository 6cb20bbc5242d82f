"""Whose turn it is and how long it lasts, in words for a page [R6]."""

import datetime as dt
import zoneinfo

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from .. import clock
from ..claims.business_days import UnknownCountry
from ..claims.deadlines import (
    DEFAULT_LIMITS,
    UnknownTimeZone,
    count_business_days_left,
    find_calendar,
)
from ..claims.lifecycle import WINDOW_OF
from ..enums import Actor, DayKind, Status
from ..models import Claim

#: Whose turn, as somebody else reads it.
TURNS = {
    Actor.PARTNER: _("the partner's turn"),
    Actor.STAFF: _("the reviewers' turn"),
    Actor.CUSTOMER: _("the customer's turn"),
    Actor.SYSTEM: _("nobody's turn"),
}


#: Whose missed deadline a sweep settles, so that they can do nothing more.
DONE_BY_A_SWEEP = (Actor.CUSTOMER, Actor.PARTNER)


def find_turn(claim: Claim) -> str:
    """Whose turn it is, as an Actor, or "" where nobody has to do anything.

    A draft waits for its partner, though no clock runs.
    """
    return Actor.PARTNER if claim.status == Status.EDITING else claim.turn


def describe_turn(claim: Claim, *, reader: str = Actor.PARTNER) -> str:
    """Say whose turn it is to ``reader``, who is addressed where it is theirs."""
    turn = find_turn(claim)
    if not turn or claim.status == Status.REJECTED:
        return ""  # a dispute is a chance, nobody waits for it
    if claim.is_parked:
        turn = Actor.STAFF  # whatever the stored turn was: the reviewers look at it
    elif turn in DONE_BY_A_SWEEP and claim.due_at is not None and clock.now() >= claim.due_at:
        turn = Actor.SYSTEM  # nothing more to decide: the outcome is written, or set aside
    return gettext("your turn") if turn == reader else str(TURNS[Actor(turn)])


def is_chance_missed(claim: Claim) -> bool:
    """Is this a rejection whose time to dispute went by? Its stored deadline then means nothing."""
    return (
        claim.status == Status.REJECTED and claim.due_at is not None and clock.now() >= claim.due_at
    )


def explain_undisputable(claim: Claim) -> str:
    """Say why a rejection cannot be disputed now, or "" where it can [R2]."""
    if not claim.is_disputable or claim.due_at is None:
        return gettext("This rejection cannot be disputed. You can file a new claim.")
    if is_chance_missed(claim):
        return gettext("The time to dispute is over. You can file a new claim.")
    return ""


def describe_no_clock(claim: Claim) -> str:
    """Say why no deadline runs, or "" where none is to be expected."""
    if claim.status == Status.EDITING:
        return gettext("no time limit")
    if claim.is_parked:
        return gettext("being checked")
    if claim.status == Status.APPROVED and claim.turn == Actor.PARTNER:
        return gettext("the notice did not arrive, so no clock runs")
    if claim.is_unconfirmed:
        return gettext("the clock starts once the contact is confirmed and the notice is sent")
    if claim.status == Status.APPROVED and claim.due_at is None:
        return gettext("the clock starts when the notice is sent")
    return ""


def describe_time_left(claim: Claim) -> str:
    """How long until the deadline: business days where the window counts in them, else days."""
    now = clock.now()
    if claim.due_at is None:
        return ""
    if now >= claim.due_at:
        return gettext("time is over")
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
    """Whole local days between today and the last day of the window (0 on the last day).

    Raises ValueError where no clock runs.
    """
    if claim.due_at is None:
        raise ValueError(f"claim {claim.reference} has no deadline")
    zone = zoneinfo.ZoneInfo(claim.due_time_zone or "UTC")
    last = (claim.due_at - dt.timedelta(microseconds=1)).astimezone(zone).date()
    return (last - now.astimezone(zone).date()).days


def _counts_business_days(claim: Claim) -> bool:
    """By the default of the window: what staff set meanwhile does not move a stored deadline."""
    window = WINDOW_OF.get(Status(claim.status))
    return window is None or DEFAULT_LIMITS[window][1] == DayKind.BUSINESS


def _business_days_left(claim: Claim, due_at: dt.datetime, *, now: dt.datetime) -> int:
    try:
        return count_business_days_left(now, due_at, find_calendar(claim.turn, claim))
    except (UnknownCountry, UnknownTimeZone):
        return 0  # the absolute deadline is stored and shown; only the countdown lacks its calendar
