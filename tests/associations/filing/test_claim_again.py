"""Claim again, and use for another customer: what is copied, what is not, once for each form [R2], [R14], [R32]."""

import uuid

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from associations.enums import Activity, SubscriptionState
from associations.filing import comments
from associations.models import Claim, Subscription
from partners.enums import Role
from tests import cast

pytestmark = pytest.mark.django_db

AGAIN, ANOTHER = "associations:claim-again", "associations:claim-for-another"
CLOSED = ["rejected", "rejected-final", "ended"]


@pytest.fixture
def at_status(draft, admin, reviewer):
    return lambda status, claim=None: cast.walk(
        claim or draft, status, actor=admin, reviewer=reviewer
    )


def press(client, claim, route=AGAIN, key=None):
    data = {"filing_key": str(key or uuid.uuid4())}
    return client.post(reverse(route, args=[claim.reference]), data)


def newest():
    return Claim.objects.latest("pk")


def said(response):
    return [str(each) for each in get_messages(response.wsgi_request)]


def people_of(claim):
    return set(claim.contacts.values_list("role", "name", "title", "email", "language"))


def products_of(claim):
    return set(claim.associations.values_list("product__code", "subscription", "slot_key"))


@pytest.mark.parametrize("status", CLOSED)
def test_a_closed_claim_makes_a_draft_with_its_facts_and_asks_for_proof(
    client, at_status, admin, status
):
    claim = at_status(status)

    response = press(client, claim)

    copy = newest()
    assert (copy.status, copy.created_by, copy.filing_key != claim.filing_key) == (
        "editing",
        admin,
        True,
    )
    for name in ("partner", "location", "tenant", "customer_domain", "solution_area", "activity"):
        assert getattr(copy, name) == getattr(claim, name)
    assert copy.name == "Rollout"
    assert people_of(copy) == people_of(claim)
    assert products_of(copy) == products_of(claim)
    assert set(copy.programs.all()) == set(claim.programs.all())
    assert response["Location"] == reverse(
        "associations:claim-page", args=[copy.reference, "proof"]
    )
    words = f"Draft {copy.reference} has the facts of claim {claim.reference}"
    assert said(response) == [f"{words}, but not its proof or comments."]


def test_proof_comments_and_typed_values_stay_with_the_old_claim(client, at_status, draft, admin):
    comments.add_comment(draft, actor=admin, side="partner", text="Hello", now=timezone.now())
    claim = at_status("rejected")
    Claim.objects.filter(pk=claim.pk).update(typed={"work": {"name": ["Half"]}})

    press(client, claim)

    copy = newest()
    assert copy.pk != claim.pk
    assert (copy.documents.count(), copy.comments.count(), copy.typed) == (0, 0, {})


def test_a_second_click_leads_to_the_same_draft(client, at_status):
    claim, key = at_status("rejected"), uuid.uuid4()

    first, second = press(client, claim, key=key), press(client, claim, key=key)

    assert Claim.objects.count() == 2
    assert first["Location"] == second["Location"]
    assert len(said(second)) == 1  # by the first click, which no page has shown yet


def test_the_page_gives_each_button_a_key_of_its_own(client, at_status):
    page = client.get(at_status("rejected").get_absolute_url())

    keys = page.context["filing_keys"]
    assert keys["again"] != keys["another"]
    assert all(f'name="filing_key" value="{key}"' in page.text for key in keys.values())


def test_a_product_that_another_claim_covers_is_named_and_left_out(
    client, at_status, partner, admin, tenant, reviewer
):
    claim = at_status("rejected")
    other = cast.make_draft(partner, admin, tenant, codes=["teams"])
    at_status("submitted", other)

    response = press(client, claim)

    assert [code for code, *_rest in products_of(newest())] == ["exchange-online"]
    assert said(response)[1] == (
        f"Teams was not copied: Your claim {other.reference} already covers Teams (Usage)."
    )


