"""Races about a contested slot; each is first shown with its lock removed [R33], [R35]."""

import datetime as dt

import pytest
from django.db import IntegrityError

from associations.contests import cases, settling, sides, verdicts
from associations.customer import notices, optout, questions
from associations.enums import AssociationStatus, CaseChoice, CaseStatus, EventKind, Status
from associations.filing import submission
from associations.finalisation import sweep
from associations.models import Association, CaseAnswer, Event, MediationCase, SlotHolding
from cpor_site.web.refused import RefusedError
from notifications.models import Message
from partners.staff_groups import REVIEW_LEAD
from tests import cast
from tests.associations.contests.conftest import MINUTE, Contest

from .racing import meet, race, without_row_locks

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
REASON = "By the proof."


@pytest.fixture
def contest():
    cast.ensure_catalogue()
    return Contest()


@pytest.fixture
def to_decide(contest):
    """A case between a holder and a challenger that waits for the decision."""
    contest.make_official(0)
    contest.submit(1)
    contest.begin(1)
    contest.hear()
    return contest


def submit_both(contest):
    drafts = [contest.draft(n) for n in (0, 1)]
    return race(
        *(
            lambda n=n: submission.submit_claim(drafts[n], actor=contest.admins[n], now=contest.now)
            for n in (0, 1)
        )
    )


class TestTwoSubmissionsAtOnce:
    def test_without_the_customers_lock_neither_sees_the_other(self, contest, monkeypatch):
        monkeypatch.setattr(cases, "lock_out_others", lambda claim: None)
        meet(monkeypatch, cases, "open_cases")

        submit_both(contest)

        assert not MediationCase.objects.exists()

    def test_the_second_opens_the_case(self, contest, monkeypatch):
        meet(monkeypatch, cases, "open_cases")

        submit_both(contest)

        assert MediationCase.objects.count() == 1


def decide_twice(contest):
    case = contest.case
    lead = cast.make_staff(REVIEW_LEAD)
    return race(
        *(
            lambda who=who, n=n: verdicts.decide_case(
                case,
                actor=who,
                winner=contest.partners[n].pk,
                reason=REASON,
                revision=case.revision,
                now=contest.now,
            )
            for who, n in ((contest.lead, 0), (lead, 1))
        )
    )


class TestTwoDecisionsAtOnce:
    def test_without_locks_the_second_runs_into_the_history(self, to_decide, monkeypatch):
        without_row_locks(monkeypatch)
        meet(monkeypatch, verdicts, "write_verdict")

        outcomes = decide_twice(to_decide)

        verdict = (EventKind.MEDIATION_WON, EventKind.MEDIATION_LOST)
        doubled = Event.objects.filter(kind__in=verdict).count() > 2
        assert doubled or any(isinstance(each, IntegrityError) for each in outcomes)

    def test_one_decides_and_the_other_is_told_so(self, to_decide, monkeypatch):
        meet(monkeypatch, verdicts, "write_verdict")

        outcomes = decide_twice(to_decide)

        assert sum(isinstance(each, MediationCase) for each in outcomes) == 1
        assert sum(isinstance(each, RefusedError) for each in outcomes) == 1
        assert Event.objects.filter(kind=EventKind.MEDIATION_WON).count() == 1
        assert Message.objects.filter(kind__in=("mediation_won", "mediation_lost")).count() == 2


class TestAThirdClaimWhileADecisionIsMade:
    def decide_and_submit(self, contest):
        n = contest.add_partner()
        draft = contest.draft(n)
        case = contest.case
        return race(
            lambda: verdicts.decide_case(
                case,
                actor=contest.lead,
                winner=contest.partners[1].pk,
                reason=REASON,
                revision=case.revision,
                now=contest.now,
            ),
            lambda: submission.submit_claim(draft, actor=contest.admins[n], now=contest.now),
        )

    def test_one_outcome_and_the_third_is_heard(self, to_decide, monkeypatch):
        meet(monkeypatch, verdicts, "write_verdict", wait=0.2)

        decided, submitted = self.decide_and_submit(to_decide)
        to_decide.settle()

        assert submitted.status == Status.SUBMITTED
        case = to_decide.case
        if isinstance(decided, MediationCase):
            assert case.winner == to_decide.partners[1]
            assert case.sides.count() == 2  # the third waits for a case of its own
        else:
            assert case.status == CaseStatus.HEARING
            assert case.sides.count() == 3


