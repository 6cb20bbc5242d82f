"""The start for partners: what waits for them, which clocks run, counts [issue point 10]."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from associations.customer import notice_outcomes, notices
from associations.enums import Status
from associations.filing import submission
from partners.enums import Role
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def make(partner, admin):
    reviewer = cast.make_reviewer()
    numbers = iter(range(100))

    def make_claim(status):
        tenant = cast.make_tenant(f"d{next(numbers)}.example")
        draft = cast.make_draft(partner, admin, tenant)
        return cast.walk(draft, status, actor=admin, reviewer=reviewer)

    return make_claim


@pytest.fixture
def open_dashboard(client, admin):
    client.force_login(admin)
    return lambda: client.get(cast.HERE)


def needs(response):
    return {claim.reference: str(claim.need) for claim in response.context["needs"]}


def test_an_empty_dashboard_teaches(open_dashboard):
    response = open_dashboard()

    assert "Your claims will appear here" in response.text
    assert f'href="{cast.HERE}claims/new/"' in response.text


def test_what_waits_for_the_partner_is_named(make, open_dashboard):
    asked = make(Status.ACTION_REQUIRED)
    rejected = make(Status.REJECTED)
    ready = make(Status.EDITING)
    failed = make(Status.APPROVED)
    notice_outcomes.record_failed(
        notices.in_force(failed).get().pk, failure="550", now=timezone.now()
    )
    for status in (Status.SUBMITTED, Status.OFFICIAL, Status.REJECTED_FINAL):
        make(status)

    response = open_dashboard()

    assert needs(response) == {
        failed.reference: "The notice did not reach the customer: name another contact",
        asked.reference: "Answer the reviewer's request",
        rejected.reference: "Rejected: you can dispute it",
        ready.reference: "Draft: ready to submit",
    }
    assert response.context["needs"][0] == failed


def test_a_user_is_told_what_an_admin_has_to_do(make, client, partner):
    """No one is told to do what they are not allowed to [R43]."""
    asked, rejected, ready, failed = map(
        make, (Status.ACTION_REQUIRED, Status.REJECTED, Status.EDITING, Status.APPROVED)
    )
    notice_outcomes.record_failed(
        notices.in_force(failed).get().pk, failure="550", now=timezone.now()
    )
    client.force_login(cast.make_member(partner, Role.INCENTIVES_USER))

    response = client.get(cast.HERE)

    assert needs(response) == {
        failed.reference: "The notice did not reach the customer: an Incentives admin must name another contact",
        asked.reference: "Add what the reviewer needs. An Incentives admin must send the answer",
        rejected.reference: "Rejected: an Incentives admin can dispute it",
        ready.reference: "Draft: complete. An Incentives admin must submit it",
    }


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda draft: draft.documents.all().delete(), "the proof is missing"),
        (lambda draft: draft.contacts.first().delete(), "contacts are missing"),
        (lambda draft: draft.associations.all().delete(), "products are missing"),
        (lambda draft: type(draft).objects.update(name=""), "the work is missing"),
        (lambda draft: type(draft).objects.update(tenant=None), "the customer is missing"),
    ],
)
def test_a_draft_says_what_it_lacks(make, open_dashboard, spoil, words):
    draft = make(Status.EDITING)
    spoil(draft)

    assert words in needs(open_dashboard())[draft.reference]


def test_a_rejection_after_its_deadline_needs_no_action(make, open_dashboard, client, admin):
    claim = make(Status.REJECTED)

    with cast.at(claim.due_at):
        client.force_login(admin)  # the first session has run out by then
        assert needs(open_dashboard()) == {}


def test_a_withdrawn_claim_needs_no_action(make, open_dashboard, admin):
    submission.withdraw_claim(make(Status.SUBMITTED), actor=admin, reason="x", now=timezone.now())

    assert needs(open_dashboard()) == {}


def test_running_clocks_are_those_of_others_soonest_first(make, open_dashboard):
    make(Status.OFFICIAL)  # first: the finaliser takes whatever is due
    running = [make(status) for status in (Status.SUBMITTED, Status.APPROVED, Status.DISPUTE)]
    make(Status.ACTION_REQUIRED)
    make(Status.REJECTED)

    clocks = open_dashboard().context["clocks"]

    assert {claim.reference for claim in clocks} == {claim.reference for claim in running}
    assert [claim.due_at for claim in clocks] == sorted(claim.due_at for claim in clocks)


def test_counts_lead_to_the_list(make, open_dashboard):
    make(Status.SUBMITTED)
    make(Status.SUBMITTED)
    make(Status.OFFICIAL)

    response = open_dashboard()

    counts = {each["status"]: each["count"] for each in response.context["counts"]}
    assert counts == {Status.SUBMITTED: 2, Status.OFFICIAL: 1}
    assert f'href="{cast.HERE}claims/?status=submitted"' in response.text


def test_nothing_of_another_partner_or_location_is_there(client, partner, make):
    claim = make(Status.ACTION_REQUIRED)
    place = cast.LocationFactory(partner=partner)
    people = [
        cast.make_member(partner, Role.INCENTIVES_USER, locations=[place]),
        cast.make_member(cast.make_partner("Other")),
    ]

    for person in people:
        client.force_login(person)
        response = client.get("/", follow=True)
        assert claim.reference not in response.text
        assert response.context["counts"] == []


def test_the_dashboard_asks_as_few_questions_for_three_claims_as_for_one(make, open_dashboard):
    statuses = (Status.EDITING, Status.ACTION_REQUIRED, Status.APPROVED)

    def count():
        with CaptureQueriesContext(connection) as queries:
            open_dashboard()
        return len(queries)

    for status in statuses:
        make(status)
    one = count()
    for status in statuses * 2:
        make(status)

    assert count() == one
