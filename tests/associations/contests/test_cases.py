"""A mediation from the second claim to its end, in every way that it can end [R33], [R35]."""

import pytest

from associations.contests import settling
from associations.contests.cases import StillContested
from associations.enums import (
    AssociationStatus,
    CaseOutcome,
    CaseStatus,
    RejectionReason,
    Status,
    SubscriptionState,
)
from associations.filing import submission
from associations.models import MediationCase, SlotHolding, Subscription

from .conftest import MINUTE, Contest


def list_statuses(claim):
    return list(claim.associations.order_by("pk").values_list("status", flat=True))


def test_a_second_claim_opens_a_case_for_both(contest):
    contest.submit(0)
    assert not MediationCase.objects.exists()

    contest.submit(1)
    case = contest.settle()

    assert case.status == CaseStatus.HEARING
    assert {each.partner for each in case.sides.all()} == set(contest.partners)
    assert case.due_at > contest.now


def test_the_winner_of_two_new_claims_becomes_official(contest):
    contest.submit(0)
    contest.submit(1)
    contest.begin(0), contest.begin(1)
    assert contest.hear().status == CaseStatus.DECIDING
    with pytest.raises(StillContested):
        contest.approve(0)

    contest.decide(1)
    contest.approve(1)
    with pytest.raises(StillContested):
        contest.approve(0)
    contest.pass_limit()

    assert contest.read(0).status == Status.REJECTED
    assert contest.claims[0].rejection_reason == RejectionReason.LOST_MEDIATION
    assert contest.case.outcome == CaseOutcome.CARRIED_OUT
    contest.now = contest.claims[1].due_at + MINUTE
    contest.finalise()
    assert contest.read(1).status == Status.OFFICIAL


def test_a_challenger_takes_the_slot_over_after_its_window(contest):
    holder = contest.make_official(0)
    contest.submit(1)
    contest.begin(1)
    contest.hear()
    contest.decide(1)
    contest.approve(1)
    assert contest.pass_limit().status == CaseStatus.HANDOVER
    assert contest.read(0).status == Status.OFFICIAL

    contest.now = max(contest.now, contest.claims[1].due_at) + MINUTE
    contest.finalise()

    assert contest.read(1).status == Status.OFFICIAL
    assert contest.read(0).status == Status.ENDED
    assert list_statuses(holder) == [AssociationStatus.ENDED]
    assert SlotHolding.objects.get(released_at=None).partner == contest.partners[1]
    assert contest.case.outcome == CaseOutcome.CARRIED_OUT
    assert MediationCase.objects.count() == 1


def test_the_handover_waits_for_the_dispute(contest):
    contest.make_official(0)
    contest.submit(1)
    contest.begin(1)
    contest.hear()
    contest.decide(1)
    contest.dispute(0)
    contest.approve(1)
    contest.now = contest.claims[1].due_at + MINUTE
    contest.finalise()

    assert contest.read(1).is_parked
    assert contest.read(0).status == Status.OFFICIAL

    contest.decide(1)
    contest.settle()
    contest.now += 10 * MINUTE
    contest.finalise()

    assert contest.read(1).status == Status.OFFICIAL
    assert contest.read(0).status == Status.ENDED


def test_a_dispute_can_turn_the_decision_round(contest):
    contest.make_official(0)
    contest.submit(1)
    contest.begin(1)
    contest.hear()
    contest.decide(1)
    contest.approve(1)
    contest.dispute(0)

    contest.decide(0)
    assert contest.case.status == CaseStatus.DECIDED  # the other side may dispute once, too
    contest.pass_limit()

    assert contest.read(0).status == Status.OFFICIAL
    assert contest.read(1).status == Status.REJECTED
    assert contest.case.outcome == CaseOutcome.CARRIED_OUT


def test_a_withdrawal_ends_the_contest(contest):
    contest.submit(0)
    contest.submit(1)
    contest.settle()

    submission.withdraw_claim(contest.read(1), actor=contest.admins[1], reason="-", now=contest.now)
    contest.settle()

    assert contest.case.outcome == CaseOutcome.NO_CONTEST
    contest.begin(0)
    assert contest.approve(0).status == Status.APPROVED


def test_approving_looks_whether_the_contest_is_over(contest):
    contest.submit(0)
    contest.submit(1)
    contest.begin(0)
    contest.settle()
    submission.withdraw_claim(contest.read(1), actor=contest.admins[1], reason="-", now=contest.now)

    assert contest.approve(0).status == Status.APPROVED


def test_a_third_claim_gives_everyone_a_full_limit(contest):
    contest.submit(0)
    contest.submit(1)
    contest.hear()
    contest.submit(contest.add_partner())
    contest.settle()

    assert contest.case.status == CaseStatus.HEARING
    assert contest.case.sides.count() == 3


def test_none_of_them(contest):
    contest.make_official(0)
    contest.submit(1)
    contest.hear()
    contest.decide(None)
    contest.pass_limit()

    assert contest.read(0).status == Status.ENDED
    assert contest.read(1).status == Status.REJECTED
    assert not SlotHolding.objects.filter(released_at=None).exists()


def test_leaving_the_product_out_needs_no_decision(contest):
    contest.submit(0)
    contest.codes = ("teams", "exchange-online")
    contest.submit(1)
    contest.begin(1)
    contest.settle()
    contested = contest.claims[1].associations.filter(product__code="teams")

    claim = contest.approve(1, exclude=list(contested))

    assert claim.status == Status.APPROVED
    contest.settle()
    assert contest.case.outcome == CaseOutcome.NO_CONTEST


def test_a_case_that_waits_for_staff_keeps_no_other_from_its_turn(contest):
    contest.submit(0)
    contest.submit(1)
    contest.hear()
    contest.now = contest.case.due_at + MINUTE

    assert contest.case.status == CaseStatus.DECIDING
    assert settling.find_unsettled(now=contest.now) == []


@pytest.mark.parametrize("is_heard", [False, True])
def test_a_subscription_that_ends_ends_the_contest_at_once(db, is_heard):
    contest = Contest(codes=("sales",))
    contest.submit(0)
    contest.submit(1)
    contest.settle()
    if is_heard:
        contest.pass_limit()

    Subscription.objects.update(state=SubscriptionState.EXPIRED)
    contest.settle()

    assert contest.case.outcome == CaseOutcome.SUBSCRIPTION_ENDED
    assert MediationCase.objects.count() == 1
