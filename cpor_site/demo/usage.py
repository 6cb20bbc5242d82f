"""Twelve months of usage for official associations, with growth, a summer dip and unassigned seats."""

import datetime as dt
import math

from associations.models import Association, SubscriptionUsage, WorkloadUsage

from .customers import CUSTOMERS

MONTHS = 12
_PEOPLE = {each.tenant_id: each.people for each in CUSTOMERS.values()}


def add_usage(associations: list[Association], *, today: dt.date) -> None:
    """Add the last twelve whole months for each association; existing months are kept."""
    rows = [
        _make_row(association, months_ago, today)
        for association in associations
        for months_ago in range(1, MONTHS + 1)
    ]
    WorkloadUsage.objects.bulk_create(
        (row for row in rows if isinstance(row, WorkloadUsage)), ignore_conflicts=True
    )
    SubscriptionUsage.objects.bulk_create(
        (row for row in rows if isinstance(row, SubscriptionUsage)), ignore_conflicts=True
    )


def _make_row(association: Association, months_ago: int, today: dt.date):
    month = _month_before(today, months_ago)
    share = _share(association.pk, MONTHS - months_ago, month)
    subscription = association.subscription
    if subscription is None:
        paid = _PEOPLE.get(association.tenant.tenant_id, 100)
        return WorkloadUsage(
            tenant_id=association.tenant_id,
            product_id=association.product_id,
            month=month,
            active_users=round(paid * share),
            paid_units=paid,
        )
    sold = subscription.sold_seats
    return SubscriptionUsage(
        subscription=subscription,
        month=month,
        sold_seats=sold,
        assigned_seats=round(sold * min(share + 0.12, 1)),
        active_seats=round(sold * share),
    )


def _share(seed: int, number: int, month: dt.date) -> float:
    """Return the used share of what was bought, from 0 to 1: it grows, with dips for holidays."""
    level = 0.3 + 0.07 * (seed % 5)
    growth = 0.35 * number / MONTHS
    dip = 0.06 if month.month in (7, 8, 12) else 0
    return max(0.05, min(0.97, level + growth - dip + 0.02 * math.sin(seed + number)))


def _month_before(today: dt.date, months: int) -> dt.date:
    number = today.year * 12 + today.month - 1 - months
    return dt.date(number // 12, number % 12 + 1, 1)
