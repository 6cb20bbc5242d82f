"""What a reviewer does with a claim, and what each step leaves behind [R16] to [R19]."""

import pytest
from django.utils import timezone

from associations.claims.history import find_broken_link
from associations.claims.lifecycle import LifecycleError, MoveNotAllowed, StaleClaim
from associations.enums import (
    Actor,
    AssociationStatus,
    EventKind,
    InformationReason,
    NoticeStatus,
    RejectionReason,
    Status,
)
from associations.models import Claim
from associations.review import assignment, decisions
from notifications.models import Message
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim(draft, admin, reviewer):
    return cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)


def snapshot(claim):
    """All that a refused act must leave as it was."""
    fresh = Claim.objects.get(pk=claim.pk)
    statuses = sorted(fresh.associations.values_list("pk", "status"))
    facts = (fresh.status, fresh.revision, fresh.history_length, fresh.assigned_to_id)
    return facts, fresh.reviewer_message, statuses, Message.objects.count()


def newest_mail(kind):
    return Message.objects.filter(kind=kind).order_by("-pk").first()


def test_beginning_assigns_the_claim_and_opens_the_window_to_decide(draft, admin, reviewer):
    submitted = cast.walk(draft, Status.SUBMITTED, actor=admin, reviewer=reviewer)

    begun = decisions.begin_review(submitted, actor=reviewer, now=timezone.now())

    assert (begun.status, begun.assigned_to, begun.turn) == (
        Status.UNDER_REVIEW,
        reviewer,
        Actor.STAFF,
    )
    assert begun.due_at >= submitted.due_at
    assert begun.events.last().actor_name == "Rita Reviewer"


def test_beginning_leaves_a_claim_with_whom_it_was_assigned_to(draft, admin, reviewer):
    submitted = cast.walk(draft, Status.SUBMITTED, actor=admin, reviewer=reviewer)
    colleague = cast.make_reviewer()
    assignment.assign_claim(submitted, actor=colleague, now=timezone.now())

    begun = decisions.begin_review(submitted, actor=reviewer, now=timezone.now())

    assert begun.assigned_to == colleague


def test_assigning_is_recorded_once(claim):
    colleague = cast.make_reviewer(full_name="Carl Colleague")
    before = claim.revision

    assignment.assign_claim(claim, actor=colleague, now=timezone.now())
    again = assignment.assign_claim(claim, actor=colleague, now=timezone.now())

    rows = again.events.filter(kind=EventKind.ASSIGNED)
    assert (again.assigned_to, again.revision) == (colleague, before)
    assert [row.subject_names for row in rows] == [["Carl Colleague"]]


def test_the_partners_mail_names_every_reason_and_the_words(claim, reviewer, admin):
    reasons = [InformationReason.DATES_MISSING, InformationReason.PRODUCT_MISSING]

    asked = decisions.request_information(
        claim, actor=reviewer, reasons=reasons, message="Which month was it?", now=timezone.now()
    )

    mail = newest_mail("claim_action_required")
    assert mail.to_address == admin.email
    assert mail.context["reasons"].splitlines() == [str(each.label) for each in reasons]
    assert mail.context["words"] == "Which month was it?"
    assert (asked.turn, asked.information_reasons) == (Actor.PARTNER, [str(r) for r in reasons])


def test_asking_without_a_reason_is_refused(claim, reviewer):
    before = snapshot(claim)

    with pytest.raises(LifecycleError, match="at least one reason"):
        decisions.request_information(
            claim, actor=reviewer, reasons=[], message="?", now=timezone.now()
        )

    assert snapshot(claim) == before


def test_approving_queues_a_notice_and_waits_for_the_customer(claim, reviewer):
    approved = decisions.approve_claim(claim, actor=reviewer, now=timezone.now())

    notice = approved.notices.get()
    assert (approved.status, approved.turn, approved.due_at) == (
        Status.APPROVED,
        Actor.CUSTOMER,
        None,
    )
    assert notice.status == NoticeStatus.QUEUED
    assert newest_mail("customer_notice").to_address == notice.email


def test_excluded_products_leave_the_claim_and_the_notice(claim, reviewer):
    gone = claim.associations.get(product__code="teams")

    decisions.approve_claim(
        claim,
        actor=reviewer,
        exclude=[gone],
        words="Teams is not in the letter.",
        now=timezone.now(),
    )

    gone.refresh_from_db()
    row = claim.events.get(kind=EventKind.EXCLUDED)
    assert gone.status == AssociationStatus.EXCLUDED
    assert row.subject_names == ["Teams"]
    assert newest_mail("customer_notice").context["products"] == "Exchange Online"
    assert newest_mail("claim_approved").context["products"] == "Exchange Online"
    assert find_broken_link(Claim.objects.get(pk=claim.pk)) is None


