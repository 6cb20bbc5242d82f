"""Random acts of three partners, their customer, staff and the clock, over claims that share slots.

After each step everything that must always be true of contested claims is checked. ``make test`` runs a
short version, ``make soak`` twenty thousand steps.
"""

import datetime as dt

import pytest
from django.db import transaction
from django.db.models import Count, Max
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from associations.claims import lifecycle
from associations.claims.history import find_broken_link
from associations.claims.lifecycle import LifecycleError
from associations.claims.visible import associations_with_usage_visible_to, rivals_of
from associations.contests import settling, sides, verdicts
from associations.customer import notice_outcomes, notices, optout, questions
from associations.enums import (
    UNDISPUTABLE_REASONS,
    AssociationStatus,
    CaseChoice,
    CaseStatus,
    EventKind,
    InformationReason,
    RejectionReason,
    Status,
)
from associations.filing import submission
from associations.finalisation import sweep
from associations.models import (
    Association,
    CaseAnswer,
    CaseQuestion,
    CaseSide,
    Claim,
    CustomerNotice,
    Event,
    MediationCase,
    SlotHolding,
)
from associations.review import decisions, disputes
from cpor_site.web.refused import RefusedError
from notifications.models import Message
from notifications.words.rendering import Rendered
from partners.staff_groups import REVIEW_LEAD
from tests import cast
from tests.soak import IS_SOAK

PARTNERS = 3
CLAIMS_MAX = 6
DAY = dt.timedelta(days=1)
CODES = ("teams", "exchange-online")
LETTER = Rendered("Subject", "Text", "<p>HTML</p>")
#: A move of a claim to one of these is told by an email of one of these kinds.
TOLD_BY = {
    Status.SUBMITTED: {"claim_submitted"},
    Status.ACTION_REQUIRED: {"claim_action_required"},
    Status.APPROVED: {"claim_approved"},
    Status.OFFICIAL: {"claim_official"},
}


