"""An act on a claim locks and reads it once, and saves it once."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from associations.claims import lifecycle
from associations.claims.history import By, find_broken_link
from associations.customer import answers, notice_outcomes, notices, optout
from associations.enums import (
    Actor,
    InformationReason,
    NoticeStatus,
    RejectionReason,
    Status,
)
from associations.filing import drafts, submission
from associations.models import Claim, CustomerNotice
from associations.review import decisions, disputes
from notifications.words.rendering import Rendered
from tests import cast

pytestmark = pytest.mark.django_db

#: Name → (the status before, what is done by (claim, admin, reviewer)).
ACTS = {
    "submit": (
        Status.EDITING,
        lambda claim, admin, _: submission.submit_claim(
            claim, actor=admin, comment="Please.", now=timezone.now()
        ),
    ),
    "answer": (
        Status.ACTION_REQUIRED,
        lambda claim, admin, _: submission.answer_request(
            claim, actor=admin, answer="Page 2.", now=timezone.now()
        ),
    ),
    "withdraw": (
        Status.UNDER_REVIEW,
        lambda claim, admin, _: submission.withdraw_claim(
            claim, actor=admin, reason="No.", now=timezone.now()
        ),
    ),
    "edit": (
        Status.ACTION_REQUIRED,
        lambda claim, admin, _: drafts.choose_products(claim, [], actor=admin, now=timezone.now()),
    ),
    "dispute": (
        Status.REJECTED,
        lambda claim, admin, _: disputes.dispute_claim(
            claim, actor=admin, justification="See 2.", now=timezone.now()
        ),
    ),
    "begin": (
        Status.SUBMITTED,
        lambda claim, _, reviewer: decisions.begin_review(
            claim, actor=reviewer, now=timezone.now()
        ),
    ),
    "request": (
        Status.UNDER_REVIEW,
        lambda claim, _, reviewer: decisions.request_information(
            claim,
            actor=reviewer,
            reasons=[InformationReason.POE_MISSING],
            message="More.",
            now=timezone.now(),
        ),
    ),
    "approve": (
        Status.UNDER_REVIEW,
        lambda claim, _, reviewer: decisions.approve_claim(
            claim,
            actor=reviewer,
            exclude=[claim.associations.all()[0]],
            words="Good.",
            now=timezone.now(),
        ),
    ),
    "reject": (
        Status.UNDER_REVIEW,
        lambda claim, _, reviewer: decisions.reject_claim(
            claim,
            actor=reviewer,
            reason=RejectionReason.INSUFFICIENT_POE,
            words="No.",
            now=timezone.now(),
        ),
    ),
    "decide": (
        Status.DISPUTE,
        lambda claim, _, reviewer: decisions.decide_dispute(
            claim, actor=reviewer, accept=True, words="Right.", now=timezone.now()
        ),
    ),
}


def require_one_lock_and_one_save(captured):
    queries = [each["sql"] for each in captured]
    saves = [each for each in queries if each.startswith('UPDATE "associations_claim" ')]
    assert len(saves) == 1
    if connection.vendor == "postgresql":
        locks = [each for each in queries if each.endswith('FOR UPDATE OF "associations_claim"')]
        assert len(locks) == 1


@pytest.mark.parametrize("name", ACTS)
def test_an_act_locks_a_claim_once_and_saves_it_once(draft, admin, reviewer, name):
    status, act = ACTS[name]
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)

    with CaptureQueriesContext(connection) as captured:
        done = act(claim, admin, reviewer)

    require_one_lock_and_one_save(captured)
    saved = Claim.objects.get(pk=claim.pk)
    assert find_broken_link(saved) is None
    names = [field.attname for field in Claim._meta.concrete_fields if field.name != "updated_at"]
    assert {each: getattr(done, each) for each in names} == {
        each: getattr(saved, each) for each in names
    }


def list_references(claim):
    return list(claim.associations.values_list("reference", flat=True))


def park(claim):
    Claim.objects.filter(pk=claim.pk).update(is_parked=True)


#: What customers do, and what becomes of their notices: (status before, is it delivered, act on a notice).
CUSTOMERS = {
    "refuse what is parked": (
        Status.APPROVED,
        True,
        lambda notice: optout.opt_out(
            notice.token, list_references(notice.claim), at=timezone.now()
        ),
    ),
    "end": (
        Status.OFFICIAL,
        True,
        lambda notice: optout.end_associations(
            notice.token, list_references(notice.claim), at=timezone.now()
        ),
    ),
    "wrong person": (
        Status.APPROVED,
        True,
        lambda notice: answers.decline_as_wrong_person(notice.token, at=timezone.now()),
    ),
    "sent": (
        Status.APPROVED,
        False,
        lambda notice: notice_outcomes.record_sent(
            notice.pk, Rendered("Subject", "Text", "<p>HTML</p>"), now=timezone.now()
        ),
    ),
    "failed": (
        Status.APPROVED,
        True,
        lambda notice: notice_outcomes.record_failed(
            notice.pk, failure="550 no such user", now=timezone.now()
        ),
    ),
}


@pytest.mark.parametrize("name", CUSTOMERS)
def test_so_does_what_a_customer_does_and_what_becomes_of_a_notice(draft, admin, reviewer, name):
    status, is_delivered, act = CUSTOMERS[name]
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)
    if name == "refuse what is parked":
        park(claim)
    notice = notices.in_force(claim).get()
    if not is_delivered:
        withhold(notice)

    with CaptureQueriesContext(connection) as captured:
        act(notice)

    require_one_lock_and_one_save(captured)
    saved = Claim.objects.get(pk=claim.pk)
    assert saved.updated_at != claim.updated_at
    assert find_broken_link(saved) is None


def withhold(notice):
    """As it was before the mail server accepted it."""
    CustomerNotice.objects.filter(pk=notice.pk).update(status=NoticeStatus.QUEUED, sent_at=None)
    clock = {"window_opened_at": None, "due_at": None, "due_time_zone": ""}
    Claim.objects.filter(pk=notice.claim_id).update(**clock)


def test_so_does_a_better_contact(draft, admin, reviewer):
    claim = cast.walk(draft, Status.APPROVED, actor=admin, reviewer=reviewer)
    notice_outcomes.record_failed(
        notices.in_force(claim).get().pk, failure="550", now=timezone.now()
    )

    with CaptureQueriesContext(connection) as captured:
        cast.correct_contact(claim, admin)

    require_one_lock_and_one_save(captured)


def test_an_act_that_fails_saves_nothing(draft, admin):
    with pytest.raises(ZeroDivisionError), lifecycle.hold_claim(draft.pk) as held:
        held.name = "Never"
        held.write("name")
        raise ZeroDivisionError

    assert Claim.objects.get(pk=draft.pk).name == draft.name


class TestAStatusChangesUnderTheLock:
    def change(self, claim):
        lifecycle.change_status(claim, Status.SUBMITTED, by=By(Actor.PARTNER), now=timezone.now())

    def test_a_claim_that_was_read_without_it_is_refused(self, draft):
        with pytest.raises(RuntimeError), transaction.atomic():
            self.change(draft)

        assert Claim.objects.get(pk=draft.pk).status == Status.EDITING

    def test_so_is_one_whose_act_is_over(self, draft):
        with lifecycle.hold_claim(draft.pk) as held:
            pass
        with pytest.raises(RuntimeError), transaction.atomic():
            self.change(held)

    @pytest.mark.django_db(transaction=True)
    def test_so_is_one_whose_transaction_is_over(self, draft):
        with transaction.atomic():
            locked = lifecycle.lock_claim(draft.pk)
        with pytest.raises(RuntimeError):
            self.change(locked)

    def test_a_locked_one_is_saved_at_once(self, draft):
        with transaction.atomic():
            self.change(lifecycle.lock_claim(draft.pk))

        saved = Claim.objects.get(pk=draft.pk)
        assert saved.status == Status.SUBMITTED
        assert find_broken_link(saved) is None
