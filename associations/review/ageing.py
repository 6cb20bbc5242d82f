"""How long the claims that wait for staff have been waiting: by step, reviewer and program [R61]."""

import datetime as dt
from dataclasses import dataclass

from django.db import models
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ..claims.deadlines import find_business_days_ago, find_operators_calendar, find_soon
from ..claims.visible import claims_to_review
from ..enums import STAFF_STATUSES
from ..models import Claim

#: Business days from which a late claim is in the next group.
LATE_DAYS = (1, 5)


class Age(models.TextChoices):
    """Where a claim stands against the deadline of its step; business days are the operator's."""

    ON_TIME = "on-time", _("On time")
    DUE_SOON = "due-soon", _("Due soon")
    LATE = "late", _("Late by 1 business day or less")
    LATER = "later", _("Late by 2 to 5 business days")
    LATEST = "latest", _("Late by more than 5 business days")


@dataclass(frozen=True)
class Line:
    """The claims of one reviewer, program or step, by age; ``key`` is "" for those without one."""

    key: str
    name: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Ageing:
    """The claims that wait for staff at an instant; a claim with two programs is in both of their lines."""

    at: dt.datetime
    steps: list[Line]
    reviewers: list[Line]
    programs: list[Line]

    @property
    def totals(self) -> Line:
        columns = zip(*(line.counts for line in self.steps), strict=True)
        return Line("", "", tuple(map(sum, columns)) or (0,) * len(Age))


def count_by_age(user, *, now: dt.datetime) -> Ageing:
    """Count the open claims that ``user`` may review [R19], in three queries and one for memberships."""
    waiting = claims_to_review(user, now=now).filter(status__in=STAFF_STATUSES)
    spans = _find_spans(now)
    reviewers = _count(
        waiting, spans, "assigned_to", "assigned_to__full_name", "assigned_to__email"
    )
    return Ageing(
        at=now,
        steps=_count(waiting, spans, "status", "status"),
        reviewers=sorted(reviewers, key=lambda line: (line.key != "", line.name)),
        programs=sorted(
            _count(waiting, spans, "programs__code", "programs__name"), key=lambda line: line.name
        ),
    )


def _find_spans(now: dt.datetime) -> dict[str, Q]:
    """Return the filter of each age; every claim with a deadline matches exactly one."""
    calendar = find_operators_calendar()
    soon = find_soon(now, calendar)
    late, later = (find_business_days_ago(now, days, calendar) for days in LATE_DAYS)
    return {
        Age.ON_TIME.name: Q(due_at__gt=soon),
        Age.DUE_SOON.name: Q(due_at__gt=now, due_at__lte=soon),
        Age.LATE.name: Q(due_at__gt=late, due_at__lte=now),
        Age.LATER.name: Q(due_at__gt=later, due_at__lte=late),
        Age.LATEST.name: Q(due_at__lte=later),
    }


def _count(claims: QuerySet[Claim], spans: dict[str, Q], key: str, *names: str) -> list[Line]:
    """Group the claims by ``key`` and count each age; the first of ``names`` that is not empty is shown."""
    counts = {name: Count("pk", filter=span) for name, span in spans.items()}
    fields = dict.fromkeys((key, *names))
    return [
        Line(
            key=str(row[key] or ""),
            name=next((row[name] for name in names if row[name]), ""),
            counts=tuple(row[name] for name in spans),
        )
        for row in claims.order_by().values(*fields).annotate(**counts)
    ]
