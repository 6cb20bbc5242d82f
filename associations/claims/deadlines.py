"""Every window: business days by country and time zone, and the time limits that staff set [R4]–[R6].

Deadlines are exclusive UTC instants, computed once when a window opens and then stored: holiday
calendars are sometimes corrected, and a deadline promised to a customer must not move with them.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.conf import settings

from partners.models import Location

from ..enums import Actor, DayKind, Window
from ..models import Claim, Tenant, TimeLimit
from .business_days import is_business_day


class UnknownTimeZone(ValueError):
    """No time zone has this name."""


@dataclass(frozen=True)
class Calendar:
    """The calendar that counts: an ISO country code, a time zone, and optionally a part of the country."""

    country: str
    time_zone: str
    part: str = ""


@dataclass(frozen=True)
class Deadline:
    """The exclusive end of a window, and the zone in which people read it."""

    at: dt.datetime
    time_zone: str


#: Defaults of section 3, used where staff have deleted a row of the table.
DEFAULT_LIMITS = {
    Window.BEGIN_REVIEW: (5, DayKind.BUSINESS),
    Window.DECIDE: (5, DayKind.BUSINESS),
    Window.PARTNER_ANSWER: (5, DayKind.BUSINESS),
    Window.CUSTOMER_OPT_OUT: (5, DayKind.BUSINESS),
    Window.PARTNER_DISPUTE: (30, DayKind.CALENDAR),
    Window.DECIDE_DISPUTE: (5, DayKind.BUSINESS),
    Window.CASE_STATEMENTS: (5, DayKind.BUSINESS),
    Window.CASE_CUSTOMER: (5, DayKind.BUSINESS),
    Window.CASE_DECIDE: (5, DayKind.BUSINESS),
    Window.CASE_DISPUTE: (5, DayKind.BUSINESS),
}

#: Who must act while a window is open, and so whose calendar counts.
ACTS_IN = {
    Window.BEGIN_REVIEW: Actor.STAFF,
    Window.DECIDE: Actor.STAFF,
    Window.PARTNER_ANSWER: Actor.PARTNER,
    Window.CUSTOMER_OPT_OUT: Actor.CUSTOMER,
    Window.PARTNER_DISPUTE: Actor.PARTNER,
    Window.DECIDE_DISPUTE: Actor.STAFF,
    # Both sides have one limit: by the calendar of either, it would tell the other where that one is.
    Window.CASE_STATEMENTS: Actor.STAFF,
    Window.CASE_CUSTOMER: Actor.CUSTOMER,
    Window.CASE_DECIDE: Actor.STAFF,
    Window.CASE_DISPUTE: Actor.STAFF,
}


def end_of_business_days(
    start: dt.datetime, days: int, *, country: str, time_zone: str, part: str = ""
) -> dt.datetime:
    """Return the exclusive end of the ``days``-th business day after the day of ``start`` [R5].

    ``start`` is an aware instant; its day is the local one in ``time_zone``. Weekends and public
    holidays of ``country`` and ``part`` (see ``is_business_day``) do not count. The result is an
    aware UTC instant.

    Raise UnknownCountry, UnknownTimeZone, or ValueError for a naive start or fewer than one day.
    """
    zone = _find_zone(time_zone)
    day = _local_day(start, zone, days)
    while days:
        day += dt.timedelta(days=1)
        days -= is_business_day(day, country=country, part=part)
    return end_of_day(day, zone)


def end_of_calendar_days(start: dt.datetime, days: int, *, time_zone: str) -> dt.datetime:
    """Return the exclusive end of the ``days``-th calendar day after the day of ``start``."""
    zone = _find_zone(time_zone)
    return end_of_day(_local_day(start, zone, days) + dt.timedelta(days=days), zone)


def count_business_days_left(now: dt.datetime, deadline: dt.datetime, calendar: Calendar) -> int:
    """Count the business days that begin after today's and end by ``deadline``, for display."""
    zone = _find_zone(calendar.time_zone)
    day = now.astimezone(zone).date()
    last = find_last_day(deadline, zone)
    following = (day + dt.timedelta(days=n) for n in range(1, (last - day).days + 1))
    return sum(
        is_business_day(each, country=calendar.country, part=calendar.part) for each in following
    )


def find_soon(at: dt.datetime, calendar: Calendar) -> dt.datetime:
    """Return the instant up to which a deadline is due soon at ``at``: the end of the next business day."""
    return end_of_business_days(at, 1, **asdict(calendar))


