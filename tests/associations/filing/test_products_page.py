"""The page of products and subscriptions, in its own words [R9, R13]."""

import datetime as dt

import pytest
from django.test import Client

from associations.enums import Channel, Status, SubscriptionState
from associations.models import Claim, Subscription
from tests import cast

from .steps import errors_of, page_url, send, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("page", ["products", "contacts"])
def test_products_and_contacts_wait_for_the_work(client, started, page):
    answer = client.get(page_url(started, page))

    assert page_url(started, "work") in answer.content.decode()
    assert send(client, started, page, pick_teams="on").status_code == 302
    assert not started.associations.exists()


def test_at_least_one_product_is_asked_for(client, workloads):
    answer = send(client, workloads, "products")

    assert answer.context["form"].non_field_errors() == ["Choose at least one product."]


def test_a_product_withdrawn_from_the_catalogue_is_not_offered(client, workloads):
    teams = cast.product("teams")
    teams.is_active = False
    teams.save()

    page = client.get(page_url(workloads, "products")).content.decode()

    assert "pick_teams" not in page.replace("pick_teams-", "")
    assert "pick_intune" in page


def test_the_only_subscription_is_shown_and_filled_in(client, dynamics, tenant):
    only = cast.SubscriptionFactory(tenant=tenant, product=cast.product("sales"))

    page = client.get(page_url(dynamics, "products")).content.decode()
    send(client, dynamics, "products", pick_sales="on")

    assert str(only.subscription_id) in page
    assert dynamics.associations.get().subscription == only


def test_of_several_subscriptions_one_is_chosen_or_typed(client, dynamics, tenant):
    first, second = (
        cast.SubscriptionFactory(tenant=tenant, product=cast.product("sales")) for _each in range(2)
    )

    answer = send(client, dynamics, "products", pick_sales="on")
    assert errors_of(answer)["subscription_sales"] == [
        "Fabrikam has 2 subscriptions of Sales. Choose one or enter its ID."
    ]
    send(client, dynamics, "products", pick_sales="on", known_sales=str(first.subscription_id))
    assert dynamics.associations.get().subscription == first
    send(
        client,
        dynamics,
        "products",
        pick_sales="on",
        subscription_sales=str(second.subscription_id),
    )
    assert dynamics.associations.get().subscription == second


SUBSCRIPTION_ERRORS = {
    "is not a subscription ID": None,
    "This subscription does not belong to Fabrikam.": {"tenant": "other"},
    "This is not a Dynamics subscription.": {"product": None},
    "This subscription was bought through CSP": {"channel": Channel.CSP},
    "Fabrikam has no subscription of Sales.": {"product": "finance"},
    "This subscription is not provisioned yet.": {"state": SubscriptionState.NOT_PROVISIONED},
    "neither active nor in its grace period": {"state": SubscriptionState.EXPIRED},
}


@pytest.mark.parametrize("words", SUBSCRIPTION_ERRORS)
def test_each_subscription_error_stands_at_its_field_and_keeps_what_was_typed(
    client, dynamics, tenant, words
):
    fields = SUBSCRIPTION_ERRORS[words]
    typed = "nonsense"
    if fields is not None:
        owner = cast.make_tenant("other.example") if fields.pop("tenant", None) else tenant
        code = fields.pop("product", "sales")
        product = cast.product(code) if code else None
        typed = str(
            cast.SubscriptionFactory(tenant=owner, product=product, **fields).subscription_id
        )

    answer = send(client, dynamics, "products", pick_sales="on", subscription_sales=typed)

    assert list(errors_of(answer)) == ["subscription_sales"]
    assert words in errors_of(answer)["subscription_sales"][0]
    assert f'value="{typed}"' in client.get(page_url(dynamics, "products")).content.decode()
    assert not dynamics.associations.exists()


def test_the_summary_says_which_product_an_error_is_about(client, dynamics):
    typed = {"subscription_sales": "x", "subscription_finance": "x"}

    page = send(client, dynamics, "products", pick_sales="on", pick_finance="on", **typed).text

    for code, name in (("sales", "Sales"), ("finance", "Finance")):
        assert f'<a href="#id_subscription_{code}">{name}: “x” is not a subscription ID' in page


