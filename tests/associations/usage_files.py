"""Usage files for the tests: lines from facts, figures straight into the tables."""

import datetime as dt
import io

from django.utils import timezone

from associations.models import SubscriptionUsage, WorkloadUsage
from associations.usage.file_format import COLUMNS as USAGE_COLUMNS

COLUMNS = tuple(each.name for each in USAGE_COLUMNS)


def months_back(count, *, last=None):
    """The first days of ``count`` months up to ``last`` (default: the month before this one)."""
    last = last or shift(timezone.now().date().replace(day=1), -1)
    return [shift(last, -number) for number in reversed(range(count))]


def shift(month, by):
    index = month.year * 12 + month.month - 1 + by
    return dt.date(index // 12, index % 12 + 1, 1)


def line(separator=",", **fields):
    return separator.join(str(fields.get(name, "")) for name in COLUMNS)


def workload_line(tenant, code="teams", *, month="2026-01", users=80, units=100, **kwargs):
    return line(
        month=month,
        tenant_id=tenant.tenant_id,
        product=code,
        active_users=users,
        paid_units=units,
        **kwargs,
    )


def subscription_line(subscription, *, month="2026-01", seats=(100, 80, 60), **kwargs):
    sold, assigned, active = seats
    return line(
        month=month,
        subscription_id=subscription.subscription_id,
        sold_seats=sold,
        assigned_seats=assigned,
        active_seats=active,
        **kwargs,
    )


HEADER = ",".join(COLUMNS)


def make_file(*lines, header=HEADER, newline="\n", encoding="utf-8"):
    text = newline.join([header, *lines]) + newline
    return io.BytesIO(text.encode(encoding))


def add_workload_usage(tenant, product, figures, *, last=None):
    """``figures``: (active users, paid units) by month, the last one the month before this one."""
    for month, (users, units) in zip(months_back(len(figures), last=last), figures, strict=True):
        WorkloadUsage.objects.create(
            tenant=tenant, product=product, month=month, active_users=users, paid_units=units
        )


def add_subscription_usage(subscription, figures, *, last=None):
    """``figures``: (sold, assigned, active) by month."""
    for month, seats in zip(months_back(len(figures), last=last), figures, strict=True):
        SubscriptionUsage.objects.create(
            subscription=subscription,
            month=month,
            sold_seats=seats[0],
            assigned_seats=seats[1],
            active_seats=seats[2],
        )
