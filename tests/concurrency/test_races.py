"""Two connections contend for one claim or one slot; each race is first shown with its lock removed."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from associations.claims import lifecycle
from associations.claims.history import find_broken_link
from associations.claims.lifecycle import LifecycleError
from associations.customer import optout
from associations.enums import Activity, AssociationStatus, EventKind, ParkedReason, Status
from associations.finalisation import bulk, sweep
from associations.models import Association, Claim, CustomerNotice, SlotHolding
from associations.review import decisions
from notifications.models import Message
from tests import cast
from tests.benchmarks.finalisation_data import DUE, SWEPT, fill

from .racing import meet, race, without_row_locks

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

JUST_IN_TIME = dt.timedelta(microseconds=1)


@pytest.fixture
def partner():
    return cast.make_partner()


@pytest.fixture
def actor(partner):
    return cast.make_member(partner)


@pytest.fixture
def reviewer():
    return cast.make_reviewer()


def make_claim(partner, actor, reviewer, status, tenant=None, **facts):
    draft = cast.make_draft(partner, actor, tenant or cast.make_tenant(), **facts)
    return cast.walk(draft, status, actor=actor, reviewer=reviewer)


def approve_twice(claim, reviewer):
    return race(
        lambda: decisions.approve_claim(
            Claim.objects.get(pk=claim.pk), actor=reviewer, now=timezone.now()
        ),
        lambda: decisions.approve_claim(
            Claim.objects.get(pk=claim.pk), actor=reviewer, now=timezone.now()
        ),
    )


class TestApprovingTwice:
    def test_without_the_lock_the_second_reviewer_runs_into_the_database(
        self, partner, actor, reviewer, monkeypatch
    ):
        claim = make_claim(partner, actor, reviewer, Status.UNDER_REVIEW)
        without_row_locks(monkeypatch)
        meet(monkeypatch, lifecycle, "is_move_declared")

        outcomes = approve_twice(claim, reviewer)

        assert any(isinstance(each, IntegrityError) for each in outcomes)

    def test_one_approves_and_the_other_is_told_so(self, partner, actor, reviewer, monkeypatch):
        claim = make_claim(partner, actor, reviewer, Status.UNDER_REVIEW)
        meet(monkeypatch, lifecycle, "is_move_declared")

        outcomes = approve_twice(claim, reviewer)

        assert sum(isinstance(each, LifecycleError) for each in outcomes) == 1
        assert sum(isinstance(each, Claim) for each in outcomes) == 1
        assert claim.events.filter(kind=EventKind.MOVED, to_status=Status.APPROVED).count() == 1
        assert CustomerNotice.objects.filter(claim=claim).count() == 1
        assert Message.objects.filter(kind="customer_notice").count() == 1


def refuse_while_finalising(claim):
    """The customer refuses in the last instant; the finaliser comes when the grace is over."""
    notice = claim.notices.get()
    references = list(claim.associations.values_list("reference", flat=True))
    arrived = claim.due_at - JUST_IN_TIME
    return race(
        lambda: optout.opt_out(notice.token, references, at=arrived),
        lambda: sweep.finalise_due(at=cast.over(claim)),
    )


def tell_outcome(claim):
    """What customer and partner each see in the end."""
    claim.refresh_from_db()
    products = set(claim.associations.values_list("status", flat=True))
    kinds = set(claim.events.values_list("kind", flat=True))
    mails = set(Message.objects.values_list("kind", flat=True))
    holds = SlotHolding.objects.filter(released_at=None).exists()
    refused = EventKind.OPTED_OUT in kinds
    official = claim.status == Status.OFFICIAL
    return {
        "refused": {
            refused,
            products == {AssociationStatus.OPTED_OUT},
            "customer_opted_out" in mails,
        },
        "official": {
            official,
            products == {AssociationStatus.OFFICIAL},
            "claim_official" in mails,
            holds,
        },
    }


class TestOptOutAgainstFinalisation:
    def test_without_the_lock_a_refusal_in_time_is_lost_or_doubled(
        self, partner, actor, reviewer, monkeypatch
    ):
        claim = make_claim(partner, actor, reviewer, Status.APPROVED)
        without_row_locks(monkeypatch)
        meet(monkeypatch, lifecycle, "change_association")
        meet(monkeypatch, bulk, "make_official", parties=2, wait=0.2)

        customer, finaliser = refuse_while_finalising(claim)

        outcome = tell_outcome(claim)
        unclean = isinstance(customer, IntegrityError) or isinstance(finaliser, Exception)
        assert unclean or outcome["refused"] == outcome["official"] or len(outcome["official"]) > 1

    @pytest.mark.parametrize("attempt", range(5))
    def test_exactly_one_wins_and_all_see_the_same(self, partner, actor, reviewer, attempt):
        claim = make_claim(partner, actor, reviewer, Status.APPROVED)

        customer, finaliser = refuse_while_finalising(claim)

        assert not isinstance(finaliser, Exception)
        outcome = tell_outcome(claim)
        if isinstance(customer, optout.WindowClosed):
            assert outcome == {"refused": {False}, "official": {True}}
        else:
            assert outcome == {"refused": {True}, "official": {False}}
        assert find_broken_link(claim) is None

    def test_a_refusal_that_arrived_in_time_wins_even_if_it_must_wait_past_the_deadline(
        self, partner, actor, reviewer
    ):
        claim = make_claim(partner, actor, reviewer, Status.APPROVED)
        notice = claim.notices.get()
        references = list(claim.associations.values_list("reference", flat=True))
        is_held, finalised = threading.Event(), threading.Event()

        def hold_the_claim():
            with transaction.atomic():
                lifecycle.lock_claim(claim.pk)
                is_held.set()
                assert finalised.wait(10)

        def finalise():
            assert is_held.wait(10)
            try:
                return sweep.finalise_due(at=cast.over(claim))
            finally:
                finalised.set()

        def refuse():
            assert is_held.wait(10)
            return optout.opt_out(notice.token, references, at=claim.due_at - JUST_IN_TIME)

        _holder, outcome, link = race(hold_the_claim, finalise, refuse)
        assert outcome.official == 0
        assert isinstance(link, optout.Link)
        assert sweep.finalise_due(at=cast.over(claim)).rejected == 1
        claim.refresh_from_db()
        assert claim.status == Status.REJECTED


class TestRefusalOnItsWay:
    """It arrived before the deadline and gets to the database after a sweep has been there [R31]."""

    def refuse_after_the_sweep(self, claim):
        notice = claim.notices.get()
        references = list(claim.associations.values_list("reference", flat=True))
        is_swept = threading.Event()

        def finalise():
            try:
                return sweep.finalise_due(at=claim.due_at + JUST_IN_TIME)
            finally:
                is_swept.set()

        def refuse():
            assert is_swept.wait(10)
            return optout.opt_out(notice.token, references, at=claim.due_at - JUST_IN_TIME)

        return race(finalise, refuse)

    def test_without_the_grace_it_loses(self, partner, actor, reviewer, settings):
        settings.CPOR_OPT_OUT_GRACE_SECONDS = 0
        claim = make_claim(partner, actor, reviewer, Status.APPROVED)

        _outcome, customer = self.refuse_after_the_sweep(claim)

        assert isinstance(customer, optout.WindowClosed)
        assert tell_outcome(claim) == {"refused": {False}, "official": {True}}

    def test_with_the_grace_it_wins(self, partner, actor, reviewer):
        claim = make_claim(partner, actor, reviewer, Status.APPROVED)

        outcome, customer = self.refuse_after_the_sweep(claim)

        assert isinstance(customer, optout.Link)
        assert outcome == sweep.Outcome()
        assert tell_outcome(claim) == {"refused": {True}, "official": {False}}

    @pytest.mark.parametrize("attempt", range(5))
    def test_at_the_end_of_the_grace_exactly_one_wins(self, partner, actor, reviewer, attempt):
        claim = make_claim(partner, actor, reviewer, Status.APPROVED)
        notice = claim.notices.get()
        references = list(claim.associations.values_list("reference", flat=True))
        last = cast.over(claim) - JUST_IN_TIME

        customer, outcome = race(
            lambda: optout.opt_out(notice.token, references, at=last),
            lambda: sweep.finalise_due(at=cast.over(claim)),
        )

        assert isinstance(outcome, sweep.Outcome)
        has_lost = isinstance(customer, optout.WindowClosed)
        assert tell_outcome(claim) == {"refused": {not has_lost}, "official": {has_lost}}


class TestTwoContactsRefuseWhatIsParked:
    """Each of them refuses one of the two products that are left of a parked claim."""

    @pytest.fixture
    def parked(self, partner, actor, reviewer):
        codes = ("sales", "business-central")
        claim = make_claim(partner, actor, reviewer, Status.APPROVED, codes=codes)
        rival = cast.make_partner("Litware")
        for each in claim.associations.all():
            SlotHolding.objects.create(
                slot_key=each.slot_key, partner=rival, held_since=claim.due_at
            )
        sweep.finalise_due(at=cast.over(claim))
        return Claim.objects.get(pk=claim.pk)

    def refuse_one_each(self, claim):
        pairs = zip(claim.notices.all(), claim.associations.all(), strict=True)
        acts = [(notice.token, [each.reference]) for notice, each in pairs]
        refuse = lambda token, names: lambda: optout.opt_out(token, names, at=claim.due_at)  # noqa: E731
        return race(*(refuse(*act) for act in acts))

    def test_without_the_lock_their_words_are_mixed_up(self, parked, monkeypatch):
        without_row_locks(monkeypatch)
        meet(monkeypatch, lifecycle, "change_association")

        outcomes = self.refuse_one_each(parked)

        parked.refresh_from_db()
        unclean = any(isinstance(each, Exception) for each in outcomes)
        assert unclean or parked.status == Status.APPROVED  # each saw the other's product left

    def test_the_last_refusal_ends_the_claim_once(self, parked, monkeypatch):
        meet(monkeypatch, lifecycle, "change_association")

        outcomes = self.refuse_one_each(parked)

        parked.refresh_from_db()
        assert not any(isinstance(each, Exception) for each in outcomes)
        assert (parked.status, parked.is_parked) == (Status.REJECTED, False)
        assert parked.events.filter(to_status=Status.REJECTED).count() == 1
        assert Message.objects.filter(kind="claim_rejected").count() == 1
        assert find_broken_link(parked) is None


class TestTwoFinalisers:
    CLAIMS = 400

    def run_two(self, monkeypatch):
        """Both run in chunks small enough to meet; count the chunks that failed as a set."""
        failures = []
        original = bulk.make_official

        def counting(ids, *, at):
            try:
                return original(ids, at=at)
            except IntegrityError:
                failures.append(ids)
                raise

        monkeypatch.setattr(bulk, "make_official", counting)
        run = lambda: sweep.finalise_due(at=SWEPT, chunk=20)  # noqa: E731
        outcomes = race(run, run)
        return outcomes, failures

    def test_without_skip_locked_they_take_the_same_claims(self, monkeypatch):
        fill(total=self.CLAIMS, due=self.CLAIMS // 2)
        without_row_locks(monkeypatch)
        meet(monkeypatch, bulk, "make_official")

        _outcomes, failures = self.run_two(monkeypatch)

        assert failures

    def test_they_share_the_work_and_do_nothing_twice(self, monkeypatch):
        fill(total=self.CLAIMS, due=self.CLAIMS // 2)
        meet(monkeypatch, bulk, "make_official")

        outcomes, failures = self.run_two(monkeypatch)

        assert failures == []
        assert sum(outcome.official for outcome in outcomes) == self.CLAIMS // 2
        assert all(outcome.official for outcome in outcomes)
        assert Message.objects.filter(kind="claim_official").count() == self.CLAIMS // 2


@pytest.fixture
def two_rivals(actor, partner, reviewer):
    """Two partners' approved claims for the same workload of the same tenant, both due."""
    tenant = cast.make_tenant()
    rival = cast.make_partner("Litware")
    member = cast.make_member(rival)
    claims = [
        make_claim(partner, actor, reviewer, Status.APPROVED, tenant, codes=("teams",)),
        make_claim(rival, member, reviewer, Status.APPROVED, tenant, codes=("teams",)),
    ]
    Claim.objects.update(due_at=DUE)
    return claims