def find_business_days_ago(at: dt.datetime, days: int, calendar: Calendar) -> dt.datetime:
    """Return the latest deadline since which ``days`` whole business days have passed at ``at``."""
    zone = _find_zone(calendar.time_zone)
    day = _local_day(at, zone, days)
    while days:
        day -= dt.timedelta(days=1)
        days -= is_business_day(day, country=calendar.country, part=calendar.part)
    return end_of_day(day - dt.timedelta(days=1), zone)


def is_reminder_due(
    due_at: dt.datetime, *, opened_at: dt.datetime, now: dt.datetime, calendar: Calendar
) -> bool:
    """Is it time to remind of a deadline: is it due soon, and was it not yet as its window opened [R61]?"""
    is_soon = now < due_at <= find_soon(now, calendar)
    return is_soon and due_at > find_soon(opened_at, calendar)


def open_window(window: Window, claim: Claim, *, at: dt.datetime) -> Deadline:
    """Compute when ``window`` ends for ``claim`` if it opens at ``at`` [R4].

    With several programs (pre-sales and usage in one claim), the longest limit counts: no one gets less
    time than any of the programs promises. The customer's window never ends before a notice in force
    said it would, however limits, calendars and zones have changed since then [R21].
    """
    calendar = find_calendar(ACTS_IN[window], claim)
    ends = [_end(at, days, kind, calendar) for days, kind in find_limits(window, claim)]
    deadline = Deadline(max(ends), calendar.time_zone)
    promises = list_promises(claim) if window == Window.CUSTOMER_OPT_OUT else []
    return max(deadline, *promises, key=lambda each: each.at) if promises else deadline


def open_windows(window: Window, claims: Iterable[Claim], *, at: dt.datetime) -> Deadline:
    """Compute when a window that these claims share ends if it opens at ``at``: the longest counts."""
    return max((open_window(window, each, at=at) for each in claims), key=lambda each: each.at)


def list_promises(claim: Claim) -> list[Deadline]:
    """Return the deadlines that the claim's notices in force stated."""
    ends = claim.notices.in_force().values_list("promised_until", "promised_time_zone")
    return [Deadline(until, time_zone) for until, time_zone in ends if until is not None]


def find_calendar(actor: str, claim: Claim) -> Calendar:
    """Return the calendar of the party that must act: the customer, the partner's location or staff."""
    if actor == Actor.CUSTOMER and claim.tenant is not None:
        return read_calendar(claim.tenant)
    if actor == Actor.PARTNER:
        return read_calendar(claim.location)
    return find_operators_calendar()


def find_operators_calendar() -> Calendar:
    """Return the calendar of the staff, from the settings."""
    return Calendar(
        settings.OPERATOR_COUNTRY, settings.OPERATOR_TIME_ZONE, settings.OPERATOR_COUNTRY_PART
    )


def read_calendar(place: Tenant | Location) -> Calendar:
    """Return the calendar of a customer or a location."""
    return Calendar(place.country, place.time_zone, place.country_part)


def find_limits(window: Window, claim: Claim) -> list[tuple[int, str]]:
    """Return (days, kind of days) for each of the claim's programs, or of the default."""
    rows = TimeLimit.objects.filter(window=window)
    limits = {row.program_id: (row.days, row.day_kind) for row in rows}
    default = limits.pop(None, DEFAULT_LIMITS[window])
    if not limits:
        return [default]
    programs = claim.programs.values_list("pk", flat=True)
    return [limits.get(pk, default) for pk in programs] or [default]


def _end(at: dt.datetime, days: int, kind: str, calendar: Calendar) -> dt.datetime:
    if kind == DayKind.CALENDAR:
        return end_of_calendar_days(at, days, time_zone=calendar.time_zone)
    return end_of_business_days(at, days, **asdict(calendar))


def _local_day(start: dt.datetime, zone: zoneinfo.ZoneInfo, days: int) -> dt.date:
    if start.tzinfo is None:
        raise ValueError("The start of a window must be an aware instant.")
    if days < 1:
        raise ValueError("A window is at least one day long.")
    return start.astimezone(zone).date()


def end_of_day(day: dt.date, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """Return the exclusive end of a local day, in UTC: if clocks skip midnight, the moment they do."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, tzinfo=zone)
    return midnight.astimezone(dt.UTC)


def find_last_day(deadline: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.date:
    """Return the last local day before ``deadline``, which is exclusive."""
    instant = deadline.astimezone(dt.UTC)  # only UTC datetimes subtract as instants
    return (instant - dt.timedelta(microseconds=1)).astimezone(zone).date()


def _find_zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimeZone(f"“{name}” is not a known time zone.") from error
