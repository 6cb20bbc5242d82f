"""Recommendations from the figures, in plain words [R36]: functions of a series and today's date."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..display.figures import (
    find_percent,
    format_count,
    format_month,
    format_percent,
    format_signed_percent,
)
from .reading import UsageMonth, UsageSeries, shift_month

#: Percentages: sold seats without a person, assigned seats without use, units in use.
MANY_UNASSIGNED = 20
MANY_UNUSED = 25
LITTLE_USE = 40
NEARLY_FULL = 90
#: Percentage by which active use changed within TREND_MONTHS.
NOTABLE_CHANGE = 10
TREND_MONTHS = 3
#: The figures of a month are due by this day of the next month.
DUE_DAY = 10
#: A subscription needs attention from so many days before its last one.
ENDING_DAYS = 30


class Tone(StrEnum):
    GOOD = "good"
    NOTE = "note"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A fact and what to do about it. ``code`` is stable, for tests and styles."""

    code: str
    tone: Tone
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """How the headline number changed in its last month; ``direction`` is 1, 0 or -1."""

    direction: int
    text: str


def describe_change(series: UsageSeries) -> Change:
    """Compare the latest month's active use with the month before."""
    before, now = series.previous, series.latest
    if before is None:
        missing = format_month(shift_month(now.month, -1))
        return Change(0, _("No figures for %(month)s to compare with") % {"month": missing})
    by = now.active - before.active
    words = {"number": format_count(abs(by)), "month": format_month(before.month)}
    if by == 0:
        return Change(0, _("Same as in %(month)s") % words)
    text = (
        _("%(number)s more than in %(month)s")
        if by > 0
        else _("%(number)s fewer than in %(month)s")
    )
    percent = format_signed_percent(by, before.active) if before.active else ""
    return Change(1 if by > 0 else -1, " ".join(filter(None, [text % words, percent])))


def recommend(
    series: UsageSeries, *, product: str, today: dt.date, ends_on: dt.date | None = None
) -> list[Recommendation]:
    """Return what to do about the figures, most urgent first.

    ``product`` is named in the sentences; ``ends_on`` is the last day of its subscription. Only the latest
    month counts, and for the trend the one three months before. If nothing stands out, say so; without
    figures, only the end of a subscription counts.
    """
    ending = list(_ending(ends_on, today=today)) if ends_on else []
    if not series.months:
        return ending
    found = [one for advise in _ADVISERS for one in advise(series, product=product, today=today)]
    order = list(reversed(Tone))
    found = [*ending, *sorted(found, key=lambda one: order.index(one.tone))]
    return found or [_all_well(series, product)]


def find_first_day_of_ending(ends_on: dt.date) -> dt.date:
    """Return the day from which the end of a subscription needs attention."""
    return ends_on - dt.timedelta(days=ENDING_DAYS)


def _all_well(series: UsageSeries, product: str) -> Recommendation:
    if series.find(shift_month(series.latest.month, -TREND_MONTHS)) is None:
        text = _(
            "Nothing stands out yet. In a few months you'll see whether use is rising or falling."
        )
        return Recommendation("early", Tone.NOTE, text)
    text = _("Nothing stands out: use of %(product)s is steady.") % {"product": product}
    return Recommendation("steady", Tone.GOOD, text)


def _ending(ends_on: dt.date, *, today: dt.date) -> Iterator[Recommendation]:
    if today < find_first_day_of_ending(ends_on):
        return
    if today <= ends_on:
        text = _("The subscription ends on %(day)s. Ask the customer whether they will renew it.")
    else:
        text = _("The subscription ended on %(day)s. Ask the customer to renew it.")
    words = text % {"day": formats.date_format(ends_on, "DATE_FORMAT")}
    yield Recommendation("ending", Tone.ATTENTION, words)


def _late_figures(series: UsageSeries, *, today: dt.date, **_rest) -> Iterator[Recommendation]:
    due = shift_month(today, -1 if today.day > DUE_DAY else -2)
    if series.latest.month < due:
        text = _(
            "There are no figures for %(due)s yet; the latest are for %(latest)s. Contact support "
            "if they don't arrive."
        ) % {"due": format_month(due), "latest": format_month(series.latest.month)}
        yield Recommendation("late", Tone.NOTE, text)


def _nobody_active(series: UsageSeries, *, product: str, **_rest) -> Iterator[Recommendation]:
    latest = series.latest
    if latest.active:
        return
    if latest.available == 0:
        text = _(
            "The customer paid for no units of %(product)s in %(month)s. Ask whether they still "
            "need it."
        )
        code = "nothing-sold"
    else:
        text = _(
            "No one used %(product)s in %(month)s. Ask the customer what is stopping people from "
            "using it."
        )
        code = "unused"
    words = text % {"product": product, "month": format_month(latest.month)}
    yield Recommendation(code, Tone.ATTENTION, words)


