"""Approved, delivered, closed, not opted out → official [R29]–[R32]."""

import datetime as dt
import json
import re

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from associations import emails
from associations.claims import lifecycle
from associations.claims.history import SYSTEM, find_broken_link
from associations.claims.slots import lock_holdings
from associations.customer import notice_outcomes, optout
from associations.enums import (
    Activity,
    AssociationStatus,
    EventKind,
    NoticeStatus,
    ParkedReason,
    RejectionReason,
    Status,
    SubscriptionState,
)
from associations.filing import submission
from associations.finalisation import bulk, sweep
from associations.models import Claim, SlotHolding
from associations.tasks import close_unanswered_claims
from notifications.models import Message
from notifications.words.rendering import require_context
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def partner():
    return cast.make_partner()


@pytest.fixture
def actor(partner):
    return cast.make_member(partner)


@pytest.fixture
def reviewer():
    return cast.make_reviewer()


@pytest.fixture
def approve(partner, actor, reviewer):
    """A function that makes an approved claim whose notice was delivered."""

    def build(tenant=None, *, by=None, **facts):
        owner, person = by or (partner, actor)
        draft = cast.make_draft(owner, person, tenant or cast.make_tenant(), **facts)
        return cast.walk(draft, Status.APPROVED, actor=person, reviewer=reviewer)

    return build


@pytest.fixture
def rival():
    other = cast.make_partner("Litware")
    return other, cast.make_member(other)


def statuses(claim):
    return sorted(claim.associations.values_list("product__code", "status"))


def test_nothing_happens_before_the_grace_after_the_deadline_is_over(approve):
    claim = approve()

    before = sweep.finalise_due(at=cast.over(claim) - dt.timedelta(microseconds=1))
    exactly = sweep.finalise_due(at=cast.over(claim))

    assert (before.official, exactly.official) == (0, 1)


def test_late_and_repeated_runs_give_the_same_result_as_one(approve):
    claim = approve()
    late = claim.due_at + dt.timedelta(days=90)

    outcomes = [sweep.finalise_due(at=late).official for _ in range(3)]

    claim.refresh_from_db()
    assert outcomes == [1, 0, 0]
    assert claim.status == Status.OFFICIAL
    assert claim.due_at is None
    assert claim.events.filter(to_status=Status.OFFICIAL).count() == 1
    assert Message.objects.filter(kind="claim_official").count() == 1
    assert SlotHolding.objects.filter(partner=claim.partner, released_at=None).count() == 2


#: What names a row or says when it was filed: keys, references and what is derived from them.
OWN_TO_A_ROW = {
    *("id", "claim_id", "reference", "filing_key", "tenant_id", "slot_key", "customer_domain"),
    *("history_hash", "hash", "previous_hash", "key"),
    *("created_at", "submitted_at", "updated_at", "next_attempt_at"),
}


def read_rows(claim):
    """Every column of every row that making a claim official writes; words without its own reference."""
    slots = claim.associations.values("slot_key")
    rows = [
        *Claim.objects.filter(pk=claim.pk),
        *claim.associations.order_by("product__code"),
        *SlotHolding.objects.filter(slot_key__in=slots).order_by("pk"),
        *claim.events.filter(to_status=Status.OFFICIAL),
        *Message.objects.filter(key__startswith=f"claim-official:{claim.pk}").order_by("key"),
    ]
    return [
        {
            field.attname: json.dumps(getattr(row, field.attname), default=str, sort_keys=True)
            .replace(claim.reference, "REFERENCE")
            .replace(claim.tenant.name, "CUSTOMER")
            for field in row._meta.concrete_fields
            if field.attname not in OWN_TO_A_ROW
        }
        for row in rows
    ]


def make_official_by_the_orm(claim, at):
    """What the set-based statements say, as one would write it for one claim."""
    with cast.at(at), transaction.atomic():
        claim = lifecycle.lock_claim(claim.pk)
        proposed = list(claim.associations.order_by("pk"))
        for each in proposed:
            lifecycle.change_association(each, AssociationStatus.OFFICIAL, now=timezone.now())
        for each in sorted(proposed, key=lambda each: each.slot_key):
            SlotHolding.objects.create(
                slot_key=each.slot_key, partner_id=each.partner_id, held_since=at
            )
        names = [str(each.product) for each in proposed]
        lifecycle.change_status(
            claim, Status.OFFICIAL, by=SYSTEM, subjects=tuple(names), now=timezone.now()
        )
        emails.claim_official(claim, products=names)