def test_excluding_everything_is_refused(claim, reviewer):
    before = snapshot(claim)

    with pytest.raises(LifecycleError, match="at least one product"):
        decisions.approve_claim(
            claim, actor=reviewer, exclude=list(claim.associations.all()), now=timezone.now()
        )

    assert snapshot(claim) == before


def test_approving_twice_approves_once(claim, reviewer):
    decisions.approve_claim(claim, actor=reviewer, now=timezone.now())
    before = snapshot(claim)

    with pytest.raises(MoveNotAllowed):
        decisions.approve_claim(claim, actor=reviewer, now=timezone.now())

    assert snapshot(claim) == before
    assert claim.notices.count() == 1


@pytest.mark.parametrize("reason", list(RejectionReason))
def test_a_reviewer_rejects_for_a_reviewers_reasons_only(claim, reviewer, reason):
    before = snapshot(claim)
    theirs = {"insufficient-poe", "acknowledgement-missing", "products-missing", "poe-unavailable"}

    if reason in theirs:
        rejected = decisions.reject_claim(
            claim, actor=reviewer, reason=reason, words="Not signed.", now=timezone.now()
        )
        mail = newest_mail("claim_rejected")
        assert (rejected.status, rejected.rejection_reason) == (Status.REJECTED, reason)
        assert (mail.context["reason"], mail.context["words"]) == (reason.label, "Not signed.")
    else:
        with pytest.raises(LifecycleError):
            decisions.reject_claim(
                claim, actor=reviewer, reason=reason, words="Not signed.", now=timezone.now()
            )
        assert snapshot(claim) == before


@pytest.mark.parametrize(
    ("accept", "status", "mail"),
    [(True, Status.APPROVED, "claim_approved"), (False, Status.REJECTED_FINAL, "dispute_lost")],
)
def test_a_dispute_is_decided(draft, admin, reviewer, accept, status, mail):
    disputed = cast.walk(draft, Status.DISPUTE, actor=admin, reviewer=reviewer)

    decided = decisions.decide_dispute(
        disputed, actor=reviewer, accept=accept, words="Page 2.", now=timezone.now()
    )

    assert decided.status == status
    assert newest_mail(mail).context["words"] == "Page 2."
    assert decided.notices.count() == int(accept)


def steps(claim, reviewer, **more):
    """Every function of the reviewer, ready to be called."""
    return {
        "begin": lambda: decisions.begin_review(claim, actor=reviewer, **more, now=timezone.now()),
        "ask": lambda: decisions.request_information(
            claim,
            actor=reviewer,
            reasons=[InformationReason.POE_MISSING],
            message="?",
            **more,
            now=timezone.now(),
        ),
        "approve": lambda: decisions.approve_claim(
            claim, actor=reviewer, **more, now=timezone.now()
        ),
        "reject": lambda: decisions.reject_claim(
            claim,
            actor=reviewer,
            reason=RejectionReason.POE_UNAVAILABLE,
            words="?",
            **more,
            now=timezone.now(),
        ),
        "decide": lambda: decisions.decide_dispute(
            claim, actor=reviewer, accept=True, words="?", **more, now=timezone.now()
        ),
    }


@pytest.mark.parametrize("step", ["begin", "ask", "approve", "reject", "decide"])
@pytest.mark.parametrize("status", ["submitted", "under-review", "dispute"])
def test_a_stale_page_changes_nothing(claim, reviewer, step, status):
    Claim.objects.filter(pk=claim.pk).update(status=status)
    before = snapshot(claim)

    with pytest.raises(StaleClaim):
        steps(claim, reviewer, revision=claim.revision - 1)[step]()

    assert snapshot(claim) == before


@pytest.mark.parametrize("step", ["begin", "ask", "approve", "reject", "decide", "assign"])
def test_no_one_reviews_a_claim_of_their_own_partner(claim, partner, step):
    insider = cast.make_reviewer()
    cast.make_member(partner, user=insider)
    before = snapshot(claim)
    every = steps(claim, insider) | {
        "assign": lambda: assignment.assign_claim(claim, actor=insider, now=timezone.now())
    }

    with pytest.raises(decisions.ReviewerHasStake):
        every[step]()

    assert snapshot(claim) == before
