"""When a subscription is over: after its last day, which is the customer's; grace is what follows that day.

Said for a row in memory and for set-based SQL; a test holds that the two agree.
"""

import datetime as dt
import zoneinfo

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


def bind_end(day: dt.date) -> dict:
    """Return the parameters of ``OVER_SQL``."""
    return {
        "expired": SubscriptionState.EXPIRED.value,
        "grace": SubscriptionState.GRACE.value,
        "day": day,
    }