def test_a_chunk_and_one_alone_write_whole_rows_as_the_orm_would(approve):
    claims = [approve(cast.make_tenant(f"t{n}.example")) for n in range(3)]
    in_a_chunk, alone, by_the_orm = claims
    at = cast.over(in_a_chunk)
    Claim.objects.update(due_at=None)

    Claim.objects.filter(pk=in_a_chunk.pk).update(due_at=in_a_chunk.due_at)
    assert sweep.finalise_due(at=at).official == 1
    Claim.objects.filter(pk=alone.pk).update(due_at=in_a_chunk.due_at)
    sweep.settle_alone(alone.pk, at, sweep.Outcome())
    make_official_by_the_orm(by_the_orm, at)

    chunk_rows, alone_rows, orm_rows = map(read_rows, claims)
    for number, row in enumerate(orm_rows):
        assert chunk_rows[number] == row
        assert alone_rows[number] == row
    assert len(chunk_rows) == len(alone_rows) == len(orm_rows) == 1 + 2 + 2 + 1 + 1
    for claim in claims:
        fresh = Claim.objects.get(pk=claim.pk)
        assert find_broken_link(fresh) is None
        assert fresh.events.get(to_status=Status.OFFICIAL).number == fresh.history_length
        assert Message.objects.filter(key=f"claim-official:{claim.pk}").exists()
    require_context(Message.objects.filter(kind="claim_official").first())


def test_the_history_is_hashed_alike_for_words_of_any_alphabet(approve):
    claim = approve()
    claim.associations.first().product.__class__.objects.filter(code="teams").update(
        name="Équipes – 协作 🤝"
    )

    sweep.finalise_due(at=cast.over(claim))

    assert "协作" in claim.events.get(to_status=Status.OFFICIAL).subjects
    assert find_broken_link(Claim.objects.get(pk=claim.pk)) is None


def test_what_the_customer_refused_does_not_become_official(approve):
    claim = approve()
    refused = claim.associations.get(product__code="teams")
    optout.opt_out(
        claim.notices.get().token, [refused.reference], at=claim.due_at - dt.timedelta(hours=1)
    )

    sweep.finalise_due(at=cast.over(claim))

    assert statuses(claim) == [("exchange-online", "official"), ("teams", "opted-out")]
    assert claim.events.get(to_status=Status.OFFICIAL).subject_names == ["Exchange Online"]
    assert Message.objects.get(kind="claim_official").context["products"] == "Exchange Online"
    assert not SlotHolding.objects.filter(slot_key=refused.slot_key).exists()


def test_a_claim_that_was_refused_altogether_is_rejected_when_the_window_closes(approve):
    claim = approve()
    every = list(claim.associations.values_list("reference", flat=True))
    optout.opt_out(claim.notices.get().token, every, at=claim.due_at - dt.timedelta(hours=1))
    assert Claim.objects.get(pk=claim.pk).status == Status.APPROVED

    outcome = sweep.finalise_due(at=cast.over(claim))

    claim.refresh_from_db()
    assert (outcome.official, outcome.rejected) == (0, 1)
    assert claim.rejection_reason == RejectionReason.CUSTOMER_OPTED_OUT
    assert claim.due_at is None  # no dispute after the customer's word [R2]
    assert not SlotHolding.objects.exists()


@pytest.mark.parametrize("status", [NoticeStatus.QUEUED, NoticeStatus.FAILED])
def test_no_association_becomes_official_on_an_undelivered_notice(approve, status):
    claim = approve()
    due = claim.due_at
    claim.notices.update(status=status)

    outcome = sweep.finalise_due(at=cast.over(due))

    claim.refresh_from_db()
    assert outcome == sweep.Outcome()
    assert claim.status == Status.APPROVED
    assert claim.due_at is None  # its clock stands still [R21]


def test_a_bounce_before_the_deadline_stops_the_clock(approve):
    claim = approve()
    notice_outcomes.record_failed(
        claim.notices.get().pk, failure="550 no such user", now=timezone.now()
    )

    sweep.finalise_due(at=cast.over(claim))

    claim.refresh_from_db()
    assert (claim.status, claim.due_at, claim.turn) == (Status.APPROVED, None, "partner")