class TestDisputeAgainstTheLimit:
    """The loser disputes in the last instant; the sweep makes the decision final as the limit passes."""

    def dispute_and_settle(self, contest):
        case, claim = contest.case, contest.read(0)
        just_in_time = case.due_at - dt.timedelta(microseconds=1)
        return race(
            lambda: sides.dispute_verdict(
                claim, case, actor=contest.admins[0], words="No.", now=just_in_time
            ),
            lambda: settling.settle_case(case.pk, now=case.due_at),
        )

    def test_either_it_is_disputed_or_it_is_final(self, to_decide, monkeypatch):
        to_decide.decide(1)
        meet(monkeypatch, sides, "can_dispute", wait=0.2)

        disputed, _settled = self.dispute_and_settle(to_decide)

        case = to_decide.case
        if isinstance(disputed, RefusedError):
            assert case.status == CaseStatus.HANDOVER
            assert not case.sides.exclude(disputed_at=None).exists()
        else:
            assert case.status == CaseStatus.DISPUTED
        assert to_decide.read(0).status == Status.OFFICIAL


class TestAnswerAgainstTheLimit:
    def test_what_was_answered_in_time_decides(self, to_decide):
        case = to_decide.case
        questions.ask_customer(case, actor=to_decide.lead, now=to_decide.now)
        case = to_decide.case
        question = case.questions.first()
        over = cast.over(case.due_at)

        answered, _settled = race(
            lambda: questions.answer_question(
                question.token,
                choice=CaseChoice.PARTNER,
                partner_id=to_decide.partners[1].pk,
                at=case.due_at,
            ),
            lambda: settling.settle_case(case.pk, now=over),
        )

        case = to_decide.case
        if isinstance(answered, RefusedError):
            assert case.status == CaseStatus.DECIDING
            assert not CaseAnswer.objects.exists()
        else:
            assert case.winner == to_decide.partners[1]


class TestHandover:
    @pytest.fixture
    def won(self, to_decide):
        to_decide.decide(1)
        to_decide.approve(1)
        to_decide.pass_limit()
        to_decide.now = max(to_decide.now, to_decide.claims[1].due_at) + MINUTE
        return to_decide

    def settle_twice(self, contest):
        return race(
            *(
                lambda: sweep.settle_alone(contest.claims[1].pk, contest.now, sweep.Outcome())
                for _ in range(2)
            )
        )

    def test_two_finalisers_hand_it_over_once(self, won, monkeypatch):
        meet(monkeypatch, sweep, "hand_over")

        self.settle_twice(won)

        assert SlotHolding.objects.get(released_at=None).partner == won.partners[1]
        assert Event.objects.filter(kind=EventKind.HANDED_OVER).count() == 1
        assert Message.objects.filter(kind="handed_over").count() == 1
        statuses = Association.objects.order_by("pk").values_list("status", flat=True)
        assert list(statuses) == [AssociationStatus.ENDED, AssociationStatus.OFFICIAL]

    def test_the_customer_ends_the_former_one_at_the_same_time(self, won, monkeypatch):
        former = won.claims[0]
        token = notices.in_force(former).first().token
        references = list(former.associations.values_list("reference", flat=True))
        meet(monkeypatch, sweep, "hand_over", wait=0.2)

        race(
            lambda: sweep.settle_alone(won.claims[1].pk, won.now, sweep.Outcome()),
            lambda: optout.end_associations(token, references, at=won.now),
        )
        won.finalise()

        assert won.read(0).status == Status.ENDED
        assert won.read(1).status == Status.OFFICIAL
        assert SlotHolding.objects.get(released_at=None).partner == won.partners[1]
        assert won.case.status == CaseStatus.CLOSED
