"""Twelve months of usage for official associations, with growth, a summer dip and unassigned seats."""

import datetime as dt
import math
from collections.abc import Iterator

from django.db.models import QuerySet

from associations.enums import AssociationStatus
from associations.models import Association, SubscriptionUsage, WorkloadUsage
from associations.usage.attention import look_at

from .customers import CUSTOMERS

MONTHS = 12
#: Products whose use has fallen lately, so that the overview begins with something to do.
FALLING = ("azure-ad-premium",)
_PEOPLE = {each.tenant_id: each.people for each in CUSTOMERS.values()}


def add_usage(associations: QuerySet[Association], *, today: dt.date) -> None:
    """Add the last twelve whole months for each association; existing months are kept."""
    workloads, subscriptions = [], []
    for each in associations.select_related("tenant", "product", "subscription"):
        paid, bought = _PEOPLE.get(each.tenant.tenant_id, 100), each.subscription
        is_falling = each.product.code in FALLING
        for month, share in _list_shares(each.pk, today, is_falling=is_falling):
            if bought is None:
                used = {"active_users": round(paid * share), "paid_units": paid}
                of = {"tenant_id": each.tenant_id, "product_id": each.product_id}
                workloads.append(WorkloadUsage(month=month, **of, **used))
            else:
                seats = bought.sold_seats
                used = {
                    "sold_seats": seats,
                    "assigned_seats": round(seats * min(share + 0.12, 1)),
                    "active_seats": round(seats * share),
                }
                subscriptions.append(SubscriptionUsage(subscription=bought, month=month, **used))
    WorkloadUsage.objects.bulk_create(workloads, ignore_conflicts=True)
    SubscriptionUsage.objects.bulk_create(subscriptions, ignore_conflicts=True)
    official = associations.filter(status=AssociationStatus.OFFICIAL)
    look_at(list(official.values_list("pk", flat=True)), today=today)


def _list_shares(seed: int, today: dt.date, *, is_falling: bool) -> Iterator[tuple[dt.date, float]]:
    """Yield each month and the used share of what was bought: it grows, with dips for holidays.

    One that ``is_falling`` loses again what it has gained, over the last four months.
    """
    for number in range(MONTHS):
        years, months = divmod(today.year * 12 + today.month - 1 - MONTHS + number, 12)
        level = 0.3 + 0.07 * (seed % 5) + 0.35 * number / MONTHS + 0.02 * math.sin(seed + number)
        if is_falling:
            level -= 0.06 * max(0, number - MONTHS + 5)
        dip = 0.06 if months + 1 in (7, 8, 12) else 0
        yield dt.date(years, months + 1, 1), max(0.05, min(0.97, level - dip))