def test_a_slot_that_another_partner_holds_parks_that_product_only(approve, rival):
    tenant = cast.make_tenant()
    first = approve(tenant, codes=("teams",))
    sweep.finalise_due(at=cast.over(first))
    second = approve(tenant, by=rival, codes=("teams", "yammer"))
    other = approve(cast.make_tenant("other.example"))

    sweep.finalise_due(at=cast.over(second))

    second.refresh_from_db()
    other.refresh_from_db()
    assert other.status == Status.OFFICIAL
    assert second.status == Status.OFFICIAL
    assert statuses(second) == [("teams", "proposed"), ("yammer", "official")]
    assert second.associations.get(product__code="teams").parked_reason == ParkedReason.SLOT_HELD
    assert second.events.get(kind=EventKind.PARKED).subject_names == ["Teams"]
    assert (
        SlotHolding.objects.get(slot_key=first.associations.get().slot_key).partner == first.partner
    )


def test_a_claim_of_which_nothing_is_left_is_parked_and_not_tried_again(approve, rival):
    tenant = cast.make_tenant()
    sweep.finalise_due(at=cast.over(approve(tenant, codes=("teams",))))
    second = approve(tenant, by=rival, codes=("teams",))

    outcomes = [sweep.finalise_due(at=cast.over(second)) for _ in range(2)]

    second.refresh_from_db()
    assert [outcome.parked for outcome in outcomes] == [1, 0]
    assert (second.status, second.is_parked) == (Status.APPROVED, True)
    assert find_broken_link(second) is None


def test_of_two_rivals_due_at_once_exactly_one_holds_the_slot(approve, rival):
    tenant = cast.make_tenant()
    pair = [approve(tenant, codes=("teams",)), approve(tenant, by=rival, codes=("teams",))]
    due = max(claim.due_at for claim in pair)

    outcome = sweep.finalise_due(at=cast.over(due))

    assert (outcome.official, outcome.parked) == (1, 1)
    assert SlotHolding.objects.filter(released_at=None).count() == 1


@pytest.mark.parametrize(
    "ended", [{"state": SubscriptionState.EXPIRED}, {"ends_on": dt.date(2020, 1, 1)}]
)
def test_a_subscription_that_has_ended_is_parked(approve, ended):
    claim = approve(codes=("business-central",), activity=Activity.USAGE)
    subscription = claim.associations.get().subscription
    for name, value in ended.items():
        setattr(subscription, name, value)
    subscription.save()

    sweep.finalise_due(at=cast.over(claim))

    assert claim.associations.get().parked_reason == ParkedReason.SUBSCRIPTION_ENDED
    assert not SlotHolding.objects.exists()


def test_a_partner_adds_the_other_activity_on_the_slot_it_holds(approve):
    tenant = cast.make_tenant()
    first = approve(tenant, codes=("sales",), activity=Activity.PRESALES)
    sweep.finalise_due(at=cast.over(first))

    second = approve(tenant, codes=("sales",), activity=Activity.USAGE)
    outcome = sweep.finalise_due(at=cast.over(second))

    assert outcome.official == 1
    assert SlotHolding.objects.filter(released_at=None).count() == 1


def test_the_slot_stays_while_one_of_two_activities_rests_on_it(approve):
    tenant = cast.make_tenant()
    pair = []
    for activity in (Activity.PRESALES, Activity.USAGE):
        claim = approve(tenant, codes=("sales",), activity=activity)
        sweep.finalise_due(at=cast.over(claim))
        pair.append(claim)
    end = lambda claim: optout.end_associations(  # noqa: E731
        claim.notices.first().token, [claim.associations.get().reference], at=timezone.now()
    )

    end(pair[0])
    assert SlotHolding.objects.filter(released_at=None).count() == 1
    end(pair[1])
    assert SlotHolding.objects.filter(released_at=None).count() == 0


def test_revenue_association_has_a_slot_of_its_own(approve, rival):
    tenant = cast.make_tenant()
    first = approve(tenant, codes=("sales",), activity=Activity.USAGE)
    sweep.finalise_due(at=cast.over(first))
    second = cast.make_draft(*rival, tenant, codes=("sales",), activity=Activity.REVENUE)
    Claim.objects.filter(pk=second.pk).update(
        solution_seller="Sara", revenue_customer_name="Fabrikam", isv_product="Forms"
    )
    second = cast.walk(second, Status.APPROVED, actor=rival[1], reviewer=cast.make_reviewer())

    sweep.finalise_due(at=cast.over(second))

    assert SlotHolding.objects.filter(released_at=None).count() == 2


