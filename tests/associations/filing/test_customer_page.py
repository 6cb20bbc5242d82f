"""The page that names location, domain and tenant, in its own words [R7]."""

import uuid

import pytest
from django.test import Client

from associations.models import Claim
from partners.enums import Role
from tests import cast

from .steps import (
    NEW,
    errors_of,
    fresh,
    page_url,
    send,
    start,
)

pytestmark = pytest.mark.django_db


def test_domain_and_tenant_of_two_customers_do_not_go_together(client, partner, tenant):
    other = cast.make_tenant("northwind.example", name="Secret Customer")

    answer = start(client, partner, tenant, tenant_id=str(other.tenant_id))

    words = "We don't know this customer, or this domain and Tenant ID don't belong together."
    assert errors_of(answer) == {"tenant_id": [words]}
    assert "Secret Customer" not in answer.content.decode()
    assert Claim.objects.get().tenant is None


def test_an_unknown_tenant_is_answered_like_a_wrong_one(client, partner, tenant):
    unknown = uuid.uuid4()

    answer = start(client, partner, tenant, tenant_id=str(unknown))

    assert errors_of(answer)["tenant_id"] == [
        "We don't know this customer, or this domain and Tenant ID don't belong together."
    ]


@pytest.mark.parametrize(
    "typed",
    [
        "Fabrikam.Example",
        "  fabrikam.example ",
        "fabrikam.example.",
        "https://fabrikam.example",
        "https://fabrikam.example/",
        " HTTP://Fabrikam.Example./en/about?x=1#top ",
        "//fabrikam.example",
        "fabrikam.example/contact",
    ],
)
def test_a_domain_is_taken_as_people_write_it(client, partner, tenant, typed):
    assert start(client, partner, tenant, customer_domain=typed).status_code == 302
    assert Claim.objects.get().customer_domain == "fabrikam.example"


def test_www_stands_for_another_domain(client, partner, tenant):
    typed = "https://www.fabrikam.example"

    answer = start(client, partner, tenant, customer_domain=typed)

    words = "We don't know this customer, or this domain and Tenant ID don't belong together."
    assert errors_of(answer) == {"tenant_id": [words]}


def test_a_domain_with_accents_is_found_by_its_mail_name(client, partner):
    tenant = cast.make_tenant("xn--mnchen-3ya.example")

    assert start(client, partner, tenant, customer_domain="münchen.example").status_code == 302


@pytest.mark.parametrize(
    "typed",
    [
        "https://",
        "x@fabrikam.example",
        "https://x@fabrikam.example",
        "fabrikam",
        "..",
    ],
)
def test_what_is_no_domain(client, partner, tenant, typed):
    answer = start(client, partner, tenant, customer_domain=typed)

    assert errors_of(answer)["customer_domain"] == [
        "Enter a domain such as contoso.com, without https:// or @."
    ]


def test_what_is_no_tenant_id(client, partner, tenant):
    answer = start(client, partner, tenant, tenant_id="1234")

    assert errors_of(answer)["tenant_id"][0].startswith("This is not a Tenant ID.")


def test_locations_are_those_of_the_role_parted_by_enrollment(partner):
    chosen = cast.LocationFactory(partner=partner, name="Chosen")
    cast.LocationFactory(partner=partner, name="Unseen")
    enrolled = partner.locations.exclude(name__in=["Chosen", "Unseen"]).get()
    person = cast.make_member(partner, Role.INCENTIVES_USER, locations=[chosen, enrolled])
    client = Client()
    client.force_login(person)

    page = client.get(NEW, follow=True).content.decode()

    assert str(enrolled) in page
    assert "Not enrolled: revenue association only" in page
    assert "Chosen" in page
    assert "Unseen" not in page


def test_a_location_of_someone_else_is_refused(client, partner, tenant):
    foreign = cast.make_partner("Rival").locations.get()

    answer = start(client, partner, tenant, location=foreign.pk)

    assert errors_of(answer)["location"] == ["Choose one of your own locations from the list."]


def test_without_a_location_the_page_says_whom_to_ask(partner):
    client = Client()
    client.force_login(cast.make_member(partner, locations=[]))

    assert "You have no location to claim for" in client.get(NEW).content.decode()


def test_another_customer_means_other_products(client, workloads):
    send(client, workloads, "products", pick_teams="on")
    other = cast.make_tenant("other.example")
    fields = {
        "location": workloads.location_id,
        "customer_domain": "other.example",
        "tenant_id": str(other.tenant_id),
    }

    answer = client.post(
        page_url(workloads, "customer"),
        {"revision": fresh(workloads).revision, "action": "continue", **fields},
        follow=True,
    )

    assert "choose the products again" in answer.content.decode()
    assert not workloads.associations.exists()
