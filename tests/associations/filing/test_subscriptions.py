"""Every error of R9 says which rule is broken, and none tells of other tenants."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from associations.enums import Activity, Channel, Status, SubscriptionState
from associations.filing import own_claims
from associations.filing.drafts import Pick, choose_products, save_facts
from associations.filing.own_claims import require_not_own
from associations.filing.subscriptions import UnfitSubscription, find_subscription
from associations.models import Subscription
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales():
    return cast.product("sales")


def add(tenant, product, **fields) -> Subscription:
    return cast.SubscriptionFactory(tenant=tenant, product=product, **fields)


def refuse(tenant, product, typed=""):
    with pytest.raises(UnfitSubscription) as caught:
        find_subscription(tenant, product, str(typed), now=timezone.now())
    return caught.value


def test_the_only_live_subscription_is_filled_in(tenant, sales):
    live = add(tenant, sales)
    add(tenant, sales, channel=Channel.CSP)
    add(tenant, sales, state=SubscriptionState.EXPIRED)
    add(tenant, sales, ends_on=dt.date(2020, 1, 1))
    add(cast.make_tenant("other.example"), sales)

    assert find_subscription(tenant, sales, now=timezone.now()) == live


def test_one_in_its_grace_period_counts_after_its_last_day(tenant, sales):
    grace = add(tenant, sales, state=SubscriptionState.GRACE, ends_on=dt.date(2020, 1, 1))

    assert find_subscription(tenant, sales, now=timezone.now()) == grace
    assert find_subscription(tenant, sales, str(grace.subscription_id), now=timezone.now()) == grace


def test_one_in_its_grace_period_counts(tenant, sales):
    grace = add(tenant, sales, state=SubscriptionState.GRACE)

    assert find_subscription(tenant, sales, now=timezone.now()) == grace


def test_of_several_one_must_be_chosen(tenant, sales):
    first, second = add(tenant, sales), add(tenant, sales)

    error = refuse(tenant, sales)

    assert error.code == "several"
    assert "2 subscriptions of Sales" in str(error)
    assert (
        find_subscription(tenant, sales, str(second.subscription_id), now=timezone.now()) == second
    )
    assert (
        find_subscription(
            tenant, sales, f" {{{first.subscription_id}}} ".upper(), now=timezone.now()
        )
        == first
    )


@pytest.mark.parametrize("typed", ["nonsense", "1234", "8a5c1f0e-3b7d-4e62-9c41-d2f6a7b8091g"])
def test_what_is_no_subscription_id(tenant, sales, typed):
    error = refuse(tenant, sales, typed)

    assert error.code == "no-id"
    assert f"“{typed}” is not a subscription ID" in str(error)


def test_an_unknown_id_and_another_tenants_are_answered_alike(tenant, sales):
    others = add(cast.make_tenant("other.example", name="Secret Customer"), sales)

    unknown = refuse(tenant, sales, uuid.uuid4())
    foreign = refuse(tenant, sales, others.subscription_id)

    assert unknown.code == foreign.code == "not-tenants"
    assert str(unknown) == str(foreign)
    assert "does not belong to Fabrikam" in str(foreign)
    assert "Secret" not in str(foreign)


@pytest.mark.parametrize("code", [None, "teams"])
def test_what_is_no_dynamics_subscription(tenant, sales, code):
    other = add(tenant, cast.product(code) if code else None)

    error = refuse(tenant, sales, other.subscription_id)

    assert error.code == "not-dynamics"
    assert "not a Dynamics subscription" in str(error)


def test_one_bought_through_csp_typed_or_found(tenant, sales):
    csp = add(tenant, sales, channel=Channel.CSP)

    assert refuse(tenant, sales, csp.subscription_id).code == "csp"
    assert refuse(tenant, sales).code == "csp"
    assert "CSP" in str(refuse(tenant, sales))


def test_a_product_that_is_not_in_the_tenant(tenant, sales):
    finance = add(tenant, cast.product("finance"))

    assert refuse(tenant, sales).code == "not-in-tenant"
    assert refuse(tenant, sales, finance.subscription_id).code == "not-in-tenant"
    assert "Fabrikam has no subscription of Sales" in str(refuse(tenant, sales))


def test_a_subscription_of_another_product_than_the_ticked_one(tenant, sales):
    add(tenant, sales)
    finance = add(tenant, cast.product("finance"))

    error = refuse(tenant, sales, finance.subscription_id)

    assert error.code == "other-product"
    assert "subscription of Finance" in str(error)


def test_one_not_provisioned_yet(tenant, sales):
    new = add(tenant, sales, state=SubscriptionState.NOT_PROVISIONED)

    assert refuse(tenant, sales, new.subscription_id).code == "not-provisioned"
    assert "not provisioned yet" in str(refuse(tenant, sales))


@pytest.mark.parametrize(
    "fields", [{"state": SubscriptionState.EXPIRED}, {"ends_on": dt.date(2020, 1, 1)}]
)
def test_one_neither_active_nor_in_grace(tenant, sales, fields):
    over = add(tenant, sales, **fields)

    assert refuse(tenant, sales, over.subscription_id).code == "not-live"
    assert "neither active nor in its grace period" in str(refuse(tenant, sales))


SHARED = {
    (Activity.USAGE, Activity.USAGE),
    (Activity.USAGE, Activity.PRESALES_AND_USAGE),
    (Activity.PRESALES, Activity.PRESALES),
    (Activity.PRESALES, Activity.PRESALES_AND_USAGE),
    (Activity.PRESALES_AND_USAGE, Activity.USAGE),
    (Activity.PRESALES_AND_USAGE, Activity.PRESALES),
    (Activity.PRESALES_AND_USAGE, Activity.PRESALES_AND_USAGE),
    (Activity.REVENUE, Activity.REVENUE),
}


@pytest.mark.parametrize("held", list(Activity))
@pytest.mark.parametrize("wanted", list(Activity))
def test_already_yours_only_for_the_same_activity(partner, admin, tenant, sales, held, wanted):
    facts = {
        "solution_seller": "S",
        "revenue_customer_name": "F",
        "isv_product": "P",
    }
    first = cast.make_draft(partner, admin, tenant, codes=["sales"], activity=held, **facts)
    cast.walk(first, Status.OFFICIAL, actor=admin, reviewer=cast.make_reviewer())
    second = cast.make_draft(partner, admin, tenant, codes=["sales"], activity=wanted)
    subscription = second.associations.get().subscription

    if (held, wanted) in SHARED:
        with pytest.raises(UnfitSubscription, match="already covers") as caught:
            require_not_own(second, sales, subscription, now=timezone.now())
        assert caught.value.code == "own"
    else:
        require_not_own(second, sales, subscription, now=timezone.now())


def test_a_workload_can_be_yours_already_too(partner, admin, tenant):
    first = cast.make_draft(partner, admin, tenant, codes=["teams"])
    second = cast.make_draft(partner, admin, tenant, codes=["teams"])
    require_not_own(second, cast.product("teams"), None, now=timezone.now())

    cast.walk(first, Status.SUBMITTED, actor=admin, reviewer=cast.make_reviewer())

    with pytest.raises(UnfitSubscription, match="already covers Teams"):
        require_not_own(second, cast.product("teams"), None, now=timezone.now())


def test_another_partners_claim_is_not_yours(partner, admin, tenant):
    rival = cast.make_partner("Rival")
    actor = cast.make_member(rival)
    theirs = cast.make_draft(rival, actor, tenant, codes=["teams"])
    cast.walk(theirs, Status.SUBMITTED, actor=actor, reviewer=cast.make_reviewer())
    mine = cast.make_draft(partner, admin, tenant, codes=["teams"])

    require_not_own(mine, cast.product("teams"), None, now=timezone.now())


def test_what_changed_while_a_draft_waited_is_found(partner, admin, tenant, sales):
    draft = cast.make_draft(partner, admin, tenant, codes=["sales", "finance"])
    assert own_claims.find_unfit(draft, own_claims.read_products(draft), now=timezone.now()) == {}

    Subscription.objects.filter(product=sales).update(state=SubscriptionState.EXPIRED)

    assert list(
        own_claims.find_unfit(draft, own_claims.read_products(draft), now=timezone.now())
    ) == ["Sales"]


def test_products_survive_a_change_of_activity_that_keeps_their_slots(
    partner, admin, tenant, sales
):
    draft = cast.make_draft(partner, admin, tenant, codes=["sales"], activity=Activity.USAGE)
    reference = draft.associations.get().reference

    save_facts(draft, actor=admin, activity=Activity.PRESALES, now=timezone.now())
    assert draft.associations.get().reference == reference
    save_facts(draft, actor=admin, activity=Activity.REVENUE, now=timezone.now())

    assert not draft.associations.exists()
    choose_products(
        draft,
        [Pick(sales, find_subscription(tenant, sales, now=timezone.now()))],
        actor=admin,
        now=timezone.now(),
    )
    assert draft.associations.get().slot_key.startswith("revenue:")