def test_what_is_already_yours_is_said_at_the_product(client, workloads, partner, admin, tenant):
    mine = cast.make_draft(partner, admin, tenant, codes=["teams"])
    cast.walk(mine, Status.SUBMITTED, actor=admin, reviewer=cast.make_reviewer())

    answer = send(client, workloads, "products", pick_teams="on", pick_intune="on")

    words = f"Your claim {mine.reference} already covers Teams (Usage)."
    assert errors_of(answer) == {"pick_teams": [words]}
    assert f'href="{mine.get_absolute_url()}"' in answer.text


def test_what_is_yours_elsewhere_is_named_only_to_those_who_may_see_it(
    workloads, partner, admin, tenant
):
    mine = cast.make_draft(partner, admin, tenant, codes=["teams"])
    mine = cast.walk(mine, Status.SUBMITTED, actor=admin, reviewer=cast.make_reviewer())
    elsewhere = cast.LocationFactory(partner=partner)
    Claim.objects.filter(pk=workloads.pk).update(location=elsewhere)
    client = Client()
    client.force_login(cast.make_member(partner, locations=[elsewhere]))

    answer = send(client, workloads, "products", pick_teams="on")

    assert errors_of(answer) == {
        "pick_teams": ["Another claim of your company already covers Teams (Usage)."]
    }
    assert mine.reference not in answer.text


def test_no_seats_or_dates_of_a_subscription_are_shown_before_it_is_theirs(
    client, dynamics, tenant
):
    """[R37]: what was sold is usage data, no matter who files."""
    facts = {"tenant": tenant, "sold_seats": 4711, "ends_on": dt.date(2099, 3, 4)}
    cast.SubscriptionFactory(product=cast.product("sales"), **facts)
    for _each in range(2):
        cast.SubscriptionFactory(product=cast.product("finance"), **facts)

    send(client, dynamics, "products", pick_sales="on")
    pages = [text_of(client.get(page_url(dynamics, name))) for name in ("products", "review")]

    assert "Found automatically" in pages[0]
    for page in pages:
        assert "4711" not in page
        assert "4,711" not in page
        assert "2099" not in page


def test_a_subscription_that_ended_after_submission_can_stay(client, draft, admin, tenant, partner):
    claim = cast.make_draft(partner, admin, tenant, codes=["sales", "finance"])
    claim = cast.walk(claim, Status.ACTION_REQUIRED, actor=admin, reviewer=cast.make_reviewer())
    held = claim.associations.get(product__code="sales").subscription
    Subscription.objects.filter(pk=held.pk).update(state=SubscriptionState.EXPIRED)

    answer = send(
        client, claim, "products", pick_sales="on", subscription_sales=str(held.subscription_id)
    )

    assert answer.status_code == 302
    assert claim.associations.get().subscription == held


def test_the_other_activity_can_be_added(client, dynamics, partner, admin, tenant):
    mine = cast.make_draft(partner, admin, tenant, codes=["sales"], activity="presales")
    cast.walk(mine, Status.OFFICIAL, actor=admin, reviewer=cast.make_reviewer())

    assert send(client, dynamics, "products", pick_sales="on").status_code == 302
    page = client.get(page_url(dynamics, "products")).content.decode()
    assert "Another partner" not in page


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.OFFICIAL])
def test_a_contested_slot_is_told_without_the_name(client, workloads, tenant, status):
    rival = cast.make_partner("Rival Consulting")
    actor = cast.make_member(rival)
    theirs = cast.make_draft(rival, actor, tenant, codes=["teams"])
    cast.walk(theirs, status, actor=actor, reviewer=cast.make_reviewer())

    send(client, workloads, "products", pick_teams="on", pick_intune="on")

    for name in ("products", "review"):
        page = client.get(page_url(workloads, name)).content.decode()
        assert "Another partner holds or has claimed: Teams." in page
        assert "Rival" not in page


def test_a_rivals_draft_contests_nothing(client, workloads, tenant):
    rival = cast.make_partner("Rival Consulting")
    cast.make_draft(rival, cast.make_member(rival), tenant, codes=["teams"])

    send(client, workloads, "products", pick_teams="on")

    assert "Another partner" not in client.get(page_url(workloads, "review")).content.decode()