def _unassigned_seats(series: UsageSeries, **_rest) -> Iterator[Recommendation]:
    latest = series.latest
    if latest.assigned is None or not latest.available:
        return
    idle = latest.available - latest.assigned
    if find_percent(idle, latest.available) >= MANY_UNASSIGNED:
        text = _(
            "%(percent)s of the sold seats are unassigned: %(idle)s of %(available)s. Help the "
            "customer assign them, or plan for fewer at the renewal."
        ) % _share(idle, latest.available, "idle", "available")
        yield Recommendation("unassigned", Tone.ATTENTION, text)


def _unused_seats(series: UsageSeries, **_rest) -> Iterator[Recommendation]:
    latest = series.latest
    if not latest.assigned or not latest.active:
        return
    idle = latest.assigned - latest.active
    if find_percent(idle, latest.assigned) >= MANY_UNUSED:
        text = _(
            "%(percent)s of the assigned seats were not used: %(idle)s of %(assigned)s. Offer "
            "training, or suggest giving the seats to people who need them."
        ) % _share(idle, latest.assigned, "idle", "assigned")
        yield Recommendation("unused-seats", Tone.ATTENTION, text)


def _little_use(series: UsageSeries, **_rest) -> Iterator[Recommendation]:
    latest = series.latest
    if latest.assigned is not None or not latest.available or not latest.active:
        return
    if find_percent(latest.active, latest.available) < LITTLE_USE:
        text = _(
            "Only %(percent)s of the paid units are in use: %(active)s of %(available)s. Find out "
            "which teams have not started, and help them."
        ) % _share(latest.active, latest.available, "active", "available")
        yield Recommendation("little-use", Tone.ATTENTION, text)


def _trend(series: UsageSeries, *, product: str, **_rest) -> Iterator[Recommendation]:
    before = series.find(shift_month(series.latest.month, -TREND_MONTHS))
    if before is None or not before.active or not series.latest.active:
        return
    change = 100 * (series.latest.active - before.active) / before.active
    if abs(change) < NOTABLE_CHANGE:
        return
    if change < 0:
        text = _(
            "Active use has fallen by %(percent)s since %(month)s: from %(before)s to %(now)s. "
            "Talk to the customer before it falls further."
        )
        yield Recommendation("falling", Tone.ATTENTION, text % _move(change, before, series.latest))
    else:
        text = _(
            "Active use of %(product)s has grown by %(percent)s since %(month)s: from %(before)s "
            "to %(now)s. What works here could work for your other customers."
        ) % {"product": product, **_move(change, before, series.latest)}
        yield Recommendation("growing", Tone.GOOD, text)


def _nearly_full(series: UsageSeries, **_rest) -> Iterator[Recommendation]:
    latest = series.latest
    taken = latest.active if latest.assigned is None else latest.assigned
    if not latest.available or find_percent(taken, latest.available) < NEARLY_FULL:
        return
    code, tone = "nearly-full", Tone.NOTE
    if latest.assigned is not None:
        text = _(
            "%(percent)s of the sold seats are assigned: %(taken)s of %(available)s. Plan for more "
            "before they run out."
        )
    elif taken <= latest.available:
        text = _(
            "%(percent)s of the paid units are in use: %(taken)s of %(available)s. Plan for more "
            "before they run out."
        )
    else:
        code, tone, text = "over", Tone.ATTENTION, str(_OVER)
    words = text % _share(taken, latest.available, "taken", "available")
    yield Recommendation(code, tone, words)


_OVER = gettext_lazy(
    "There are more active users than paid units: %(taken)s against %(available)s. Discuss paying "
    "for every unit in use."
)


def _share(part: int, whole: int, part_name: str, whole_name: str) -> dict[str, str]:
    return {
        "percent": format_percent(find_percent(part, whole)),
        part_name: format_count(part),
        whole_name: format_count(whole),
    }


def _move(change: float, before: UsageMonth, now: UsageMonth) -> dict[str, str]:
    return {
        "percent": format_percent(int(abs(change))),
        "month": format_month(before.month),
        "before": format_count(before.active),
        "now": format_count(now.active),
    }


_ADVISERS: tuple[Callable[..., Iterator[Recommendation]], ...] = (
    _nobody_active,
    _trend,
    _unassigned_seats,
    _unused_seats,
    _little_use,
    _nearly_full,
    _late_figures,
)
