"""What was typed outlives an error, a colleague and a closed browser."""

import uuid

import pytest
from django.utils import timezone

from associations.filing import drafts
from associations.models import Claim
from tests import cast

from .steps import (
    NEW,
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
    assert "What you typed there hasn&#x27;t been saved yet" in text_of(
        client.get(page_url(draft, "review"))
    )

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
    assert f"Saved as draft {claim.reference}. Some answers still need fixing." in page
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
    assert "Nothing has been saved yet: choose your location first." in page
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
    drafts.save_facts(draft, actor=admin, name="By a colleague", now=timezone.now())
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


def test_back_after_the_first_page_leads_to_the_same_draft_as_it_was_saved(client, partner, tenant):
    first = client.get(NEW).url
    client.post(first, {"action": "continue", **customer_fields(partner, tenant)})
    claim = Claim.objects.get()

    back = client.get(first, follow=True)
    corrected = customer_fields(partner, cast.make_tenant("other.example"))
    client.post(first, {"action": "continue", **corrected})  # a browser that kept the old page

    assert back.redirect_chain[-1][0] == page_url(claim, "customer")
    assert 'value="fabrikam.example"' in text_of(back)
    assert Claim.objects.get().customer_domain == "other.example"


def test_an_old_first_page_is_no_way_to_overwrite_what_came_later(client, partner, tenant):
    first = client.get(NEW).url
    fields = customer_fields(partner, tenant)
    client.post(first, {"action": "continue", **fields})
    claim = Claim.objects.get()
    send(client, claim, "work", work="microsoft-365/usage", name="Rollout")
    other = cast.make_tenant("other.example")

    same = client.post(first, {"action": "continue", **fields})
    changed = client.post(first, {"action": "continue", **customer_fields(partner, other)})

    assert same.url == page_url(claim, "work")
    assert changed.status_code == 409
    assert 'value="other.example"' in text_of(changed)
    assert fresh(claim).customer_domain == "fabrikam.example"


@pytest.mark.parametrize("right", [True, False])
def test_a_step_at_the_side_saves_and_leads_there(client, draft, right):
    name = "Another name" if right else "x" * 121
    page = text_of(client.get(page_url(draft, "work")))

    answer = send(client, draft, "work", action="go:proof", work="microsoft-365/usage", name=name)

    assert 'name="action"\n                  value="go:proof"' in page
    assert answer.url == page_url(draft, "proof")
    assert f'value="{name}"' in text_of(client.get(page_url(draft, "work")))
    assert (fresh(draft).name == name) is right


def test_change_on_the_last_page_keeps_its_comment_and_leads_to_the_field(client, draft):
    answer = send(client, draft, "review", action="go:customer#id_location", comment="Half a comm")

    assert answer.url == f"{page_url(draft, 'customer')}#id_location"
    assert "Half a comm</textarea>" in text_of(client.get(page_url(draft, "review")))


@pytest.mark.parametrize("action", ["go:nonsense", "go:work?next=//x", "go:work#a b", "go:"])
def test_no_other_address_is_led_to(client, draft, action):
    answer = send(client, draft, "work", action=action, work="microsoft-365/usage", name="N")

    assert answer.url == page_url(draft, "products")


def test_what_the_browser_keeps_is_shown_again_and_asked_about(client, draft):
    typed = contact_fields(customer_name="Half a na")

    kept = send(client, draft, "contacts", action="keep", **typed)

    assert (kept.status_code, fresh(draft).revision) == (204, draft.revision)
    assert 'value="Half a na"' in text_of(client.get(page_url(draft, "contacts")))
    assert "hasn&#x27;t been saved yet" in text_of(client.get(page_url(draft, "review")))

    send(client, draft, "contacts", **typed)
    late = send(client, draft, "contacts", action="keep", **typed)  # on its way as they saved

    assert (late.status_code, fresh(draft).typed) == (204, {})


def test_a_new_claim_keeps_what_is_typed_once_its_location_is_known(client, partner, tenant):
    first = client.get(NEW).url

    client.post(first, {"action": "keep", **customer_fields(partner, tenant, tenant_id="half")})

    assert Claim.objects.get().typed["customer"]["tenant_id"] == ["half"]
    assert 'value="half"' in text_of(client.get(first, follow=True))
