"""The page of one claim: where it stands, whose turn, what was said, what can be done now."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from associations.claims import customer_window
from associations.claims.history import By, record_event
from associations.customer import notice_outcomes, notices, optout
from associations.display import timeline, turns
from associations.enums import Actor, EventKind, Status
from associations.filing import comments
from associations.models import Claim
from associations.review import decisions
from partners.enums import Role
from tests import cast

pytestmark = pytest.mark.django_db

DONE, CURRENT, TO_DO, STOPPED = "done", "current", "to-do", "stopped"
STEPS = {
    Status.EDITING: [
        ("Draft", CURRENT),
        ("Reviewed", TO_DO),
        ("Customer", TO_DO),
        ("Official", TO_DO),
    ],
    Status.SUBMITTED: [
        ("Submitted", DONE),
        ("Waiting for the review", CURRENT),
        ("Customer", TO_DO),
        ("Official", TO_DO),
    ],
    Status.UNDER_REVIEW: [
        ("Submitted", DONE),
        ("In review", CURRENT),
        ("Customer", TO_DO),
        ("Official", TO_DO),
    ],
    Status.ACTION_REQUIRED: [
        ("Submitted", DONE),
        ("More information needed", CURRENT),
        ("Customer", TO_DO),
        ("Official", TO_DO),
    ],
    Status.APPROVED: [
        ("Submitted", DONE),
        ("Reviewed", DONE),
        ("Customer", CURRENT),
        ("Official", TO_DO),
    ],
    Status.OFFICIAL: [
        ("Submitted", DONE),
        ("Reviewed", DONE),
        ("Customer", DONE),
        ("Official", DONE),
    ],
    Status.REJECTED: [("Submitted", DONE), ("Rejected", STOPPED)],
    Status.DISPUTE: [
        ("Submitted", DONE),
        ("Rejected", DONE),
        ("Dispute", CURRENT),
        ("Customer", TO_DO),
        ("Official", TO_DO),
    ],
    Status.REJECTED_FINAL: [
        ("Submitted", DONE),
        ("Rejected", DONE),
        ("Dispute", DONE),
        ("Rejected final", STOPPED),
    ],
    Status.ENDED: [("Submitted", DONE), ("Reviewed", DONE), ("Official", DONE), ("Ended", STOPPED)],
}
TURN = {
    Status.EDITING: ("With you", "No deadline"),
    Status.SUBMITTED: ("With the reviewers", "5 business days left"),
    Status.UNDER_REVIEW: ("With the reviewers", "5 business days left"),
    Status.ACTION_REQUIRED: ("With you", "5 business days left"),
    Status.APPROVED: ("With the customer", "5 business days left"),
    Status.OFFICIAL: ("Official", "You can now see usage. There's nothing for you to do."),
    Status.REJECTED: ("Closed", "30 days left"),
    Status.DISPUTE: ("With the reviewers", "5 business days left"),
    Status.REJECTED_FINAL: ("Closed", "There's nothing for you to do."),
    Status.ENDED: ("Closed", "There's nothing for you to do."),
}
BUTTONS = {"withdraw", "dispute", "answer", "discard"}
OFFERED = {
    Status.EDITING: {"discard"},
    Status.SUBMITTED: {"withdraw"},
    Status.UNDER_REVIEW: {"withdraw"},
    Status.ACTION_REQUIRED: {"withdraw", "answer"},
    Status.APPROVED: {"withdraw"},
    Status.REJECTED: {"dispute"},
}


@pytest.fixture
def at_status(partner, admin, reviewer):
    def walk(status, **facts):
        draft = cast.make_draft(partner, admin, cast.make_tenant(), **facts)
        return cast.walk(draft, status, actor=admin, reviewer=reviewer)

    return walk


@pytest.fixture
def open_page(client, admin):
    def look(claim):
        client.force_login(admin)  # each time: a test that travels outlives its session
        response = client.get(f"/claims/{claim.reference}/")
        assert response.status_code == 200
        return response

    return look


def words_of(response):
    return words_of_markup(response.text)


def words_of_markup(markup):
    text = re.sub(r"<[^>]+>", "", markup)
    return " ".join(text.replace("&#x27;", "'").replace("&quot;", '"').split())


@pytest.mark.parametrize("status", Status)
def test_the_timeline_shows_where_the_claim_is(at_status, open_page, status):
    with cast.at(cast.MONDAY):
        claim = at_status(status)
        response = open_page(claim)

    steps = response.context["steps"]
    assert [(str(step.label), step.state) for step in steps] == STEPS[status]
    assert all(step.at is not None for step in steps if step.state in (DONE, STOPPED))


@pytest.mark.parametrize("status", Status)
def test_the_page_says_whose_turn_it_is_and_until_when(at_status, open_page, status):
    with cast.at(cast.MONDAY):
        claim = at_status(status)
        claim.refresh_from_db()
        response = open_page(claim)

    words = words_of(response)
    lane, until = TURN[status]
    (stand,) = re.findall(
        r'<section class="panel claim-stand".*?</section>', response.text, re.DOTALL
    )
    stand = words_of_markup(stand)
    assert stand.startswith(lane)
    assert until.lower() in stand.lower()
    if claim.due_at:
        assert re.search(r"until the end of \w{3} \d+ \w+ 2026 \([A-Z][\w ]+ time\)", words)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("status", Status)
def test_only_what_can_be_done_now_is_offered(client, partner, at_status, role, status):
    claim = at_status(status)
    client.force_login(cast.make_member(partner, role))

    text = client.get(f"/claims/{claim.reference}/").text

    offered = {each for each in BUTTONS if f"/claims/{claim.reference}/{each}/" in text}
    expected = OFFERED.get(status, set())
    assert offered == (expected if role == Role.INCENTIVES_ADMIN else expected & {"discard"})


def test_the_page_shows_products_proof_contacts_and_history(at_status, open_page):
    claim = at_status(Status.OFFICIAL)
    response = open_page(claim)

    words = words_of(response)
    for association in claim.associations.all():
        assert association.get_usage_url() in response.text
    assert f"/files/{claim.documents.get().key}/" in response.text
    assert "Carla Cliente, CIO" in words
    assert "Accepted by the mail server" in words
    for entry in (
        "Submitted the claim",
        "Started the review",
        "Approved the claim",
        "Became official",
    ):
        assert entry in words
    assert str(claim.tenant.tenant_id) in response.text


def test_no_usage_is_offered_before_the_association_is_official(at_status, open_page):
    claim = at_status(Status.APPROVED)

    page = open_page(claim).text
    assert not any(each.get_usage_url() in page for each in claim.associations.all())


def test_a_request_shows_its_reasons_and_the_reviewers_words(at_status, open_page):
    words = words_of(open_page(at_status(Status.ACTION_REQUIRED)))

    assert "Proof missing" in words
    assert "Please add the signed letter." in words


def test_a_rejection_shows_reason_words_and_how_to_dispute(at_status, open_page):
    words = words_of(open_page(at_status(Status.REJECTED)))

    assert "Rejected: Insufficient proof" in words
    assert "The letter is not signed." in words
    assert "can be disputed until" in words
    assert "You can dispute a rejection once." in words


def test_a_rejection_whose_time_is_over_offers_no_dispute(at_status, open_page):
    claim = at_status(Status.REJECTED)

    with cast.at(claim.due_at + dt.timedelta(days=1)):
        response = open_page(claim)

    assert f"/claims/{claim.reference}/dispute/" not in response.text
    assert "You can dispute" not in words_of(response)


def test_after_the_deadline_no_action_is_needed(at_status, open_page):
    claim = at_status(Status.APPROVED)
    assert "no action needed" not in words_of(open_page(claim))

    with cast.at(claim.due_at):
        assert turns.is_settled_by_a_sweep(claim, now=timezone.now())


def test_everything_refused_while_a_notice_failed_says_what_can_end_it(at_status, open_page):
    claim = at_status(Status.APPROVED)
    notice = notices.in_force(claim).get()
    every = list(claim.associations.values_list("reference", flat=True))
    optout.opt_out(notice.token, every, at=timezone.now())
    assert "rejected when their deadline has passed" in open_page(claim).text

    notice_outcomes.record_failed(notice.pk, failure="550 no such user", now=timezone.now())

    words = open_page(claim).text
    assert "The customer opted out of everything" in words
    assert "or withdraw the claim" in words
    assert "The notice did not reach the customer" in words


def test_a_failed_notice_leads_to_the_contact(at_status, open_page):
    claim = at_status(Status.APPROVED)
    notice_outcomes.record_failed(
        notices.in_force(claim).get().pk, failure="550 no such user", now=timezone.now()
    )

    response = open_page(claim)

    assert "The notice did not reach the customer" in response.text
    assert f"/claims/{claim.reference}/contact/customer/" in response.text
    assert "paused: the notice was not delivered" in words_of(response)
    steps = [str(step.label) for step in response.context["steps"] if step.state == CURRENT]
    assert steps == ["Notice not delivered"]


def test_no_window_is_open_before_the_notice_was_sent(at_status, open_page):
    claim = at_status(Status.APPROVED)
    customer_window.stop_customer_window(claim)
    customer_window.await_notice(claim)

    steps = [str(step.label) for step in open_page(claim).context["steps"] if step.state == CURRENT]

    assert steps == ["Notice on its way"]


def test_an_ended_claim_says_who_ended_it_when_and_why(at_status, open_page):
    claim = at_status(Status.OFFICIAL)
    token = claim.notices.get().token
    every = list(claim.associations.values_list("reference", flat=True))
    with cast.at(dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)):
        optout.end_associations(token, every, reason="We moved on.", at=timezone.now())

    words = words_of(open_page(claim))

    assert f"Ended by {claim.notices.get().name} on 4 May 2026" in words
    assert "We moved on." in words
    assert "Access to usage data ended then." in words


def test_what_the_customer_refused_is_shown_on_the_product(at_status, open_page):
    claim = at_status(Status.APPROVED)
    refused = claim.associations.get(product__code="teams")
    optout.opt_out(
        notices.in_force(claim).get().token,
        [refused.reference],
        reason="Not them.",
        at=timezone.now(),
    )

    words = words_of(open_page(claim))

    assert "Teams Customer opted out" in words
    assert "Exchange Online Waiting for the customer" in words
    assert "Not them." in words


def test_a_claim_the_customer_refused_stops_at_that_step(at_status, partner):
    claim = at_status(Status.APPROVED)
    everything = list(claim.associations.values_list("reference", flat=True))
    optout.opt_out(notices.in_force(claim).get().token, everything, at=timezone.now())
    claim.refresh_from_db()
    from associations.finalisation import sweep

    sweep.finalise_due(at=cast.over(claim))
    claim.refresh_from_db()

    steps = timeline.make_steps(claim, list(claim.events.all()))

    assert [str(step.label) for step in steps] == ["Submitted", "Reviewed", "Customer opted out"]
    rejected = claim.events.get(to_status=Status.REJECTED)
    assert steps[-1].at == claim.events.get(kind=EventKind.OPTED_OUT).at < rejected.at


def test_comments_of_both_sides_are_shown_as_text(at_status, open_page, admin, reviewer):
    claim = at_status(Status.SUBMITTED)
    comments.add_comment(
        claim, actor=admin, side=Actor.PARTNER, text="<b>Bold</b> & true", now=timezone.now()
    )
    comments.add_comment(claim, actor=reviewer, side=Actor.STAFF, text="Seen.", now=timezone.now())

    response = open_page(claim)

    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; true" in response.text
    assert "Rita Reviewer" in response.text
    assert "<b>Bold" not in response.text


def test_excluded_products_say_so(partner, admin, reviewer, open_page):
    claim = cast.make_draft(partner, admin, cast.make_tenant())
    claim = cast.walk(claim, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)
    decisions.approve_claim(
        claim,
        actor=reviewer,
        exclude=[claim.associations.get(product__code="teams")],
        now=timezone.now(),
    )

    assert "Teams Excluded at review" in words_of(open_page(claim))


def test_the_last_day_and_a_late_deadline_are_said(at_status):
    claim = at_status(Status.APPROVED)

    with cast.at(claim.due_at - dt.timedelta(hours=1)):
        assert turns.describe_time_left(claim, now=timezone.now()) == "ends today"
    with cast.at(claim.due_at):
        assert turns.describe_time_left(claim, now=timezone.now()) == "deadline passed"


def test_a_country_without_a_calendar_still_shows_days(at_status):
    claim = at_status(Status.APPROVED)
    claim.tenant.country = "QQ"

    with cast.at(claim.due_at - dt.timedelta(days=2, hours=1)):
        assert turns.describe_time_left(claim, now=timezone.now()) == "2 days left"


def test_every_history_row_is_put_into_words(at_status):
    claim = at_status(Status.ENDED)

    entries = [timeline.tell(event) for event in claim.events.all()]

    assert all(
        entry.what and entry.who and entry.at <= timezone.now() + dt.timedelta(days=60)
        for entry in entries
    )
    assert entries[0].what == "Draft started"
    assert Claim.objects.get(pk=claim.pk).history_length == len(entries)


def test_staff_read_the_same_history_with_what_is_theirs_to_know(at_status):
    claim = at_status(Status.APPROVED)
    record_event(
        claim,
        EventKind.CONTACT_CONFIRMED,
        by=By.staff(cast.make_reviewer()),
        reason="I know her.",
        now=timezone.now(),
    )
    events = list(claim.events.all())

    ours, theirs = map(timeline.tell, events), map(timeline.tell_staff, events)

    for event, own, full in zip(events, ours, theirs, strict=True):
        assert (full.what, full.at, full.reasons, full.subjects) == (
            *(own.what, own.at, own.reasons, own.subjects),
        )
        assert full.who in (own.who, f"{event.get_actor_display()}: {own.who}")
        assert full.words == event.reason
        assert bool(full.move) == (event.kind == EventKind.MOVED)
        assert own.move == ""
    assert (own.words, full.words) == ("", "I know her.")
    assert "Submitted → Under review" in [timeline.tell_staff(each).move for each in events]
