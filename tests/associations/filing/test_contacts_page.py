"""The page that names the contacts [R10]."""

import pytest

from tests import cast

from .steps import (
    contact_fields,
    errors_of,
    page_url,
    send,
    technical_fields,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("below", ["", "mail."])
def test_the_customer_is_not_at_the_partners_own_domain(client, workloads, partner, below):
    own = f"carla@{below}{partner.domains.get().domain}"

    answer = send(client, workloads, "contacts", **contact_fields(customer_email=own))

    assert errors_of(answer)["customer_email"] == [
        f"{own} is at one of your own company's domains. Name someone who works for the customer."
    ]
    assert not workloads.contacts.exists()


def test_the_technical_contact_is_not_either(client, dynamics, partner):
    own = f"t@{partner.domains.get().domain}"
    people = contact_fields() | technical_fields() | {"technical_email": own}

    answer = send(client, dynamics, "contacts", **people)

    assert list(errors_of(answer)) == ["technical_email"]


def test_the_customer_is_not_the_partners_contact(client, workloads):
    answer = send(
        client, workloads, "contacts", **contact_fields(partner_email="CARLA@fabrikam.example")
    )

    assert list(errors_of(answer)) == ["customer_email"]


def test_an_address_outside_the_tenant_is_taken_with_a_warning(client, workloads):
    fields = contact_fields(customer_email="carla@gmail.example")
    fields |= {"revision": workloads.revision, "action": "continue"}

    answer = client.post(page_url(workloads, "contacts"), fields, follow=True)

    words = "carla@gmail.example is outside this customer&#x27;s domains."
    assert words in answer.content.decode()
    assert workloads.contacts.get(role="customer").email == "carla@gmail.example"
    for page in ("contacts", "review"):
        assert words in client.get(page_url(workloads, page)).content.decode()


def test_an_address_inside_the_tenant_warns_of_nothing(client, workloads):
    send(client, workloads, "contacts", **contact_fields(customer_email="c@mail.fabrikam.example"))

    assert "outside" not in client.get(page_url(workloads, "review")).content.decode()


def test_the_partners_contact_starts_as_the_person_and_keeps_their_language(
    client, workloads, admin, partner
):
    colleague = cast.make_member(partner, email="colleague@contoso.example", language="pt-br")
    page = client.get(page_url(workloads, "contacts")).content.decode()

    send(client, workloads, "contacts", **contact_fields(partner_email=colleague.email))

    assert f'value="{admin.email}"' in page
    assert workloads.contacts.get(role="partner").language == "pt-br"


@pytest.mark.parametrize("is_member", [True, False])
def test_no_one_learns_whether_an_address_has_an_account_elsewhere(client, workloads, is_member):
    other = cast.make_partner("Litware")
    stranger = cast.UserFactory(email="bruno@litware.example", language="pt-br")
    if is_member:
        cast.make_member(other, user=stranger)

    send(client, workloads, "contacts", **contact_fields(partner_email=stranger.email))

    assert workloads.contacts.get(role="partner").language == "en"


def test_who_must_be_named(client, dynamics):
    answer = send(client, dynamics, "contacts")

    assert set(errors_of(answer)) == {
        "customer_name",
        "customer_title",
        "customer_email",
        "customer_language",
        "technical_name",
        "technical_email",
        "technical_language",
        "partner_name",
        "partner_email",
    }
