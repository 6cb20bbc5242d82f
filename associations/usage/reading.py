"""Reading usage for an association that ``associations_with_usage_visible_to`` found [R36].

Every month of the workload or subscription is shown, including those before the association became
official: without them no one could tell whether use is rising or falling. Only the association opens
and closes access.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from partners.audit.access_record import record_access
from partners.enums import AccessKind

from ..models import Association, SubscriptionUsage, WorkloadUsage

#: Whole months that a list shows of each product.
RECENT_MONTHS = 12


@dataclass(frozen=True, slots=True)
class UsageMonth:
    """The figures of one month; ``available`` is paid units or sold seats.

    ``assigned`` is None for a workload, whose units are not assigned one by one.
    """

    month: dt.date
    available: int
    active: int
    assigned: int | None = None

    @property
    def active_percent(self) -> float | None:
        """Return active as a percentage of available; None if nothing is available."""
        return 100 * self.active / self.available if self.available else None


@dataclass(frozen=True, slots=True)
class Measure:
    """A column of the figures: the field of UsageMonth, its name, and a short name for narrow pages."""

    field: str
    label: str | Promise
    short_label: str | Promise


WORKLOAD_MEASURES = (
    Measure("active", _("Active users"), _("Active users")),
    Measure("available", _("Paid units"), _("Paid units")),
)
SUBSCRIPTION_MEASURES = (
    Measure("active", _("Active seats"), pgettext_lazy("seats", "Active")),
    Measure("assigned", _("Assigned seats"), _("Assigned")),
    Measure("available", _("Sold seats"), _("Sold")),
)


@dataclass(frozen=True)
class UsageSeries:
    """The months that have figures, oldest first, and what they measure."""

    measures: tuple[Measure, ...]
    months: tuple[UsageMonth, ...]

    @property
    def is_of_subscription(self) -> bool:
        return self.measures is SUBSCRIPTION_MEASURES

    @property
    def latest(self) -> UsageMonth:
        return self.months[-1]

    @property
    def previous(self) -> UsageMonth | None:
        """Return the month before the latest; None if it has no figures."""
        return self.find(shift_month(self.latest.month, -1))

    def find(self, month: dt.date) -> UsageMonth | None:
        return next((each for each in self.months if each.month == month), None)

    def fill(self, limit: int) -> list[tuple[dt.date, UsageMonth | None]]:
        """Return the last ``limit`` calendar months up to the latest, with None for missing figures."""
        first = max(self.months[0].month, shift_month(self.latest.month, 1 - limit))
        present = {each.month: each for each in self.months}
        count = 12 * (self.latest.month.year - first.year) + self.latest.month.month - first.month
        months = [shift_month(first, by) for by in range(count + 1)]
        return [(month, present.get(month)) for month in months]


def read_usage(association: Association) -> UsageSeries:
    """Read all months of the association's workload or subscription [R36].

    This checks no permission: pass only what ``associations_with_usage_visible_to`` returned [R37].
    """
    if association.subscription_id:
        return UsageSeries(SUBSCRIPTION_MEASURES, _read_seats(association))
    return UsageSeries(WORKLOAD_MEASURES, _read_workload(association))


def read_many(associations: Iterable[Association], *, today: dt.date) -> dict[int, UsageSeries]:
    """Read the last RECENT_MONTHS of many associations, in at most two queries: primary key → series.

    The current month counts as well. As above, this checks no permission [R37].
    """
    first = shift_month(today.replace(day=1), -RECENT_MONTHS)
    associations = list(associations)
    workloads = [each for each in associations if not each.subscription_id]
    bought = [each for each in associations if each.subscription_id]
    used, seats = _read_workloads(workloads, first), _read_subscriptions(bought, first)
    series = {
        each.pk: UsageSeries(WORKLOAD_MEASURES, tuple(used[each.tenant_id, each.product_id]))
        for each in workloads
    }
    return series | {
        each.pk: UsageSeries(SUBSCRIPTION_MEASURES, tuple(seats[each.subscription_id]))
        for each in bought
    }


def _read_workloads(
    associations: list[Association], first: dt.date
) -> dict[tuple[int, int], list[UsageMonth]]:
    found: dict[tuple[int, int], list[UsageMonth]] = defaultdict(list)
    tenants_of: dict[int, set[int]] = defaultdict(set)
    for each in associations:
        tenants_of[each.product_id].add(each.tenant_id)
    if not tenants_of:
        return found
    # One condition for each product, so that no month of another product is read.
    wanted = Q(pk__in=[])
    for product_id, tenants in tenants_of.items():
        wanted |= Q(product=product_id, tenant__in=tenants)
    for row in WorkloadUsage.objects.filter(wanted, month__gte=first).order_by("month"):
        month = UsageMonth(row.month, row.paid_units, row.active_users)
        found[row.tenant_id, row.product_id].append(month)
    return found


def _read_subscriptions(
    associations: list[Association], first: dt.date
) -> dict[int | None, list[UsageMonth]]:
    found: dict[int | None, list[UsageMonth]] = defaultdict(list)
    keys = {each.subscription_id for each in associations}
    if not keys:
        return found
    rows = SubscriptionUsage.objects.filter(subscription__in=keys, month__gte=first)
    for row in rows.order_by("month"):
        month = UsageMonth(row.month, row.sold_seats, row.active_seats, row.assigned_seats)
        found[row.subscription_id].append(month)
    return found


def record_look(association: Association, *, user, kind: AccessKind) -> None:
    """Note in the access record that ``user`` viewed or exported the figures [R40]."""
    subject = f"{association.reference} · {association.product} · {association.tenant}"
    record_access(
        kind,
        user=user,
        partner=association.partner,
        location=association.claim.location,
        subject=subject,
    )


def shift_month(month: dt.date, by: int) -> dt.date:
    """Return the first day of the month ``by`` months later."""
    index = 12 * month.year + month.month - 1 + by
    return dt.date(index // 12, index % 12 + 1, 1)


def _read_seats(association: Association) -> tuple[UsageMonth, ...]:
    rows = SubscriptionUsage.objects.filter(subscription=association.subscription_id)
    return tuple(
        UsageMonth(row.month, row.sold_seats, row.active_seats, row.assigned_seats)
        for row in rows.order_by("month")
    )


def _read_workload(association: Association) -> tuple[UsageMonth, ...]:
    rows = WorkloadUsage.objects.filter(
        tenant=association.tenant_id, product=association.product_id
    )
    return tuple(
        UsageMonth(row.month, row.paid_units, row.active_users) for row in rows.order_by("month")
    )