def settle_both(claims):
    outcome = sweep.Outcome()
    settle = lambda pk: lambda: sweep.settle_alone(pk, SWEPT, outcome)  # noqa: E731
    return race(*(settle(claim.pk) for claim in claims))


class TestOneSlot:
    def test_without_the_constraint_both_partners_hold_it(self, two_rivals, monkeypatch):
        meet(monkeypatch, sweep, "_make_claim_official")
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX slot_held_by_one_partner")
        try:
            settle_both(two_rivals)
            assert SlotHolding.objects.filter(released_at=None).count() == 2
        finally:
            SlotHolding.objects.all().delete()
            with connection.cursor() as cursor:
                cursor.execute(
                    "CREATE UNIQUE INDEX slot_held_by_one_partner "
                    "ON associations_slotholding (slot_key) WHERE released_at IS NULL"
                )

    def test_one_holds_it_and_the_other_is_parked_with_its_reason(self, two_rivals, monkeypatch):
        meet(monkeypatch, sweep, "_make_claim_official")

        settle_both(two_rivals)
        sweep.finalise_due(at=SWEPT)

        assert SlotHolding.objects.filter(released_at=None).count() == 1
        statuses = sorted(Claim.objects.values_list("status", "is_parked"))
        assert statuses == [(Status.APPROVED, True), (Status.OFFICIAL, False)]
        parked = Association.objects.get(claim__status=Status.APPROVED)
        assert parked.parked_reason == ParkedReason.SLOT_HELD


