"""The start for partners: the claims of each lane, what they have to do, counts [issue point 10]."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from associations.customer import notice_outcomes, notices
from associations.display.lanes import Lane
from associations.enums import Actor, Status
from associations.filing import submission
from associations.lists import board
from associations.models import Claim
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


def column(response, lane):
    return next(each for each in response.context["columns"] if each["lane"] == lane)


def needs(response, lane=Lane.PARTNER):
    return {row.claim.reference: str(row.need) for row in column(response, lane)["rows"]}


def in_column(response, lane):
    return [row.claim.reference for row in column(response, lane)["rows"]]


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
        ready.reference: "Draft: ready to submit",
    }
    assert in_column(response, Lane.PARTNER)[0] == failed.reference
    assert needs(response, Lane.CLOSED) == {rejected.reference: "Rejected: you can dispute it"}


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
        ready.reference: "Draft: complete. An Incentives admin must submit it",
    }
    assert needs(response, Lane.CLOSED) == {
        rejected.reference: "Rejected: an Incentives admin can dispute it"
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
        response = open_dashboard()
    assert needs(response) == needs(response, Lane.CLOSED) == {}
    assert column(response, Lane.CLOSED)["count"] == 1


def test_a_missed_answer_stays_with_the_partner_until_the_sweep(
    make, open_dashboard, client, admin
):
    claim = make(Status.ACTION_REQUIRED)

    with cast.at(claim.due_at):
        client.force_login(admin)  # the first session has run out by then
        response = open_dashboard()

    assert needs(response) == {
        claim.reference: "Too late to answer: the claim will be rejected shortly"
    }
    assert column(response, Lane.PARTNER)["count"] == 1


def test_a_withdrawn_claim_needs_no_action(make, open_dashboard, admin):
    submission.withdraw_claim(make(Status.SUBMITTED), actor=admin, reason="x", now=timezone.now())

    response = open_dashboard()
    assert needs(response) == needs(response, Lane.CLOSED) == {}


def test_claims_with_others_stand_in_their_columns_the_next_deadline_first(make, open_dashboard):
    official = make(Status.OFFICIAL)  # first: the finaliser takes whatever is due
    disputed, filed, approved = map(make, (Status.DISPUTE, Status.SUBMITTED, Status.APPROVED))
    soon = timezone.now() + dt.timedelta(days=1)
    Claim.objects.filter(pk=filed.pk).update(due_at=soon, due_time_zone="UTC")

    response = open_dashboard()

    assert in_column(response, Lane.REVIEWERS) == [filed.reference, disputed.reference]
    assert in_column(response, Lane.CUSTOMER) == [approved.reference]
    assert in_column(response, Lane.OFFICIAL) == [official.reference]
    assert column(response, Lane.REVIEWERS)["next"] == f"{soon:%a} {soon.day} {soon:%b}"


def test_claims_without_a_deadline_are_counted_and_shown(make, open_dashboard):
    on_its_way, unconfirmed, set_aside = (make(Status.APPROVED) for _ in range(3))
    Claim.objects.filter(pk=on_its_way.pk).update(due_at=None)
    Claim.objects.filter(pk=unconfirmed.pk).update(due_at=None, turn=Actor.STAFF)
    Claim.objects.filter(pk=set_aside.pk).update(is_parked=True)

    response = open_dashboard()

    assert in_column(response, Lane.CUSTOMER) == [on_its_way.reference]
    assert in_column(response, Lane.REVIEWERS) == [unconfirmed.reference, set_aside.reference]
    assert column(response, Lane.REVIEWERS)["count"] == 2
    for words in ("Notice on its way", "Contact being confirmed", "Being checked"):
        assert words in response.text


def test_counts_lead_to_the_list(make, open_dashboard, client):
    make(Status.OFFICIAL)
    filed = [make(Status.SUBMITTED).reference, make(Status.UNDER_REVIEW).reference]

    response = open_dashboard()

    counts = {each["lane"]: each["count"] for each in response.context["columns"]}
    assert counts == {**dict.fromkeys(Lane, 0), Lane.REVIEWERS: 2, Lane.OFFICIAL: 1}
    address = f"{cast.HERE}claims/?lane=reviewers"
    assert f'href="{address}"' in response.text
    assert {each.reference for each in client.get(address).context["page"].rows} == set(filed)


def test_a_column_says_that_there_are_more(make, open_dashboard):
    for _ in range(board.SHOWN + 1):
        make(Status.SUBMITTED)

    reviewers = column(open_dashboard(), Lane.REVIEWERS)

    assert len(reviewers["rows"]) == board.SHOWN
    assert reviewers["has_more"]


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
        assert not response.context["has_claims"]


def test_the_dashboard_asks_as_few_questions_for_three_claims_as_for_one(make, open_dashboard):
    make(Status.OFFICIAL)
    statuses = (
        *(Status.EDITING, Status.ACTION_REQUIRED, Status.APPROVED),
        *(Status.SUBMITTED, Status.REJECTED),
    )

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
