"""When a subscription is over: after its last day, which is the customer's; grace is what follows that day.

Said for a row in memory, for the ORM and for set-based SQL; a test holds that they agree.
"""

import datetime as dt
import zoneinfo

from django.db.models import Q

from ..enums import SubscriptionState
from ..models import Subscription, Tenant

#: On ``s``, a row of subscriptions; the parameters are ``expired``, ``grace`` and ``day``.
OVER_SQL = "(s.state = %(expired)s OR (s.state <> %(grace)s AND s.ends_on < %(day)s))"


def find_local_day(tenant: Tenant, at: dt.datetime) -> dt.date:
    """Return the customer's day at the instant ``at`` (aware)."""
    return at.astimezone(zoneinfo.ZoneInfo(tenant.time_zone)).date()


def is_over(subscription: Subscription, *, at: dt.datetime) -> bool:
    """Is the subscription expired, or was its last day over at the instant ``at``?"""
    if subscription.state == SubscriptionState.EXPIRED:
        return True
    if subscription.ends_on is None or subscription.state == SubscriptionState.GRACE:
        return False
    return subscription.ends_on < find_local_day(subscription.tenant, at)


def over_by(day: dt.date, *, path: str = "") -> Q:
    """Return the same as a filter, for the customer's ``day``; ``path`` leads to the subscription."""
    has_passed = Q(**{f"{path}ends_on__lt": day}) & ~Q(**{f"{path}state": SubscriptionState.GRACE})
    return Q(**{f"{path}state": SubscriptionState.EXPIRED}) | has_passed


def find_last_local_day(at: dt.datetime) -> dt.date:
    """Return the latest day that it is anywhere at ``at`` (aware): at most the one after the day in UTC."""
    return at.astimezone(dt.UTC).date() + dt.timedelta(days=1)


def bind_end(day: dt.date) -> dict:
    """Return the parameters of ``OVER_SQL``."""
    return {
        "expired": SubscriptionState.EXPIRED.value,
        "grace": SubscriptionState.GRACE.value,
        "day": day,
    }
