"""When a subscription is over, said in Python, as a filter and in SQL [R9], [R29]."""

import datetime as dt

import pytest
from django.db import connection

from associations.claims.setbased import phrase
from associations.claims.subscription_ends import OVER_SQL, bind_end, is_over, over_by
from associations.enums import SubscriptionState
from associations.models import Subscription
from tests import cast

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 10)
NOON = dt.datetime(2026, 3, 10, 15, 0, tzinfo=dt.UTC)  # in São Paulo
ENDS = [None, DAY - dt.timedelta(days=1), DAY, DAY + dt.timedelta(days=1)]


@pytest.mark.parametrize("state", SubscriptionState)
@pytest.mark.parametrize("ends_on", ENDS)
def test_all_ways_to_ask_agree(state, ends_on):
    subscription = cast.SubscriptionFactory(state=state, ends_on=ends_on)
    has_passed = ends_on is not None and ends_on < DAY and state != SubscriptionState.GRACE
    expected = has_passed or state == SubscriptionState.EXPIRED

    statement = phrase("SELECT count(*) FROM {subscription} s WHERE " + OVER_SQL)
    with connection.cursor() as cursor:
        cursor.execute(statement, bind_end(DAY))
        (found,) = cursor.fetchone()

    assert is_over(subscription, at=NOON) is expected
    assert found == expected
    assert Subscription.objects.filter(over_by(DAY)).exists() is expected