def test_the_database_itself_keeps_a_slot_with_one_partner(partner, rival):
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    SlotHolding.objects.create(slot_key="workload:x:teams", partner=partner, held_since=now)

    with pytest.raises(IntegrityError), transaction.atomic():
        SlotHolding.objects.create(slot_key="workload:x:teams", partner=rival[0], held_since=now)


def test_a_claim_that_cannot_be_finalised_is_parked_and_stops_no_other(approve, monkeypatch):
    broken = approve()
    fine = [approve(cast.make_tenant(f"t{n}.example")) for n in range(3)]
    original = bulk.make_official
    settle = sweep._make_claim_official

    def fail_for_one(ids, *, at):
        if broken.pk in ids:
            raise IntegrityError("this row is broken")
        return original(ids, at=at)

    def fail_alone(claim, *args, **kwargs):
        if claim.pk == broken.pk:
            raise RuntimeError("this row is broken")
        settle(claim, *args, **kwargs)

    monkeypatch.setattr(bulk, "make_official", fail_for_one)
    monkeypatch.setattr(sweep, "_make_claim_official", fail_alone)

    outcome = sweep.finalise_due(at=cast.over(broken))

    broken.refresh_from_db()
    assert (outcome.official, outcome.parked) == (3, 1)
    assert broken.is_parked
    assert set(broken.associations.values_list("parked_reason", flat=True)) == {ParkedReason.FAULT}
    assert not SlotHolding.objects.filter(
        slot_key__in=broken.associations.values("slot_key")
    ).exists()
    assert {Claim.objects.get(pk=claim.pk).status for claim in fine} == {Status.OFFICIAL}


def test_a_claim_that_the_database_broke_off_is_left_to_the_next_sweep(approve, monkeypatch):
    """The victim of a deadlock has nothing wrong with it: to park it would leave it to staff for ever."""
    claim = approve()
    settle = sweep._make_claim_official
    tries = iter([OperationalError("deadlock detected"), None])

    def break_off_once(*args, **kwargs):
        if error := next(tries):
            raise error
        settle(*args, **kwargs)

    monkeypatch.setattr(sweep, "_make_claim_official", break_off_once)
    sweep.settle_alone(claim.pk, cast.over(claim), sweep.Outcome())
    assert not Claim.objects.get(pk=claim.pk).is_parked

    sweep.settle_alone(claim.pk, cast.over(claim), sweep.Outcome())

    assert Claim.objects.get(pk=claim.pk).status == Status.OFFICIAL


@pytest.mark.parametrize("way", ["set", "alone"])
def test_slots_are_taken_in_the_order_of_their_names(approve, way):
    """Everyone takes several slots in this order, to avoid a deadlock."""
    claim = approve(codes=("teams", "defender-for-identity", "exchange-online"))
    as_listed = list(claim.associations.values_list("slot_key", flat=True))

    if way == "set":
        sweep.finalise_due(at=cast.over(claim))
    else:
        sweep.settle_alone(claim.pk, cast.over(claim), sweep.Outcome())

    taken = list(SlotHolding.objects.order_by("pk").values_list("slot_key", flat=True))
    assert taken == sorted(as_listed) != as_listed


def test_holdings_are_locked_in_the_order_of_their_names():
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        lock_holdings(["b", "a"])

    statements = [each["sql"] for each in captured if each["sql"].startswith("SELECT")]
    assert [re.search("ORDER BY 1 ASC", each) is not None for each in statements] == [True]


def test_small_chunks_settle_everything(approve):
    due = {approve(cast.make_tenant(f"t{n}.example")).due_at for n in range(5)}
    sizes = []

    outcome = sweep.finalise_due(at=cast.over(max(due)), chunk=2, progress=sizes.append)

    assert outcome.official == 5
    assert sizes == [2, 2, 1]


class TestCommand:
    def test_it_acts_as_at_the_given_instant(self, approve, capsys):
        claim = approve()

        call_command("finalize_associations", now=cast.over(claim).isoformat())

        claim.refresh_from_db()
        assert claim.status == Status.OFFICIAL
        assert "1 official, 0 refused by the customer, 0 parked." in capsys.readouterr().out

    @pytest.mark.parametrize(
        "text", ["tomorrow", "2026-11-27", "2026-11-27T18:00:00", "2026-13-01T00:00Z"]
    )
    def test_an_instant_without_offset_is_refused(self, text):
        with pytest.raises(CommandError, match="is no instant"):
            call_command("finalize_associations", now=text)

    def test_a_chunk_of_nothing_is_refused(self):
        with pytest.raises(CommandError, match="at least 1"):
            call_command("finalize_associations", chunk=0)


