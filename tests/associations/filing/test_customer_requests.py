"""Asking for a customer whom the operator does not know [R58]."""

import datetime as dt
import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from associations.claims.lifecycle import LifecycleError
from associations.enums import CustomerRequestState, Status
from associations.filing import customer_requests, drafts
from associations.filing.customer_requests import CustomerIsKnown, TooManyRequests
from associations.models import Claim, CustomerRequest, Tenant, TenantDomain
from notifications import to_look_at
from notifications.enums import LookAtKind
from notifications.models import LookAtEntry, Message
from partners.enums import Role
from partners.models import Membership
from partners.people.seats import Seat, write_seat
from partners.staff_groups import PROGRAMME_MANAGER
from tests import cast
from tests.associations.filing.steps import customer_fields, page_url, text_of

pytestmark = pytest.mark.django_db
KEY = uuid.UUID("8a5c1f0e-3b7d-4e62-9c41-d2f6a7b80913")
FACTS = {"organisation": "Lamna Healthcare", "domain": "lamna.example", "tenant_id": KEY}


@pytest.fixture
def started(partner, admin):
    """A draft whose customer was typed and is not known."""
    place = partner.locations.get()
    claim = drafts.start_claim(partner=partner, location=place, actor=admin, now=timezone.now())
    typed = {"customer_domain": ["lamna.example"], "tenant_id": [str(KEY)]}
    return drafts.keep_typed(claim, actor=admin, page="customer", values=typed)


@pytest.fixture
def asked(started, admin):
    return customer_requests.ask_for_customer(
        started, actor=admin, note="See lamna.example", **FACTS, now=timezone.now()
    )


@pytest.fixture
def ours(admin):
    return sign_in(admin)


@pytest.fixture
def manager():
    return cast.make_staff(PROGRAMME_MANAGER, full_name="Petra Manager")


def sign_in(person):
    client = Client()
    client.force_login(person)
    return client


def list_entries():
    return list(to_look_at.list_open().filter(kind=LookAtKind.CUSTOMER_ASKED_FOR))


def list_emails(kind):
    return Message.objects.filter(kind=kind)


# --- The draft ------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", ["neither", "domain", "tenant", "both, apart"])
def test_one_sentence_whichever_half_is_unknown(ours, partner, tenant, known):
    other = cast.make_tenant("other.example", name="Secret Customer")
    changed = {
        "neither": {"customer_domain": "lamna.example", "tenant_id": str(KEY)},
        "domain": {"tenant_id": str(KEY)},
        "tenant": {"customer_domain": "lamna.example"},
        "both, apart": {"tenant_id": str(other.tenant_id)},
    }[known]
    first = ours.get(f"{cast.HERE}claims/new/").url

    fields = customer_fields(partner, tenant, **changed)
    answer = ours.post(first, {"action": "continue", **fields})

    words = "We don't know this customer, or this domain and Tenant ID don't belong together."
    assert answer.context["form"].errors == {"tenant_id": [words]}
    assert 'value="ask"' in answer.text
    assert '<details class="filing-help" open>' in answer.text
    assert "Secret Customer" not in answer.text


def test_from_the_page_to_the_request(ours, partner, tenant):
    fields = {**customer_fields(partner, tenant), "customer_domain": "lamna.example"}
    first = ours.get(f"{cast.HERE}claims/new/").url
    led = ours.post(first, {"action": "ask", **fields, "tenant_id": str(KEY)})
    claim = Claim.objects.get()
    address = f"{claim.get_absolute_url()}customer-request/"
    page = text_of(ours.get(address))

    form = {"organisation": " Lamna  Healthcare ", "customer_domain": "lamna.example"}
    empty = ours.post(address, {**form, "organisation": "", "tenant_id": str(KEY)})
    sent = [ours.post(address, {**form, "tenant_id": str(KEY)}) for _click in range(2)]

    assert led.url == address
    assert 'value="lamna.example"' in page
    assert f'value="{KEY}"' in page
    assert empty.status_code == 400
    assert {each.url for each in sent} == {claim.get_absolute_url()}
    request = CustomerRequest.objects.get()
    assert (request.organisation, request.domain) == ("Lamna Healthcare", "lamna.example")
    assert (request.claim, request.tenant_id, request.is_open) == (claim, KEY, True)
    for page in (claim.get_absolute_url(), page_url(claim, "customer")):
        assert "Waiting for the customer to be added" in text_of(ours.get(page))
    assert 'value="ask"' not in text_of(ours.get(page_url(claim, "customer")))