class TestTwoClaimsOnOneHolding:
    """A partner holds a subscription by two claims, one for each activity [R32]."""

    @pytest.fixture
    def drafts(self, partner, actor, reviewer):
        tenant = cast.make_tenant()
        return [
            make_claim(
                partner,
                actor,
                reviewer,
                Status.APPROVED,
                tenant,
                codes=("business-central",),
                activity=activity,
            )
            for activity in (Activity.PRESALES, Activity.USAGE)
        ]

    def end(self, claim):
        notice = claim.notices.first()
        references = list(claim.associations.values_list("reference", flat=True))
        return lambda: optout.end_associations(notice.token, references, at=timezone.now())

    def test_without_the_lock_a_slot_is_held_for_nothing(self, drafts, monkeypatch):
        sweep.finalise_due(at=cast.over(max(claim.due_at for claim in drafts)))
        without_row_locks(monkeypatch)
        meet(monkeypatch, optout, "record_event")

        race(*map(self.end, drafts))

        assert SlotHolding.objects.filter(released_at=None).count() == 1

    def test_ended_at_once_they_leave_the_slot_free(self, drafts, monkeypatch):
        sweep.finalise_due(at=cast.over(max(claim.due_at for claim in drafts)))
        assert SlotHolding.objects.filter(released_at=None).count() == 1
        meet(monkeypatch, optout, "record_event")

        race(*map(self.end, drafts))

        assert set(Claim.objects.values_list("status", flat=True)) == {Status.ENDED}
        assert not SlotHolding.objects.filter(released_at=None).exists()

    def test_ending_one_while_the_other_becomes_official_keeps_the_slot(self, drafts, monkeypatch):
        first, second = drafts
        at = max(claim.due_at for claim in drafts)
        Claim.objects.filter(pk=second.pk).update(due_at=at + JUST_IN_TIME)
        sweep.finalise_due(at=cast.over(at))
        meet(monkeypatch, optout, "record_event")
        meet(monkeypatch, lifecycle, "change_association", wait=0.2)

        race(self.end(first), lambda: sweep.finalise_due(at=cast.over(at) + JUST_IN_TIME))

        second.refresh_from_db()
        assert second.status == Status.OFFICIAL
        assert SlotHolding.objects.filter(released_at=None).count() == 1
