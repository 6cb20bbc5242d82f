"""Figures of past reviews: how long decisions took, why claims were rejected, who was opted out of [R61].

A task counts each day once, after it is over, from the history. The times are kept as a histogram of whole
hours, so that a median over any period can be read from it.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery, Sum

from cpor_site.web.instants import to_microseconds

from ..claims.deadlines import end_of_day, find_operators_calendar
from ..enums import Actor, EventKind, FigureKind, Status
from ..models import Event, ReviewFigure
from ..models.event import DECIDED_STATUSES

HOUR = 3_600_000_000  # microseconds
DAY = dt.timedelta(days=1)
#: A day is counted this long after its end: an act at midnight may still be waiting for a lock.
SETTLED = dt.timedelta(hours=1)
#: Days in one run; the next run continues with the rest.
AT_ONCE = 400


@dataclass(frozen=True)
class Figures:
    """The figures of a period; ``median`` and ``ninetieth`` are whole hours, None without a decision."""

    days: int
    last_day: dt.date | None
    decided: int
    median: int | None
    ninetieth: int | None
    rejections: dict[str, int]
    opt_outs: dict[int, int]


def count_finished_days(*, now: dt.datetime) -> int:
    """Count each day that is over and not counted yet; return how many. Repeated or late runs are safe."""
    zone = zoneinfo.ZoneInfo(find_operators_calendar().time_zone)
    missing = _find_missing(zone, until=(now - SETTLED).astimezone(zone).date())
    for day in missing:
        _count_day(day, zone)
    return len(missing)


def _find_missing(zone: zoneinfo.ZoneInfo, *, until: dt.date) -> list[dt.date]:
    """Return the days before ``until`` that have no figures, since the first decision or opt-out."""
    first = Event.objects.decisions_or_opt_outs().order_by("at_microseconds").first()
    if first is None:
        return []
    day = first.at.astimezone(zone).date()
    counted = ReviewFigure.objects.filter(kind=FigureKind.DAY, day__gte=day)
    known = set(counted.values_list("day", flat=True))
    every = (day + n * DAY for n in range((until - day).days))
    return [each for each in every if each not in known][:AT_ONCE]


def _count_day(day: dt.date, zone: zoneinfo.ZoneInfo) -> None:
    """Write the figures of a day, all or none; a run that counts the same day at once waits and leaves it."""
    with transaction.atomic():
        _row, is_new = ReviewFigure.objects.get_or_create(
            day=day, kind=FigureKind.DAY, key="", defaults={"count": 1}
        )
        if not is_new:
            return
        events = Event.objects.decisions_or_opt_outs().filter(
            at_microseconds__gte=to_microseconds(end_of_day(day - DAY, zone)),
            at_microseconds__lt=to_microseconds(end_of_day(day, zone)),
        )
        counts = {
            FigureKind.DECIDED: _count_hours(events),
            FigureKind.REJECTED: _count_by(
                events.filter(kind=EventKind.MOVED, to_status=Status.REJECTED), "reason_code"
            ),
            FigureKind.OPTED_OUT: _count_by(
                events.filter(kind=EventKind.OPTED_OUT), "claim__partner"
            ),
        }
        ReviewFigure.objects.bulk_create(
            ReviewFigure(day=day, kind=kind, key=str(key), count=count)
            for kind, found in counts.items()
            for key, count in found
        )


def _count_hours(events: QuerySet[Event]) -> Iterable[tuple[int, int]]:
    """Count the reviewers' decisions by the hours since the partner submitted, answered or disputed."""
    handed_over = Event.objects.filter(
        claim=OuterRef("claim"),
        number__lt=OuterRef("number"),
        kind=EventKind.MOVED,
        actor=Actor.PARTNER,
    ).order_by("-number")
    decisions = events.filter(
        kind=EventKind.MOVED, to_status__in=DECIDED_STATUSES, actor=Actor.STAFF
    )
    timed = decisions.annotate(began=Subquery(handed_over.values("at_microseconds")[:1]))
    hours = timed.exclude(began=None).annotate(hours=(F("at_microseconds") - F("began")) / HOUR)
    return _count_by(hours, "hours")


def _count_by(events: QuerySet[Event], field: str) -> Iterable[tuple[int, int]]:
    return events.order_by().values_list(field).annotate(count=Count("pk"))


def read_figures(first: dt.date, last: dt.date, *, without_partners: Iterable[int]) -> Figures:
    """Sum the figures from ``first`` to ``last``; partners that the reader belongs to are left out [R19]."""
    found = ReviewFigure.objects.filter(day__gte=first, day__lte=last)
    rows = found.values_list("kind", "key").annotate(Sum("count"), Max("day"))
    by_kind: dict[str, dict[str, int]] = {}
    last_day = None
    for kind, key, count, day in rows:
        by_kind.setdefault(kind, {})[key] = count
        last_day = day if kind == FigureKind.DAY else last_day
    hours = sorted((int(key), n) for key, n in by_kind.get(FigureKind.DECIDED, {}).items())
    hidden = set(without_partners)
    opt_outs = {int(key): n for key, n in by_kind.get(FigureKind.OPTED_OUT, {}).items()}
    return Figures(
        days=by_kind.get(FigureKind.DAY, {}).get("", 0),
        last_day=last_day,
        decided=sum(n for _hours, n in hours),
        median=find_percentile(hours, 50),
        ninetieth=find_percentile(hours, 90),
        rejections=by_kind.get(FigureKind.REJECTED, {}),
        opt_outs={partner: n for partner, n in opt_outs.items() if partner not in hidden},
    )


def find_percentile(histogram: list[tuple[int, int]], percent: int) -> int | None:
    """Return the smallest value that at least ``percent`` of a histogram, sorted by value, do not exceed."""
    wanted = percent * sum(count for _value, count in histogram)
    reached = 0
    for value, count in histogram:
        reached += 100 * count
        if reached >= wanted:
            return value
    return None