@pytest.mark.parametrize("is_over", [True, False])
def test_a_subscription_must_still_be_claimable(client, at_status, partner, admin, tenant, is_over):
    dynamics = cast.make_draft(partner, admin, tenant, codes=["sales"])
    claim = at_status("rejected", dynamics)
    if is_over:
        Subscription.objects.update(state=SubscriptionState.EXPIRED)

    response = press(client, claim)

    assert (len(products_of(newest())), len(said(response))) == ((0, 2) if is_over else (1, 1))
    page = "products" if is_over else "proof"
    assert response["Location"].endswith(f"{newest().reference}/edit/{page}/")


def test_a_revenue_association_keeps_its_facts(client, at_status, partner, admin, tenant):
    facts = {"solution_seller": "S", "revenue_customer_name": "C", "isv_product": "I"}
    revenue = cast.make_draft(
        partner, admin, tenant, codes=["sales"], activity=Activity.REVENUE, **facts
    )
    claim = at_status("rejected", revenue)

    press(client, claim)
    assert {name: getattr(newest(), name) for name in facts} == facts

    press(client, claim, ANOTHER)
    assert {name: getattr(newest(), name) for name in facts} == {
        **facts,
        "revenue_customer_name": "",
    }


# --- for another customer


@pytest.mark.parametrize("status", [*CLOSED, "official"])
def test_another_customer_gets_the_work_and_our_contact_alone(client, at_status, status):
    claim = at_status(status)

    response = press(client, claim, ANOTHER)

    copy = newest()
    assert (copy.tenant, copy.customer_domain) == (None, "")
    assert (copy.solution_area, copy.activity, copy.name) == (
        claim.solution_area,
        claim.activity,
        claim.name,
    )
    assert {role for role, *_rest in people_of(copy)} == {"partner"}
    assert products_of(copy) == set()
    assert response["Location"].endswith(f"{copy.reference}/edit/customer/")


def test_its_products_are_ticked_once_the_customer_is_named(client, at_status):
    claim = at_status("official")
    press(client, claim, ANOTHER)
    copy, other = newest(), cast.make_tenant("tailspin.example", name="Tailspin")
    place = {"location": copy.location_id, "action": "continue", "revision": copy.revision}
    customer = {"customer_domain": "tailspin.example", "tenant_id": str(other.tenant_id)}

    client.post(
        reverse("associations:claim-page", args=[copy.reference, "customer"]), place | customer
    )
    page = client.get(reverse("associations:claim-page", args=[copy.reference, "products"]))

    ticked = [str(row["product"]) for row in page.context["form"].rows if row["pick"].value()]
    assert sorted(ticked) == ["Exchange Online", "Teams"]


# --- who, and when


@pytest.mark.parametrize(
    ("route", "status"),
    [
        *((AGAIN, each) for each in ("editing", "submitted", "approved", "official", "dispute")),
        *((ANOTHER, each) for each in ("editing", "submitted", "under-review", "approved")),
    ],
)
def test_an_open_claim_offers_nothing_and_makes_nothing(client, at_status, route, status):
    claim = at_status(status)

    response = press(client, claim, route)

    assert response["Location"] == claim.get_absolute_url()
    assert Claim.objects.count() == 1
    assert reverse(route, args=[claim.reference]) not in client.get(claim.get_absolute_url()).text


@pytest.mark.parametrize("route", [AGAIN, ANOTHER])
def test_a_user_may_start_the_draft_as_any_other(client, at_status, partner, route):
    claim = at_status("rejected")
    user = cast.make_member(partner, Role.INCENTIVES_USER)
    client.force_login(user)

    press(client, claim, route)

    assert newest().created_by == user


@pytest.mark.parametrize("route", [AGAIN, ANOTHER])
def test_who_may_not_see_the_claim_finds_nothing(client, at_status, partner, route):
    claim = at_status("rejected")
    far = cast.LocationFactory(partner=partner)
    strangers = [
        cast.make_member(partner, locations=[far]),
        cast.make_member(cast.make_partner("Litware")),
        cast.make_reviewer(),
    ]

    for stranger in strangers:
        client.force_login(stranger)
        assert press(client, claim, route).status_code in (302, 404)

    assert Claim.objects.count() == 1


def test_looking_makes_nothing(client, at_status):
    claim = at_status("rejected")

    assert client.get(reverse(AGAIN, args=[claim.reference])).status_code == 405
    assert Claim.objects.count() == 1