def test_staff_find_it_under_to_look_at_once(asked, started, admin):
    customer_requests.ask_for_customer(
        started, actor=admin, **{**FACTS, "organisation": "Lamna"}, now=timezone.now()
    )

    (entry,) = list_entries()
    assert entry.link == asked.get_admin_url()
    assert entry.detail == str(started.partner)
    assert CustomerRequest.objects.get().organisation == "Lamna"


def test_a_known_customer_is_not_asked_for(ours, started, admin):
    known = cast.make_tenant("lamna.example", tenant_id=KEY)
    form = {"organisation": "L", "customer_domain": "lamna.example", "tenant_id": str(KEY)}

    with pytest.raises(CustomerIsKnown):
        customer_requests.ask_for_customer(started, actor=admin, **FACTS, now=timezone.now())
    answer = ours.post(f"{started.get_absolute_url()}customer-request/", form)

    assert answer.url == page_url(started, "customer")
    assert (CustomerRequest.objects.count(), list_entries()) == (0, [])
    assert known.domains.count() == 1


def test_so_many_of_a_partner_and_no_more(ours, started, admin, partner, settings):
    settings.CPOR_CUSTOMER_REQUESTS_MAX = 2
    place = partner.locations.get()
    for number in range(2):
        draft = drafts.start_claim(partner=partner, location=place, actor=admin, now=timezone.now())
        facts = {**FACTS, "domain": f"d{number}.example"}
        request = customer_requests.ask_for_customer(
            draft, actor=admin, **facts, now=timezone.now()
        )
        customer_requests.decline_request(
            request, actor=admin, words="No.", now=timezone.now()
        )  # counts for a day
    form = {"organisation": "L", "customer_domain": "lamna.example", "tenant_id": str(KEY)}

    answer = ours.post(f"{started.get_absolute_url()}customer-request/", form)

    assert answer.status_code == 409
    assert 'value="L"' in answer.text
    assert "Your company has 2 requests for customers" in answer.text
    with pytest.raises(TooManyRequests):
        customer_requests.ask_for_customer(started, actor=admin, **FACTS, now=timezone.now())
    with cast.at(timezone.now() + dt.timedelta(days=1, minutes=1)):
        assert customer_requests.ask_for_customer(
            started, actor=admin, **FACTS, now=timezone.now()
        ).is_open


def test_only_for_a_draft(draft, admin, reviewer):
    claim = cast.walk(draft, Status.SUBMITTED, actor=admin, reviewer=reviewer)

    with pytest.raises(LifecycleError):
        customer_requests.ask_for_customer(claim, actor=admin, **FACTS, now=timezone.now())

    assert not CustomerRequest.objects.exists()


def test_a_discarded_draft_withdraws_its_request(asked, started, admin):
    drafts.discard_draft(started, actor=admin)

    asked.refresh_from_db()
    assert (asked.state, asked.claim) == (CustomerRequestState.WITHDRAWN, None)
    assert list_entries() == []


@pytest.mark.parametrize("state", [CustomerRequestState.ADDED, CustomerRequestState.DECLINED])
def test_what_was_answered_stays_answered_when_its_draft_goes(asked, started, admin, state):
    CustomerRequest.objects.filter(pk=asked.pk).update(state=state)

    drafts.discard_draft(started, actor=admin)

    asked.refresh_from_db()
    assert (asked.state, asked.claim) == (state, None)


def test_people_who_may_not_change_the_draft_ask_for_nothing(started, partner):
    elsewhere = cast.LocationFactory(partner=partner)
    address = f"{started.get_absolute_url()}customer-request/"
    for person in (cast.make_member(partner, locations=[elsewhere]), cast.make_reviewer()):
        assert sign_in(person).get(address).status_code == 404
    user = cast.make_member(partner, Role.INCENTIVES_USER)
    assert sign_in(user).get(address).status_code == 200  # everyone prepares drafts


# --- The answer -----------------------------------------------------------------------------------