class Contests(RuleBasedStateMachine):
    """Claims of three partners for two workloads of one customer."""

    def __init__(self):
        super().__init__()
        self.undone = cast.undone()  # the next sequence of acts begins with empty tables
        self.undone.__enter__()
        self.seen = None

    @initialize(is_held=st.booleans())
    def begin(self, is_held):
        """Start with two claims for the same, one of them official already or not."""
        self.now = cast.MONDAY
        self.tenant = cast.make_tenant()
        self.reviewer = cast.make_reviewer()
        self.lead = cast.make_staff(REVIEW_LEAD)
        self.partners = [cast.make_partner(f"Marker{n} Consulting") for n in range(PARTNERS)]
        self.admins = [cast.make_member(each) for each in self.partners]
        self.submit(0, CODES)
        for _ in range(3 if is_held else 0):
            self.review_one(Claim.objects.get())
        if is_held:
            self.now += 9 * DAY
            self.sweep_once()
        self.submit(1, CODES)

    def pick(self, data, *statuses):
        """Return one of the claims in these statuses; any claim, now and then, for an illegal act."""
        claims = Claim.objects.exclude(status=Status.EDITING).order_by("pk")
        chosen = claims.filter(status__in=statuses) if data.draw(st.integers(0, 9)) else claims
        rows = list(chosen)
        return data.draw(st.sampled_from(rows)) if rows else None

    def admin_of(self, claim):
        return next(
            each for each in self.admins if each.memberships.get().partner_id == claim.partner_id
        )

    def act(self, function, *args, **more):
        """Act as a page would: what is refused changes nothing, which the invariants look at."""
        try:
            function(*args, **more)
        except (LifecycleError, RefusedError):
            return False
        return True

    @rule(n=st.integers(0, PARTNERS - 1), codes=st.sampled_from([CODES, CODES[:1], CODES[1:]]))
    def file(self, n, codes):
        if Claim.objects.filter(partner=self.partners[n]).count() < CLAIMS_MAX:
            self.submit(n, codes)

    def submit(self, n, codes):
        with cast.at(self.now):
            draft = cast.make_draft(self.partners[n], self.admins[n], self.tenant, codes=codes)
        self.act(submission.submit_claim, draft, actor=self.admins[n], now=self.now)
        Claim.objects.filter(pk=draft.pk, status=Status.EDITING).delete()

    @rule(data=st.data())
    def review(self, data):
        """Take a claim one step on its way to the customer."""
        waiting = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.DISPUTE, Status.APPROVED)
        if claim := self.pick(data, *waiting):
            self.review_one(claim)

    def review_one(self, claim):
        staff = {"actor": self.reviewer, "now": self.now}
        if claim.status == Status.SUBMITTED:
            self.act(decisions.begin_review, claim, **staff)
        elif claim.status == Status.DISPUTE:
            self.act(decisions.decide_dispute, claim, accept=True, words="So.", **staff)
        elif claim.status == Status.APPROVED:
            self.deliver()
        else:
            self.act(decisions.approve_claim, claim, **staff)

    @rule(data=st.data(), act=st.sampled_from(["part", "reject", "ask", "turn down"]))
    def review_otherwise(self, data, act):
        claim = self.pick(data, Status.DISPUTE if act == "turn down" else Status.UNDER_REVIEW)
        if claim is None:
            return
        staff = {"actor": self.reviewer, "now": self.now}
        if act == "part":
            left_out = list(claim.associations.filter(product__code=CODES[0]))
            self.act(decisions.approve_claim, claim, exclude=left_out, **staff)
        elif act == "reject":
            reason = RejectionReason.INSUFFICIENT_POE
            self.act(decisions.reject_claim, claim, reason=reason, words="No.", **staff)
        elif act == "ask":
            reasons = [InformationReason.POE_MISSING]
            self.act(decisions.request_information, claim, reasons=reasons, message="?", **staff)
        else:
            self.act(decisions.decide_dispute, claim, accept=False, words="No.", **staff)

    @rule(data=st.data(), act=st.sampled_from(["withdraw", "answer", "dispute"]))
    def partner_acts(self, data, act):
        open_to = {"answer": [Status.ACTION_REQUIRED], "dispute": [Status.REJECTED]}
        withdrawable = [Status.SUBMITTED, Status.UNDER_REVIEW, Status.APPROVED]
        claim = self.pick(data, *open_to.get(act, withdrawable))
        if claim is None:
            return
        who = {"actor": self.admin_of(claim), "now": self.now}
        if act == "withdraw":
            self.act(submission.withdraw_claim, claim, reason="Over.", **who)
        elif act == "answer":
            self.act(submission.answer_request, claim, **who)
        else:
            self.act(disputes.dispute_claim, claim, justification="But.", **who)

    def deliver(self):
        for notice in CustomerNotice.objects.in_force().filter(status="queued"):
            notice_outcomes.record_sent(notice.pk, LETTER, now=self.now)

    @rule(data=st.data(), act=st.sampled_from(["refuse", "take back", "end"]), whole=st.booleans())
    def customer_acts(self, data, act, whole):
        claim = self.pick(data, Status.OFFICIAL if act == "end" else Status.APPROVED)
        functions = {
            "refuse": optout.opt_out,
            "take back": optout.take_back,
            "end": optout.end_associations,
        }
        if claim:
            self._on_link(claim, functions[act], all_of_it=whole)

    def _on_link(self, claim, function, *, all_of_it):
        notice = notices.in_force(claim).first()
        references = list(claim.associations.order_by("pk").values_list("reference", flat=True))
        if notice:
            self.act(function, notice.token, references[: None if all_of_it else 1], at=self.now)

    @rule(data=st.data())
    def state(self, data):
        if side := self._pick_side(data, CaseStatus.HEARING):
            self.act(
                sides.give_statement,
                side.claim,
                side.case,
                actor=self.admin_of(side.claim),
                statement="We did it.",
                now=self.now,
            )

    @rule(data=st.data(), names_one=st.booleans())
    def decide_case(self, data, names_one):
        if case := self._pick_case(data, CaseStatus.DECIDING, CaseStatus.DISPUTED):
            present = list(case.sides.filter(left_at=None).values_list("partner", flat=True))
            winner = data.draw(st.sampled_from(present)) if names_one and present else None
            self.act(
                verdicts.decide_case,
                case,
                actor=self.lead,
                winner=winner,
                reason="By the proof.",
                now=self.now,
            )

    @rule(data=st.data())
    def ask_customer(self, data):
        if case := self._pick_case(data, CaseStatus.DECIDING):
            self.act(questions.ask_customer, case, actor=self.lead, now=self.now)

    @rule(data=st.data(), choice=st.sampled_from(CaseChoice))
    def answer_question(self, data, choice):
        asked = list(CaseQuestion.objects.order_by("-pk")[:4])
        if asked:
            question = data.draw(st.sampled_from(asked))
            partner = data.draw(st.sampled_from(self.partners)).pk
            chosen = partner if choice == CaseChoice.PARTNER else None
            self.act(
                questions.answer_question,
                question.token,
                choice=choice,
                partner_id=chosen,
                at=self.now,
            )

    @rule(data=st.data())
    def dispute_verdict(self, data):
        if side := self._pick_side(data, CaseStatus.DECIDED):
            self.act(
                sides.dispute_verdict,
                side.claim,
                side.case,
                actor=self.admin_of(side.claim),
                words="No.",
                now=self.now,
            )

    def _pick_case(self, data, *statuses):
        cases = list(MediationCase.objects.filter(status__in=statuses).order_by("pk"))
        return data.draw(st.sampled_from(cases)) if cases else None

    def _pick_side(self, data, *statuses):
        case = self._pick_case(data, *statuses)
        present = list(case.sides.filter(left_at=None).select_related("claim")) if case else []
        if not present:
            return None
        side = data.draw(st.sampled_from(present))
        side.case = case
        return side

    @rule(hours=st.sampled_from([1, 20, 24 * 6]))
    def wait(self, hours):
        self.now += dt.timedelta(hours=hours)
        self.sweep_once()

    @rule()
    def pass_limit(self):
        """Let the next limit of a case pass."""
        case = MediationCase.objects.open().exclude(due_at=None).order_by("due_at").first()
        if case:
            self.now = max(self.now, cast.over(case.due_at))
        self.sweep_once()

    def sweep_once(self):
        sweep.finalise_due(at=self.now)
        sweep.look_again(at=self.now)
        for pk in Claim.objects.filter(status=Status.ACTION_REQUIRED).values_list("pk", flat=True):
            submission.close_unanswered(pk, now=self.now)
        settling.settle_cases(now=self.now)

    @invariant()
    def everything_holds(self):
        """Check what the time alone can change after each step, the rest after each change."""
        self.rivals_have_a_case()
        written = (Event, Message, CaseAnswer, CaseSide)
        seen = [model.objects.aggregate(last=Max("pk"))["last"] for model in written]
        if seen != self.seen:
            self.seen = seen
            for check in CHECKS:
                check(self)

    def one_partner_holds_a_slot(self):
        held = SlotHolding.objects.filter(released_at=None)
        shared = held.values("slot_key").annotate(n=Count("pk")).filter(n__gt=1)
        assert not shared
        official = Association.objects.filter(status=AssociationStatus.OFFICIAL)
        holders = set(held.values_list("slot_key", "partner"))
        assert set(official.values_list("slot_key", "partner")) == holders

    def rivals_have_a_case(self):
        standing = Association.objects.filter(rivals_of(now=self.now)).order_by()
        by_slot = standing.values("slot_key").annotate(n=Count("partner", distinct=True))
        contested = {each["slot_key"] for each in by_slot if each["n"] > 1}
        cases = MediationCase.objects.open().values_list("slot_key", flat=True)
        assert contested <= set(cases)

    def nothing_is_approved_against_a_case(self):
        """A claim that was approved as the case was open is the one that it names, or was there before."""
        for case in MediationCase.objects.open():
            asking = Association.objects.filter(
                slot_key=case.slot_key,
                status=AssociationStatus.PROPOSED,
                claim__status=Status.APPROVED,
            )
            for each in asking.select_related("claim"):
                moved = (
                    each.claim.events.filter(to_status=Status.APPROVED).order_by("-number").first()
                )
                assert moved.at < case.opened_at or _was_named(case, each, moved.at)

    def every_move_is_declared_and_the_chain_is_whole(self):
        for move in Event.objects.filter(kind=EventKind.MOVED).exclude(from_status=""):
            assert lifecycle.is_move_declared(move.from_status, move.to_status, move.actor)
        for claim in Claim.objects.all():
            assert find_broken_link(claim) is None
            last = claim.events.filter(kind=EventKind.MOVED).order_by("-number").first()
            assert last is None or last.to_status == claim.status

    def each_change_is_told_once(self):
        moves = Event.objects.filter(kind=EventKind.MOVED, to_status__in=TOLD_BY)
        for status, kinds in TOLD_BY.items():
            told = Message.objects.filter(kind__in=kinds).exclude(
                key__startswith="product-official"
            )
            assert told.count() == moves.filter(to_status=status).count()
        final = Event.objects.filter(
            kind=EventKind.MOVED, to_status__in=("rejected", "rejected-final")
        )
        by_others = final.exclude(actor="partner").exclude(
            actor="staff", to_status="rejected-final"
        )
        assert Message.objects.filter(kind="claim_rejected").count() == by_others.count()
        verdict = ("mediation-won", "mediation-lost")
        told = Message.objects.filter(kind__in=("mediation_won", "mediation_lost"))
        assert told.count() == Event.objects.filter(kind__in=verdict).count()
        ended = Event.objects.filter(kind=EventKind.ASSOCIATION_ENDED, actor="system")
        handed = Event.objects.filter(kind=EventKind.HANDED_OVER)
        told = Message.objects.filter(kind="handed_over")
        assert told.count() == handed.count() + ended.count()

    def data_is_seen_with_the_slot_alone(self):
        for partner, admin in zip(self.partners, self.admins, strict=True):
            seen = associations_with_usage_visible_to(admin).values_list("slot_key", flat=True)
            held = SlotHolding.objects.filter(released_at=None, partner=partner)
            assert set(seen) <= set(held.values_list("slot_key", flat=True))

    def no_partner_reads_of_another(self):
        marks = {each.pk: [each.name.split()[0]] for each in self.partners}
        for partner, reference in Claim.objects.values_list("partner", "reference"):
            marks[partner].append(reference)
        told = Event.objects.values_list("claim__partner", "reason", "subjects", "actor_name")
        texts = {each.pk: [] for each in self.partners}
        for partner, *words in told:
            texts[partner] += words
        owners = {
            each.email: partner.pk for each, partner in zip(self.admins, self.partners, strict=True)
        }
        mails = Message.objects.filter(to_address__in=owners).values_list("to_address", "context")
        for address, context in mails:
            texts[owners[address]].append(str(context))
        for own, written in texts.items():
            read = "\n".join(written)
            others = [mark for pk, its in marks.items() if pk != own for mark in its]
            assert not [mark for mark in others if mark in read]

    def who_lost_all_may_not_dispute_it_twice(self):
        lost = Claim.objects.filter(rejection_reason=RejectionReason.LOST_MEDIATION)
        assert RejectionReason.LOST_MEDIATION in UNDISPUTABLE_REASONS
        assert not lost.filter(status=Status.DISPUTE).exists()

    def teardown(self):
        """In the end, with time and sweeps alone, every contest ends or waits for a person."""
        try:
            self._let_time_pass()
        finally:
            self.undone.__exit__(None, None, None)

    def _let_time_pass(self):
        if transaction.get_connection().needs_rollback or not hasattr(self, "now"):
            return
        for _ in range(6):
            self.now += dt.timedelta(days=12)
            self.sweep_once()
        waiting = set(MediationCase.objects.open().values_list("status", flat=True))
        assert waiting <= {CaseStatus.DECIDING, CaseStatus.DISPUTED, CaseStatus.HANDOVER}


CHECKS = (
    Contests.one_partner_holds_a_slot,
    Contests.nothing_is_approved_against_a_case,
    Contests.every_move_is_declared_and_the_chain_is_whole,
    Contests.each_change_is_told_once,
    Contests.data_is_seen_with_the_slot_alone,
    Contests.no_partner_reads_of_another,
    Contests.who_lost_all_may_not_dispute_it_twice,
)


def _was_named(case, association, at):
    """Did a decision name the association's partner as its claim was approved?"""
    named = Event.objects.filter(
        claim__partner=association.partner_id,
        kind=EventKind.MEDIATION_WON,
        subjects=str(case.product),
    )
    return any(each.at <= at for each in named)


@pytest.mark.django_db
def test_contests_hold_what_they_must():
    run_state_machine_as_test(
        Contests,
        settings=settings(
            max_examples=200 if IS_SOAK else 5,
            stateful_step_count=100,
            deadline=None,
            derandomize=not IS_SOAK,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
