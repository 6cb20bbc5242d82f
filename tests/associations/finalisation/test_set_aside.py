"""What stood in the way of becoming official, told once and looked at again by itself [R29]."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import IntegrityError
from django.utils import timezone

from associations import tasks
from associations.claims import lifecycle
from associations.claims.history import find_broken_link
from associations.customer import notice_outcomes, notices, optout
from associations.enums import (
    Activity,
    AssociationStatus,
    EventKind,
    ParkedReason,
    RejectionReason,
    Status,
    SubscriptionState,
)
from associations.filing.own_claims import require_not_own
from associations.filing.submission import withdraw_claim
from associations.filing.subscriptions import UnfitSubscription
from associations.finalisation import sweep
from associations.models import Claim, SlotHolding, Subscription
from notifications import to_look_at
from notifications.enums import LookAtKind
from notifications.models import LookAtEntry, Message
from tests import cast

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = (dt.timedelta(**{each: 1}) for each in ("minutes", "hours", "days"))


@pytest.fixture
def partner():
    return cast.make_partner()


@pytest.fixture
def actor(partner):
    return cast.make_member(partner)


@pytest.fixture
def rival():
    other = cast.make_partner("Litware")
    return other, cast.make_member(other)


@pytest.fixture
def tenant():
    return cast.make_tenant()


@pytest.fixture
def approve(partner, actor, tenant):
    def build(*, by=None, **facts):
        owner, person = by or (partner, actor)
        draft = cast.make_draft(owner, person, tenant, **facts)
        return cast.walk(draft, Status.APPROVED, actor=person, reviewer=cast.make_reviewer())

    return build


@pytest.fixture
def held(approve, rival):
    """A claim that is set aside for a rival's official one, and the rival's."""
    first = approve(by=rival, codes=("teams",))
    sweep.finalise_due(at=cast.over(first))
    claim = approve(codes=("teams",))
    sweep.finalise_due(at=cast.over(claim))
    return fresh(claim), fresh(first)


@pytest.fixture
def lapsed(approve):
    """A claim that is set aside since its subscription has ended."""
    claim = approve(codes=("business-central",))
    Subscription.objects.update(state=SubscriptionState.EXPIRED)
    sweep.finalise_due(at=cast.over(claim))
    return fresh(claim)


def fresh(claim):
    return Claim.objects.get(pk=claim.pk)


def end(claim, *, at):
    token = notices.in_force(claim).first().token
    with cast.at(at):
        optout.end_associations(token, references(claim), at=timezone.now())


def references(claim):
    return list(claim.associations.values_list("reference", flat=True))


def emails(kind="claim_set_aside"):
    return Message.objects.filter(kind=kind)


def entries():
    return to_look_at.list_open().filter(kind=LookAtKind.CLAIM_SET_ASIDE)


def outcome_of(claim):
    now = fresh(claim)
    return now.status, now.is_parked, set(now.associations.values_list("parked_reason", flat=True))


OFFICIAL = (Status.OFFICIAL, False, {""})


class TestTold:
    def test_partner_and_staff_are_told_why(self, held):
        claim, _first = held

        told = emails().get()
        assert told.context["why"] == "Another partner is already official for this product"
        assert told.context["products"] == "Teams"
        assert "Litware" not in str(told.context)  # never by whom [R13]
        entry = entries().get()
        assert (entry.key, entry.subject) == (claim.reference, claim.reference)
        assert entry.detail == "Teams: slot-held"
        assert entry.link == f"/admin/associations/claim/{claim.pk}/change/"

    def test_once_however_often_it_is_looked_at(self, held):
        claim, _first = held
        due = cast.over(claim)
        events = claim.events.count()

        for n in range(3):
            sweep.settle_alone(claim.pk, due + n * HOUR, sweep.Outcome())
            sweep.finalise_due(at=due + n * HOUR)

        assert emails().count() == 1
        assert entries().get().times == 1
        assert claim.events.count() == events

    def test_again_where_something_else_stands_in_the_way(self, lapsed, rival):
        Subscription.objects.update(state=SubscriptionState.ACTIVE)
        slot = lapsed.associations.get().slot_key
        SlotHolding.objects.create(slot_key=slot, partner=rival[0], held_since=lapsed.due_at)

        sweep.look_again(at=cast.over(lapsed) + HOUR)

        assert outcome_of(lapsed)[2] == {ParkedReason.SLOT_HELD}
        assert lapsed.associations.get().parked_since == cast.over(lapsed) + HOUR
        assert emails().count() == 2
        assert entries().get().times == 2

    def test_a_row_of_the_version_before_is_told_at_the_first_look(self, held):
        """It has a reason and no instant: no one was told of it then."""
        claim, _first = held
        claim.associations.update(parked_since=None)
        emails().delete()
        LookAtEntry.objects.all().delete()

        for n in range(2):
            sweep.look_again(at=cast.over(claim) + n * HOUR)

        assert emails().count() == entries().count() == 1
        assert outcome_of(claim) == (Status.APPROVED, True, {ParkedReason.SLOT_HELD})


class TestSlotReleased:
    def test_it_becomes_official_and_the_entry_closes(self, held):
        claim, first = held
        later = cast.over(claim) + DAY
        assert sweep.look_again(at=later) == sweep.Outcome()
        end(first, at=later)

        assert sweep.look_again(at=later).official == 1

        assert outcome_of(claim) == OFFICIAL
        assert emails("claim_official").filter(key=f"claim-official:{claim.pk}").exists()
        assert not entries().exists()
        assert SlotHolding.objects.get(released_at=None).partner == claim.partner
        assert find_broken_link(fresh(claim)) is None

    @pytest.mark.parametrize("way", ["task", "command"])
    def test_beat_and_command_look_again(self, held, way):
        claim, first = held
        end(first, at=cast.over(claim))

        with cast.at(cast.over(claim) + MINUTE):
            if way == "task":
                tasks.look_at_set_aside_claims()
            else:
                call_command("finalize_associations")

        assert outcome_of(claim) == OFFICIAL

    def test_what_an_official_claim_still_asks_for_becomes_official_too(self, approve, rival):
        first = approve(by=rival, codes=("teams",))
        sweep.finalise_due(at=cast.over(first))
        claim = approve(codes=("teams", "yammer"))
        sweep.finalise_due(at=cast.over(claim))
        assert entries().count() == 1
        later = cast.over(claim) + DAY
        end(fresh(first), at=later)

        assert sweep.look_again(at=later).official == 1

        assert outcome_of(claim) == OFFICIAL
        statuses = set(claim.associations.values_list("status", flat=True))
        assert statuses == {AssociationStatus.OFFICIAL}
        held = SlotHolding.objects.filter(partner=claim.partner, released_at=None)
        assert held.count() == 2
        assert claim.events.get(kind=EventKind.PRODUCT_OFFICIAL).subject_names == ["Teams"]
        assert (
            not emails("claim_official")
            .filter(key__startswith=f"claim-official:{claim.pk}:")
            .exists()
        )
        told = emails("claim_official").filter(key__contains=f"-official:{claim.pk}")
        assert sorted(each.context["products"] for each in told) == ["Teams", "Yammer"]
        assert not entries().exists()
        assert find_broken_link(fresh(claim)) is None

    def test_of_two_that_waited_one_gets_it_and_the_other_waits_on(self, held, approve):
        claim, first = held
        third = cast.make_partner("Woodgrove")
        other = approve(by=(third, cast.make_member(third)), codes=("teams",))
        sweep.finalise_due(at=cast.over(other))
        later = cast.over(other) + DAY
        end(first, at=later)

        outcome = sweep.look_again(at=later)

        assert outcome.official == 1
        assert outcome_of(claim) == OFFICIAL
        assert outcome_of(other) == (Status.APPROVED, True, {ParkedReason.SLOT_HELD})
        assert emails().count() == 2


class TestSubscription:
    @pytest.mark.parametrize(
        "renewed",
        [
            {"state": SubscriptionState.ACTIVE},
            {"state": SubscriptionState.GRACE, "ends_on": dt.date(2020, 1, 1)},
            {"state": SubscriptionState.ACTIVE, "ends_on": None},
            {"state": SubscriptionState.ACTIVE, "ends_on": dt.date(2099, 1, 1)},
        ],
    )
    def test_renewed_or_corrected_it_becomes_official(self, lapsed, renewed):
        later = cast.over(lapsed) + DAY
        assert sweep.look_again(at=later) == sweep.Outcome()
        Subscription.objects.update(**renewed)

        sweep.look_again(at=later)

        assert outcome_of(lapsed) == OFFICIAL

    def test_one_that_ended_by_its_last_day_waits_until_that_is_put_off(self, lapsed):
        day = dt.date(2020, 1, 1)
        Subscription.objects.update(state=SubscriptionState.ACTIVE, ends_on=day)

        assert sweep.look_again(at=cast.over(lapsed)) == sweep.Outcome()


class TestFault:
    @pytest.fixture
    def failing(self, monkeypatch):
        """Every claim that is settled alone fails, until the list is emptied."""
        faults = [RuntimeError("broken for now")]
        settle = sweep._make_claim_official

        def fail(*args, **kwargs):
            if faults:
                raise faults[0]
            settle(*args, **kwargs)

        monkeypatch.setattr(sweep, "_make_claim_official", fail)
        monkeypatch.setattr(sweep.bulk, "make_official", lambda ids, **_at: set(ids))
        return faults

    def test_a_passing_one_is_tried_again_after_a_minute(self, approve, failing):
        claim = approve()
        due = cast.over(claim)
        sweep.finalise_due(at=due)
        assert outcome_of(claim) == (Status.APPROVED, True, {ParkedReason.FAULT})
        failing.clear()

        assert sweep.look_again(at=due + MINUTE / 2) == sweep.Outcome()
        assert sweep.look_again(at=due + MINUTE).official == 1

        assert outcome_of(claim) == OFFICIAL
        assert not entries().exists()

    def test_the_pauses_grow_to_six_hours_and_it_is_told_once(self, approve, failing):
        claim = approve()
        now = due = cast.over(claim)
        sweep.finalise_due(at=due)
        pauses = []
        for _ in range(14):
            then = claim.associations.order_by("pk").first().look_again_at
            pauses.append(then - now)
            now = then
            assert sweep.look_again(at=now).parked == 1

        assert pauses[0] == MINUTE
        assert pauses == sorted(pauses)
        assert pauses[-1] == 6 * HOUR
        assert emails().count() == entries().count() == 1
        assert entries().get().times == 1

    def test_a_constraint_that_fails_for_ever_is_a_fault_and_not_a_lost_race(
        self, approve, failing
    ):
        claim = approve()
        failing[0] = IntegrityError("UNIQUE constraint failed: notifications_message.key")

        sweep.finalise_due(at=cast.over(claim))

        assert outcome_of(claim)[2] == {ParkedReason.FAULT}

    def test_it_stops_no_other(self, held, approve, failing, tenant):
        claim, first = held
        end(first, at=cast.over(claim))
        assert sweep.look_again(at=cast.over(claim)).parked == 1
        assert outcome_of(claim)[2] == {ParkedReason.FAULT}


class TestOwnClaim:
    @pytest.fixture
    def pair(self, approve, monkeypatch):
        """One claim is official, and a second of the same partner for the same is set aside."""
        first = approve(codes=("teams",))
        second = approve_unchecked(approve, monkeypatch)
        sweep.finalise_due(at=cast.over(first) + DAY)
        return sorted([fresh(first), fresh(second)], key=lambda each: each.is_parked)

    def test_the_customers_end_of_the_one_is_no_start_of_the_other(self, pair):
        official, parked = pair
        assert outcome_of(parked)[2] == {ParkedReason.OWN_CLAIM}
        later = cast.over(parked) + 10 * DAY
        assert sweep.look_again(at=later) == sweep.Outcome()
        end(official, at=later)

        outcome = sweep.look_again(at=later)

        assert (outcome.official, outcome.rejected) == (0, 1)
        ended = fresh(parked)
        assert (ended.status, ended.rejection_reason) == (
            Status.REJECTED,
            RejectionReason.CUSTOMER_OPTED_OUT,
        )
        assert not SlotHolding.objects.filter(released_at=None).exists()
        assert not entries().exists()
        assert find_broken_link(ended) is None


def approve_unchecked(approve, monkeypatch):
    """A second claim for the same, as two that were filed in the same instant."""
    with monkeypatch.context() as patch:
        patch.setattr("associations.filing.completeness.find_unfit", lambda *_args, **_more: {})
        return approve(codes=("teams",))


class TestFilingAgain:
    def require(self, claim):
        association = claim.associations.get()
        draft = cast.make_draft(
            claim.partner, claim.created_by, claim.tenant, codes=(association.product.code,)
        )
        require_not_own(draft, association.product, association.subscription, now=timezone.now())

    def test_what_another_partner_holds_may_be_claimed_again(self, held):
        self.require(held[0])

    def test_and_what_becomes_official_by_itself_then_is_the_partners(self, held):
        claim, first = held
        end(first, at=cast.over(claim))
        sweep.look_again(at=cast.over(claim))

        with pytest.raises(UnfitSubscription):
            self.require(claim)

    def test_a_fault_passes_so_the_claim_still_covers_it(self, held):
        claim, _first = held
        claim.associations.update(parked_reason=ParkedReason.FAULT)

        with pytest.raises(UnfitSubscription):
            self.require(claim)


class TestEntryCloses:
    def test_when_the_claim_is_withdrawn(self, held, actor):
        withdraw_claim(held[0], actor=actor, reason="Not ours", now=timezone.now())

        assert not entries().exists()

    def test_when_the_customer_refuses_it(self, held):
        claim, _first = held
        optout.opt_out(notices.in_force(claim).get().token, references(claim), at=timezone.now())

        assert not entries().exists()
        assert fresh(claim).status == Status.REJECTED

    def test_when_the_notice_bounces(self, held):
        claim, _first = held
        notice_outcomes.record_failed(
            notices.in_force(claim).get().pk, failure="550 no such user", now=timezone.now()
        )

        assert not entries().exists()
        assert claim.associations.get().parked_since is None


def test_an_idle_look_is_one_query(held, django_assert_num_queries):
    with django_assert_num_queries(1):
        sweep.look_again(at=cast.over(held[0]))


def test_nothing_but_the_lifecycle_takes_the_reason_off(held):
    claim, _first = held
    association = claim.associations.get()

    lifecycle.change_association(association, AssociationStatus.OPTED_OUT, now=timezone.now())

    kept = claim.associations.values_list("parked_reason", "parked_since", "look_again_at")
    assert list(kept) == [("", None, None)]
    assert Activity(claim.activity) == Activity.USAGE