def test_adding_is_prefilled_and_tells_the_owner(asked, started, admin, manager, ours):
    client = sign_in(manager)
    page = client.get(asked.get_admin_url()).text
    address = re.search(r'href="(/admin/associations/tenant/add/[^"]+)"', page)[1]
    form = client.get(address.replace("&amp;", "&"))
    assert 'value="Lamna Healthcare"' in form.text
    assert 'value="lamna.example"' in form.text
    assert f'value="{KEY}"' in form.text
    fields = {"name": "Lamna Healthcare", "tenant_id": str(KEY), "language": "en"}
    fields |= {"country": "US", "time_zone": "America/New_York"}
    fields |= {"domains-TOTAL_FORMS": 1, "domains-INITIAL_FORMS": 0}
    fields |= {"domains-0-domain": "lamna.example"}

    saved = client.post(address.replace("&amp;", "&"), fields, follow=True)

    assert Tenant.objects.get().domains.get().domain == "lamna.example"
    assert "1 partner who requested this customer has been notified." in saved.text
    asked.refresh_from_db()
    assert (asked.state, asked.answered_by) == (CustomerRequestState.ADDED, manager)
    assert list_entries() == []
    email = list_emails("customer_added").get()
    assert email.to_address == admin.email
    assert page_url(started, "customer") in str(email.context)
    again = ours.get(page_url(started, "customer"))
    assert "Lamna Healthcare has been added" in again.text
    assert again.context["form"].errors.get("tenant_id") is None


def test_a_domain_added_to_a_known_tenant_answers_all_who_wait(asked, partner, admin, manager):
    second = drafts.start_claim(
        partner=partner, location=partner.locations.get(), actor=admin, now=timezone.now()
    )
    customer_requests.ask_for_customer(second, actor=admin, **FACTS, now=timezone.now())
    tenant = cast.TenantFactory(tenant_id=KEY, name="Lamna")
    page = sign_in(manager).get(asked.get_admin_url()).text
    TenantDomain.objects.create(tenant=tenant, domain="lamna.example")

    assert customer_requests.settle_known(actor=manager, now=timezone.now()) == 2
    assert customer_requests.settle_known(actor=manager, now=timezone.now()) == 0

    assert f"/admin/associations/tenant/{tenant.pk}/change/?domain=lamna.example" in page
    assert list_emails("customer_added").count() == 2


def test_a_domain_of_another_customer_is_named_to_staff_alone(asked, manager, ours, started):
    cast.make_tenant("lamna.example", name="Secret Customer")

    page = sign_in(manager).get(asked.get_admin_url()).text

    assert "lamna.example belongs to Secret Customer" in page
    assert "Add this customer" not in page
    assert "Secret Customer" not in ours.get(page_url(started, "customer")).text


def test_declining_takes_words_and_tells_the_owner(asked, started, admin, manager, ours):
    client = sign_in(manager)
    address = f"/admin/associations/customerrequest/{asked.pk}/decline/"

    empty = client.post(address, {"words": ""})
    words = {"words": "The Tenant ID is another organisation's."}
    done, clicked_again = client.post(address, words), client.post(address, words)
    other = client.post(address, {"words": "Again."})

    assert (empty.status_code, done.status_code, other.status_code) == (400, 302, 409)
    assert clicked_again["Location"] == done["Location"]
    asked.refresh_from_db()
    assert asked.state == CustomerRequestState.DECLINED
    assert list_entries() == []
    email = list_emails("customer_declined").get()
    assert email.to_address == admin.email
    assert "another organisation" in str(email.context)
    page = ours.get(page_url(started, "customer")).text
    assert "Lamna Healthcare was not added" in page
    assert "The Tenant ID is another organisation&#x27;s." in page
    assert 'value="ask"' in page
    assert started.status == Status.EDITING


def test_an_owner_who_left_is_not_told_but_the_admins_are(started, partner, manager):
    owner = cast.make_member(partner, Role.INCENTIVES_USER)
    asked = customer_requests.ask_for_customer(started, actor=owner, **FACTS, now=timezone.now())
    elsewhere = cast.LocationFactory(partner=partner)
    write_seat(owner.memberships.get(), Seat(Role.INCENTIVES_USER, frozenset([elsewhere.pk])))

    customer_requests.decline_request(asked, actor=manager, words="No.", now=timezone.now())

    admins = {each.user.email for each in Membership.objects.filter(role=Role.INCENTIVES_ADMIN)}
    assert {each.to_address for each in list_emails("customer_declined")} == admins


def test_only_programme_managers_answer(asked):
    address = f"/admin/associations/customerrequest/{asked.pk}/decline/"
    reader = cast.make_staff(cast.REVIEWER)

    assert sign_in(reader).post(address, {"words": "No."}).status_code == 403
    asked.refresh_from_db()
    assert asked.is_open
    assert LookAtEntry.objects.get().closed_at is None
