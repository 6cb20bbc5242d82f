"""Whether a claim is within the staff's time limits, for the queue [R15]."""

import datetime as dt
from dataclasses import dataclass

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ...claims.deadlines import find_operators_calendar, find_soon
from ...enums import STAFF_STATUSES
from ...models import Claim


class Sla(models.TextChoices):
    LATE = "late", _("Late")
    DUE_SOON = "due-soon", _("Due soon")
    ON_TIME = "on-time", _("On time")


SLA_ICONS = {Sla.LATE: "warning", Sla.DUE_SOON: "clock", Sla.ON_TIME: "check"}


@dataclass(frozen=True)
class SlaClock:
    """The current time, and the instant until which a deadline is due soon: one business day away."""

    now: dt.datetime
    soon: dt.datetime

    @classmethod
    def read(cls) -> "SlaClock":
        """Read the clock once, so that a list and its filter agree."""
        now = timezone.now()
        return cls(now, find_soon(now, find_operators_calendar()))

    def state_of(self, claim: Claim) -> Sla | None:
        """Return late, due soon or on time; None if the claim is not waiting for staff."""
        return self.state_at(claim.due_at) if claim.status in STAFF_STATUSES else None

    def state_at(self, due_at: dt.datetime | None) -> Sla | None:
        """Return how a deadline of the staff stands; None without one."""
        if due_at is None:
            return None
        if due_at <= self.now:
            return Sla.LATE
        return Sla.DUE_SOON if due_at <= self.soon else Sla.ON_TIME

    def filter_for(self, state: str) -> Q:
        """Return the same as a filter on claims."""
        return Q(status__in=STAFF_STATUSES) & self.span_of(state)

    def span_of(self, state: str) -> Q:
        """Return the deadlines that stand so, as a filter."""
        spans = {
            Sla.LATE: Q(due_at__lte=self.now),
            Sla.DUE_SOON: Q(due_at__gt=self.now, due_at__lte=self.soon),
            Sla.ON_TIME: Q(due_at__gt=self.soon),
        }
        return spans[Sla(state)]

    def describe_age(self, claim: Claim) -> str:
        """Say how many days ago the claim was submitted."""
        if claim.submitted_at is None:
            return ""
        days = (self.now - claim.submitted_at).days
        if days == 0:
            return gettext("less than a day")
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
