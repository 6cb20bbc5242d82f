"""Filing from the first page to the reviewers (section 4)."""

import uuid

import pytest
from django.test import Client

from associations.claims.history import find_broken_link
from associations.enums import Activity, Status
from associations.models import Claim
from tests import cast

from .steps import (
    ACKNOWLEDGED,
    NEW,
    PAGES,
    contact_fields,
    fresh,
    page_url,
    send,
    start,
    technical_fields,
    text_of,
    upload,
)

pytestmark = pytest.mark.django_db


def test_a_microsoft_365_claim_from_the_first_page_to_the_reviewers(client, partner, tenant):
    answer = start(client, partner, tenant)
    claim = Claim.objects.get()
    assert answer.url == page_url(claim, "work")
    assert send(client, claim, "work", work="microsoft-365/usage", name="Rollout").url == page_url(
        claim, "products"
    )
    assert send(client, claim, "products", pick_teams="on", pick_intune="on").url == page_url(
        claim, "contacts"
    )
    assert send(client, claim, "contacts", **contact_fields()).url == page_url(claim, "proof")
    assert send(client, claim, "proof", files=[upload()]).url == page_url(claim, "review")
    answer = send(client, claim, "review", action="submit", comment="Hello.", **ACKNOWLEDGED)

    claim = fresh(claim)
    assert answer.url == claim.get_absolute_url()
    assert (claim.status, claim.tenant, claim.name) == (Status.SUBMITTED, tenant, "Rollout")
    assert [str(each.product) for each in claim.associations.all()] == ["Teams", "Intune"]
    assert claim.contacts.get(role="customer").language == "pt-br"
    assert [each.text for each in claim.comments.all()] == ["Hello."]
    assert [each.code for each in claim.programs.all()] == ["osu-microsoft-365"]
    assert find_broken_link(claim) is None


def test_a_revenue_association_needs_no_enrollment_and_three_facts_more(client, partner, tenant):
    partner.locations.get().enrollments.all().delete()
    subscription = cast.SubscriptionFactory(tenant=tenant, product=cast.product("sales"))
    start(client, partner, tenant)
    claim = Claim.objects.get()
    send(client, claim, "work", work="business-applications/revenue", name="Add-on")
    send(client, claim, "products", pick_sales="on")
    people = contact_fields() | technical_fields()
    refused = send(client, claim, "contacts", **people)
    assert "Enter the name of the Dynamics solution seller." in text_of(refused)
    facts = {"solution_seller": "Sam", "revenue_customer_name": "Fabrikam", "isv_product": "AddOn"}
    send(client, claim, "contacts", **people, **facts)
    send(client, claim, "proof", files=[upload()])
    send(client, claim, "review", action="submit", **ACKNOWLEDGED)

    claim = fresh(claim)
    assert claim.status == Status.SUBMITTED
    assert claim.associations.get().subscription == subscription
    assert {name: getattr(claim, name) for name in facts} == facts


def test_looking_at_pages_makes_and_changes_nothing(client, draft, partner):
    before = (draft.revision, draft.events.count())

    keys = {client.get(NEW, follow=True).context["filing_key"] for _look in range(2)}
    for page in PAGES:
        assert client.get(page_url(draft, page)).status_code == 200

    assert len(keys) == 2
    assert Claim.objects.count() == 1
    draft.refresh_from_db()
    assert (draft.revision, draft.events.count()) == before


def test_a_double_click_on_the_first_page_makes_one_draft(client, partner, tenant):
    key = uuid.uuid4()

    answers = [start(client, partner, tenant, key=key) for _click in range(2)]

    claim = Claim.objects.get()
    assert {answer.url for answer in answers} == {page_url(claim, "work")}
    assert claim.events.count() == 1


def test_someone_at_two_partners_files_for_the_one_of_the_address(admin, partner, tenant):
    other = cast.make_partner("Another company")
    cast.make_member(other, user=admin)
    client = Client()
    client.force_login(admin)

    refused = start(client, other, tenant, location=partner.locations.get().pk)
    start(client, other, tenant)

    assert "Choose one of your own locations from the list." in text_of(refused)
    assert Claim.objects.get().partner == other


def test_activity_and_pages_agree_on_every_kind_of_work(client, partner, tenant):
    cast.SubscriptionFactory(tenant=tenant, product=cast.product("sales"))
    start(client, partner, tenant)
    claim = Claim.objects.get()

    for activity in Activity.values:
        send(client, claim, "work", work=f"business-applications/{activity}", name="N")
        assert fresh(claim).activity == activity
        for page in PAGES:
            assert client.get(page_url(claim, page)).status_code == 200


def test_the_progress_list_says_what_is_done_current_and_to_do(client, workloads):
    progress = client.get(page_url(workloads, "products")).context["progress"]

    assert [(step["page"].name, step["is_done"], step["is_current"]) for step in progress] == [
        ("customer", True, False),
        ("work", True, False),
        ("products", False, True),
        ("contacts", False, False),
        ("proof", False, False),
        ("review", False, False),
    ]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_costs_the_same_queries_for_one_product_and_for_many(
    client, workloads, page, django_assert_max_num_queries
):
    for codes in (["teams"], ["teams", "intune", "yammer", "viva-topics"]):
        send(client, workloads, "products", **{f"pick_{code}": "on" for code in codes})
        with django_assert_max_num_queries(34):
            client.get(page_url(workloads, page))
