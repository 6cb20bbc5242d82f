"""A subscription's last day is the customer's; what follows it may be grace [R9], [R29]."""

import datetime as dt

import pytest
from django.utils import timezone

from associations.claims.grace import find_latest_closed
from associations.claims.subscription_ends import is_over as is_over_at
from associations.enums import Activity, ParkedReason, Status, SubscriptionState
from associations.filing.own_claims import find_unfit, read_products
from associations.filing.subscriptions import UnfitSubscription, find_live, find_subscription
from associations.finalisation import bulk, sweep
from associations.models import Claim, Subscription
from tests import cast

pytestmark = pytest.mark.django_db
LAST_DAY = dt.date(2026, 3, 10)
#: 23:00 in São Paulo on the last day: in UTC the next day has begun.
EVENING = dt.datetime(2026, 3, 11, 2, 0, tzinfo=dt.UTC)
#: 08:00 in Tokyo on the day after: in UTC it is the last day still.
MORNING = dt.datetime(2026, 3, 10, 23, 0, tzinfo=dt.UTC)
SAO_PAULO, TOKYO = "America/Sao_Paulo", "Asia/Tokyo"
HOUR = dt.timedelta(hours=1)

#: Where, when, and whether the last day is over then.
MOMENTS = [
    pytest.param(SAO_PAULO, EVENING, False, id="evening of the last day in São Paulo"),
    pytest.param(SAO_PAULO, EVENING + HOUR, True, id="midnight in São Paulo"),
    pytest.param(TOKYO, MORNING, True, id="morning after in Tokyo"),
    pytest.param(TOKYO, MORNING - 8 * HOUR - HOUR, False, id="evening of the last day in Tokyo"),
    pytest.param("Etc/GMT+12", EVENING + 9 * HOUR, False, id="where the day ends last"),
    pytest.param("Pacific/Kiritimati", EVENING - 15 * HOUR, True, id="where the day ends first"),
]


@pytest.fixture
def sell():
    """A function that makes a customer in a time zone, with a subscription of Sales."""

    def make(time_zone, *, state=SubscriptionState.ACTIVE, ends_on=LAST_DAY):
        tenant = cast.make_tenant(time_zone=time_zone)
        return cast.SubscriptionFactory(
            tenant=tenant, product=cast.product("sales"), state=state, ends_on=ends_on
        )

    return make


@pytest.fixture
def approve(partner, admin, reviewer, sell):
    """A function that approves a claim on a subscription that gets its end only then."""

    def make(time_zone, **fields):
        subscription = sell(time_zone, ends_on=None)
        draft = cast.make_draft(
            partner, admin, subscription.tenant, codes=("sales",), activity=Activity.USAGE
        )
        claim = cast.walk(draft, Status.APPROVED, actor=admin, reviewer=reviewer)
        Subscription.objects.filter(pk=subscription.pk).update(**fields)
        return claim

    return make


def finalise(claim, at):
    Claim.objects.filter(pk=claim.pk).update(due_at=find_latest_closed(at))
    sweep.finalise_due(at=at)
    return Claim.objects.get(pk=claim.pk)


@pytest.mark.parametrize(("time_zone", "instant", "is_over"), MOMENTS)
def test_it_can_be_claimed_until_the_customers_midnight(sell, time_zone, instant, is_over):
    subscription = sell(time_zone)
    tenant, product = subscription.tenant, subscription.product

    with cast.at(instant):
        live = list(find_live(tenant, now=timezone.now()))
        typed = str(subscription.subscription_id)
        if is_over:
            with pytest.raises(UnfitSubscription) as caught:
                find_subscription(tenant, product, typed, now=timezone.now())
            assert caught.value.code == "not-live"
            assert live == []
        else:
            assert find_subscription(tenant, product, typed, now=timezone.now()) == subscription
            assert live == [subscription]


@pytest.mark.parametrize(("time_zone", "instant", "is_over"), MOMENTS)
def test_it_becomes_official_until_the_customers_midnight(approve, time_zone, instant, is_over):
    claim = approve(time_zone, ends_on=LAST_DAY)

    fresh = finalise(claim, instant)

    reason = claim.associations.get().parked_reason
    assert (fresh.status, reason) == (
        (Status.APPROVED, ParkedReason.SUBSCRIPTION_ENDED) if is_over else (Status.OFFICIAL, "")
    )


@pytest.mark.parametrize("way", ["set", "alone"])
def test_in_grace_it_becomes_official_after_its_last_day(approve, way):
    claim = approve(SAO_PAULO, state=SubscriptionState.GRACE, ends_on=dt.date(2020, 1, 1))

    if way == "set":
        assert bulk.make_official([claim.pk], at=claim.due_at) == set()
    else:
        sweep.settle_alone(claim.pk, cast.over(claim), sweep.Outcome())

    assert Claim.objects.get(pk=claim.pk).status == Status.OFFICIAL


def test_what_was_claimed_in_grace_is_fit_and_becomes_official(partner, admin, reviewer, sell):
    """From the form to the end: the finaliser asks for nothing that the form does not."""
    subscription = sell(SAO_PAULO, state=SubscriptionState.GRACE, ends_on=dt.date(2020, 1, 1))
    draft = cast.make_draft(partner, admin, subscription.tenant, codes=("sales",))
    assert find_unfit(draft, read_products(draft), now=timezone.now()) == {}

    claim = cast.walk(draft, Status.OFFICIAL, actor=admin, reviewer=reviewer)

    assert (claim.status, claim.is_parked) == (Status.OFFICIAL, False)


@pytest.mark.parametrize("ends_on", [None, dt.date(2030, 1, 1), LAST_DAY])
def test_an_expired_one_is_parked_whatever_its_last_day_is(approve, ends_on):
    claim = approve(SAO_PAULO, state=SubscriptionState.EXPIRED, ends_on=ends_on)

    finalise(claim, EVENING)

    assert claim.associations.get().parked_reason == ParkedReason.SUBSCRIPTION_ENDED


@pytest.mark.parametrize(("time_zone", "instant", "is_over"), MOMENTS)
def test_the_set_based_way_never_takes_one_that_is_over(approve, time_zone, instant, is_over):
    """It may send one to the exact way too many, never one too few; whatever offset the instant has."""
    claim = approve(time_zone, ends_on=LAST_DAY)
    for hours in (-12, 0, 14):
        at = instant.astimezone(dt.timezone(dt.timedelta(hours=hours)))

        hindered = bulk.make_official([claim.pk], at=at)

        assert hindered == {claim.pk}
        assert is_over_at(claim.associations.get().subscription, at=at) == is_over


def test_the_set_based_way_takes_what_ends_later(approve):
    claim = approve(TOKYO, ends_on=LAST_DAY + dt.timedelta(days=1))

    assert bulk.make_official([claim.pk], at=EVENING - 3 * HOUR) == set()
