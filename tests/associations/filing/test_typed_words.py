"""What was typed outlives an error, a colleague and a closed browser."""

import uuid

import pytest

from associations import editing
from associations.models import Claim
from tests import cast

from .steps import (
    contact_fields,
    customer_fields,
    fresh,
    page_url,
    send,
    start,
    text_of,
)

pytestmark = pytest.mark.django_db


def test_save_and_leave_keeps_what_is_not_right_and_shows_it_again(client, draft):
    answer = send(
        client, draft, "contacts", action="leave", **contact_fields(customer_email="carla@")
    )

    assert answer.url == draft.get_absolute_url()
    assert draft.contacts.get(role="customer").email == "carla@fabrikam.example"
    again = text_of(client.get(page_url(draft, "contacts")))
    assert 'value="carla@"' in again
    assert "Enter an email address such as name@contoso.com." in again
    assert "What you left there is not right yet" in text_of(client.get(page_url(draft, "review")))

    send(client, draft, "contacts", **contact_fields())
    assert fresh(draft).typed == {}


def test_save_and_leave_on_a_new_claim_keeps_a_wrong_page(client, partner, tenant):
    answer = start(client, partner, tenant, action="leave", tenant_id="half of it", location="")

    claim = Claim.objects.get()
    assert answer.url == claim.get_absolute_url()
    assert claim.tenant is None
    assert 'value="half of it"' in text_of(client.get(page_url(claim, "customer")))


def test_an_error_on_a_new_claim_starts_the_draft_once_and_says_so(client, partner, tenant):
    key = uuid.uuid4()

    answers = [start(client, partner, tenant, key=key, tenant_id=f"half {n}") for n in range(2)]

    claim = Claim.objects.get()
    assert (claim.tenant, claim.location) == (None, partner.locations.get())
    page = text_of(answers[0])
    assert 'value="half 0"' in page
    assert f"Saved as draft {claim.reference}, as you left it." in page
    assert f'action="{page_url(claim, "customer")}"' in page
    assert 'value="half 1"' in text_of(client.get(page_url(claim, "customer")))

    done = start(client, partner, tenant, key=key)  # the same form once more, now right

    assert done.url == page_url(claim, "work")
    claim = Claim.objects.get()
    assert (claim.tenant, claim.typed) == (tenant, {})
    assert claim.events.count() == 1


def test_the_page_of_the_draft_that_an_error_started_goes_on_with_it(client, partner, tenant):
    start(client, partner, tenant, customer_domain="wrong.example")
    claim = Claim.objects.get()

    answer = send(client, claim, "customer", **customer_fields(partner, tenant))

    assert answer.url == page_url(claim, "work")
    assert Claim.objects.get().tenant == tenant


@pytest.mark.parametrize("action", ["leave", "continue"])
def test_with_several_locations_none_is_chosen_for_them(client, partner, tenant, action):
    cast.LocationFactory(partner=partner, name="AAA first by name")

    answer = start(client, partner, tenant, action=action, location="", tenant_id="half of it")

    page = text_of(answer)
    assert answer.status_code == 200
    assert "Nothing is saved yet: choose your location first." in page
    assert "Choose the location that did the work." in page
    assert 'value="half of it"' in page
    assert not Claim.objects.exists()

    place = partner.locations.exclude(name__startswith="AAA").get()
    start(client, partner, tenant, action=action, location=place.pk, tenant_id="half of it")
    assert Claim.objects.get().location == place


def test_an_error_keeps_a_draft_page_as_typed_even_if_the_browser_closes(client, draft):
    send(client, draft, "work", work="microsoft-365/usage", name="x" * 121)

    assert f'value="{"x" * 121}"' in text_of(client.get(page_url(draft, "work")))


def test_a_nul_in_what_was_typed_does_no_harm(client, draft):
    answer = send(client, draft, "work", work="microsoft-365/usage", name="nul\0")

    assert answer.status_code == 302
    assert fresh(draft).name == "nul"


def test_a_stale_page_keeps_what_was_typed_and_says_what_is_there_now(client, draft, admin):
    seen = draft.revision
    editing.save_facts(draft, actor=admin, name="By a colleague")
    fields = {"work": "microsoft-365/usage", "name": "By me"}

    answer = send(client, draft, "work", revision=seen, **fields)

    page = text_of(answer)
    assert answer.status_code == 409
    assert 'value="By me"' in page
    assert "By a colleague" in page
    assert fresh(draft).name == "By a colleague"
    assert send(client, draft, "work", **fields).status_code == 302
    assert fresh(draft).name == "By me"


@pytest.mark.parametrize("revision", ["", "-1", "x", "²"])
def test_a_page_without_a_revision_is_stale(client, draft, revision):
    answer = send(
        client, draft, "work", revision=revision, work="microsoft-365/usage", name="By me"
    )

    assert answer.status_code == 409
    assert fresh(draft).name == "Rollout"