class TestUnansweredRequests:
    def test_the_claim_is_rejected_when_the_partners_time_is_over(self, partner, actor, reviewer):
        draft = cast.make_draft(partner, actor, cast.make_tenant())
        claim = cast.walk(draft, Status.ACTION_REQUIRED, actor=actor, reviewer=reviewer)

        with cast.at(claim.due_at - dt.timedelta(seconds=1)):
            close_unanswered_claims()
        assert Claim.objects.get(pk=claim.pk).status == Status.ACTION_REQUIRED
        with cast.at(claim.due_at):
            close_unanswered_claims()
            close_unanswered_claims()

        claim.refresh_from_db()
        assert claim.status == Status.REJECTED
        assert claim.rejection_reason == RejectionReason.NO_PARTNER_RESPONSE
        assert claim.turn == "partner"  # it may be disputed
        assert Message.objects.filter(kind="claim_rejected").count() == 1

    def test_an_answer_that_came_first_stands(self, partner, actor, reviewer):
        draft = cast.make_draft(partner, actor, cast.make_tenant())
        claim = cast.walk(draft, Status.ACTION_REQUIRED, actor=actor, reviewer=reviewer)
        submission.answer_request(claim, actor=actor, answer="Here it is.", now=timezone.now())

        with cast.at(dt.datetime(2040, 1, 1, tzinfo=dt.UTC)):
            assert submission.close_unanswered(claim.pk, now=timezone.now()) is False

        assert Claim.objects.get(pk=claim.pk).status == Status.UNDER_REVIEW


def test_association_statuses_have_no_undeclared_move(approve):
    claim = approve()
    sweep.finalise_due(at=cast.over(claim))
    association = claim.associations.first()

    for target in set(AssociationStatus) - {AssociationStatus.ENDED}:
        with pytest.raises(lifecycle.MoveNotAllowed):
            lifecycle.change_association(association, target, now=timezone.now())


@pytest.mark.parametrize("is_slot", [True, False])
def test_of_broken_constraints_only_the_slots_is_left_to_the_next_sweep(
    approve, monkeypatch, partner, is_slot
):
    """Any other is a fault of the claim's own, which every sweep would meet again."""
    claim = approve()
    hold = {"slot_key": "workload:x:teams", "partner": partner, "held_since": claim.due_at}
    SlotHolding.objects.create(**hold)

    def break_a_constraint(locked, _free, **_others):
        if is_slot:
            SlotHolding.objects.create(**hold)
        else:
            Claim.objects.filter(pk=locked.pk).update(reference=taken)

    taken = approve(cast.make_tenant("other.example")).reference
    monkeypatch.setattr(sweep, "_make_claim_official", break_a_constraint)

    with transaction.atomic():
        sweep.settle_alone(claim.pk, cast.over(claim), sweep.Outcome())

    assert Claim.objects.get(pk=claim.pk).is_parked is not is_slot


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.APPROVED, Status.OFFICIAL}))
def test_a_claim_that_moved_on_before_it_was_locked_is_left_alone(draft, admin, reviewer, status):
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)
    before = sorted(claim.associations.values_list("pk", "status"))
    outcome = sweep.Outcome()

    sweep.settle_alone(claim.pk, timezone.now() + dt.timedelta(days=300), outcome)

    after = Claim.objects.get(pk=claim.pk)
    assert (after.status, after.history_length) == (status, claim.history_length)
    assert sorted(claim.associations.values_list("pk", "status")) == before
    assert outcome == sweep.Outcome()


def test_so_is_one_whose_clock_was_stopped(draft, admin, reviewer):
    claim = cast.walk(draft, Status.APPROVED, actor=admin, reviewer=reviewer)
    notice_outcomes.record_failed(claim.notices.get().pk, failure="550", now=timezone.now())
    claim.refresh_from_db()

    sweep.settle_alone(claim.pk, timezone.now() + dt.timedelta(days=300), sweep.Outcome())

    after = Claim.objects.get(pk=claim.pk)
    assert (after.status, after.history_length) == (Status.APPROVED, claim.history_length)
