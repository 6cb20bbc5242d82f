"""Drafts from a file of claims: equal to those of the pages, made once, nothing told of others [R47]."""

import pytest
from django.utils import timezone

from associations.enums import Activity, Channel, Status, SubscriptionState
from associations.filing import drafts, submission
from associations.models import Claim, Subscription
from partners.enums import Role
from partners.models import Location
from tests import cast
from tests.associations.imports.made_files import (
    BOSTON,
    FABRIKAM,
    LAMNA,
    SALES,
    SEATTLE,
    good,
    make_csv,
)
from tests.associations.imports.world import World, count, run

from .bulk_steps import DYNAMICS, FINANCE, REVENUE, ask_pages, load, read_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


DRAFTS = {
    "workloads": {"products": "teams exchange-online"},
    "Dynamics": DYNAMICS | {"technical_title": "Engineer"},
    "both activities": DYNAMICS | {"activity": Activity.PRESALES_AND_USAGE.value},
    "revenue": REVENUE,
    "another contact of the partner": {
        "partner_name": "Bea",
        "partner_email": "BEA@contoso.example",
    },
    "as people paste": {
        "customer_domain": "https://Fabrikam.example/",
        "tenant_id": "{" + FABRIKAM.upper() + "}",
        "name": "Teams\u200b  rollout",
        "customer_email": " rosa@FABRIKAM.example",
    },
}


def describe(claim):
    """Everything a draft says."""
    columns = (
        *("partner_id", "location_id", "tenant_id", "customer_domain", "solution_area", "activity"),
        *("name", "status", "solution_seller", "revenue_customer_name", "isv_product"),
        *("created_by_id", "typed", "revision"),
    )
    contacts = claim.contacts.values_list("role", "name", "title", "email", "language")
    products = claim.associations.values_list("product__code", "subscription_id", "slot_key")
    return {
        **{name: getattr(claim, name) for name in columns},
        "programs": sorted(claim.programs.values_list("code", flat=True)),
        "products": sorted(products),
        "contacts": sorted(contacts),
        "events": claim.events.count(),
    }


@pytest.mark.parametrize("case", DRAFTS)
def test_a_draft_from_a_row_equals_one_from_the_pages(world, case):
    cast.make_member(world.contoso, email="bea@contoso.example", language="pt-br")
    with cast.undone():
        pages = describe(ask_pages(world, **DRAFTS[case]))

    load(world, good("claims", **DRAFTS[case]))

    assert describe(Claim.objects.get()) == pages


def test_what_belongs_to_others_is_told_apart_from_nothing_by_no_word(world):
    """A stranger's Partner ID, customer or subscription gets the answer of one that does not exist."""
    theirs = cast.SubscriptionFactory(tenant=world.lamna, product=cast.product("sales"))
    for there, nowhere in (
        ({"partner_id": SEATTLE}, {"partner_id": "9999999"}),
        ({"tenant_id": LAMNA}, {"tenant_id": SALES}),
        ({"customer_domain": "lamna.example"}, {"customer_domain": "unknown.example"}),
        (
            DYNAMICS | {"subscription_ids": str(theirs.subscription_id)},
            DYNAMICS | {"subscription_ids": FINANCE},
        ),
    ):
        assert read_words(world, **there) == read_words(world, **nowhere)


def test_a_row_for_a_location_beyond_the_role_is_refused(world):
    boston = Location.objects.get(partner_code=BOSTON)
    user = cast.make_member(world.contoso, Role.INCENTIVES_USER, locations=[boston])

    file = run(world, "claims", make_csv("claims", good("claims")), actor=user)

    assert [row.words for row in file.problems.all()] == ["This is not one of your locations."]


def test_the_same_file_twice_makes_no_second_draft(world):
    rows = [good("claims"), good("claims", **DYNAMICS)]
    load(world, *rows)

    again = load(world, *rows[::-1], good("claims", name="Another"))

    assert count(again) == (1, 0, 2, 0)
    assert Claim.objects.count() == 3


def test_a_discarded_draft_is_made_again_and_a_submitted_claim_is_not(world):
    rows = [good("claims"), good("claims", **DYNAMICS)]
    load(world, *rows)
    teams, sales = Claim.objects.order_by("pk")
    drafts.discard_draft(teams, actor=world.admin)
    cast.add_document(sales, world.admin)
    submission.submit_claim(sales, actor=world.admin, now=timezone.now())

    again = load(world, *rows)

    assert count(again) == (1, 0, 1, 0)
    statuses = sorted(Claim.objects.values_list("status", flat=True))
    assert statuses == [Status.EDITING, Status.SUBMITTED]


def test_a_row_of_what_is_claimed_already_names_the_claim(world):
    load(world, good("claims"))
    claim = Claim.objects.get()
    cast.add_document(claim, world.admin)
    submission.submit_claim(claim, actor=world.admin, now=timezone.now())
    with cast.undone():
        pages = ask_pages(world, name="Another")

    assert pages == [read_words(world, name="Another")]
    assert claim.reference in pages[0]


SUBSCRIPTIONS = {
    "bought through a reseller": {"channel": Channel.CSP},
    "not provisioned": {"state": SubscriptionState.NOT_PROVISIONED},
    "over": {"ends_on": "2020-01-01"},
    "no Dynamics product": {"product": None},
}


@pytest.mark.parametrize("case", SUBSCRIPTIONS)
@pytest.mark.parametrize("typed", ["", SALES])
def test_a_subscription_that_cannot_be_claimed_gets_the_words_of_the_page(world, case, typed):
    Subscription.objects.update(**SUBSCRIPTIONS[case])
    changes = DYNAMICS | {"subscription_ids": typed}
    with cast.undone():
        pages = ask_pages(world, **changes)

    assert pages == [read_words(world, **changes)]


def test_of_several_subscriptions_a_row_names_one(world):
    other = cast.SubscriptionFactory(tenant=world.fabrikam, product=cast.product("sales"))
    with cast.undone():
        pages = ask_pages(world, **DYNAMICS)
    assert pages == [read_words(world, **DYNAMICS)]
    both = f"{other.subscription_id} {SALES}"
    words = "Enter at most one subscription ID for each product."
    assert read_words(world, **DYNAMICS, subscription_ids=both) == words

    load(world, good("claims", **DYNAMICS, subscription_ids=str(other.subscription_id).upper()))

    assert Claim.objects.get().associations.get().subscription == other
