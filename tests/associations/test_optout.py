"""What a link may do, and until when [R22, R23, R24, R25, R31]."""

import datetime as dt

import pytest
from django.utils import translation

from associations import clock, finalisation, notices, optout
from associations.claims import withdraw_claim
from associations.enums import AssociationStatus, EventKind, NoticeStatus, RejectionReason, Status
from associations.lifecycle import LifecycleError
from associations.models import Claim, SlotHolding
from associations.optout import Stage, UnknownLink, WindowClosed
from notifications.models import Message
from tests import cast

pytestmark = pytest.mark.django_db
INSTANT = dt.timedelta(microseconds=1)


@pytest.fixture
def actor():
    return cast.make_member(cast.make_partner())


@pytest.fixture
def make_claim(actor):
    def make(status=Status.APPROVED, **facts):
        partner = actor.memberships.get().partner
        tenant = cast.make_tenant(f"customer{Claim.objects.count()}.example")
        draft = cast.make_draft(partner, actor, tenant, **facts)
        return cast.walk(draft, status, actor=actor, reviewer=cast.make_reviewer())

    return make


def token_of(claim):
    return notices.in_force(claim).first().token


def references(claim):
    return list(claim.associations.values_list("reference", flat=True))


def statuses(claim):
    return list(claim.associations.order_by("pk").values_list("status", flat=True))


def mails(kind):
    return Message.objects.filter(kind=kind).count()


def test_refusing_a_part_lets_the_rest_go_on(make_claim):
    claim = make_claim()
    first, second = claim.associations.order_by("pk")

    optout.opt_out(token_of(claim), [first.reference], reason="We do it ourselves")

    assert statuses(claim) == [AssociationStatus.OPTED_OUT, AssociationStatus.PROPOSED]
    event = claim.events.get(kind=EventKind.OPTED_OUT)
    assert event.actor == "customer"
    assert "Carla Cliente" in event.actor_name
    assert event.reason == "We do it ourselves"
    assert str(first.product) in event.subjects
    assert str(second.product) not in event.subjects
    told = ("customer_opted_out", "partner_opted_out", "staff_opted_out")
    assert [mails(kind) for kind in told] == [1, 1, 1]


def test_the_rest_becomes_official_and_the_refused_does_not(make_claim):
    claim = make_claim()
    optout.opt_out(token_of(claim), [claim.associations.order_by("pk")[0].reference])

    finalisation.finalise_due(at=claim.due_at)

    assert statuses(claim) == [AssociationStatus.OPTED_OUT, AssociationStatus.OFFICIAL]
    assert SlotHolding.objects.filter(released_at=None).count() == 1


def test_refusing_everything_rejects_the_claim_when_the_window_closes(make_claim):
    claim = make_claim()
    optout.opt_out(token_of(claim), references(claim))

    assert Claim.objects.get().status == Status.APPROVED  # until then it can be taken back
    finalisation.finalise_due(at=claim.due_at)

    claim.refresh_from_db()
    assert claim.status == Status.REJECTED
    assert claim.rejection_reason == RejectionReason.CUSTOMER_OPTED_OUT
    assert not SlotHolding.objects.exists()


def test_refusing_twice_changes_nothing_more(make_claim):
    claim = make_claim()
    optout.opt_out(token_of(claim), references(claim))
    before = (claim.events.count(), Message.objects.count())

    optout.opt_out(token_of(claim), references(claim))

    assert (claim.events.count(), Message.objects.count()) == before


def test_a_refusal_can_be_taken_back(make_claim):
    claim = make_claim()
    optout.opt_out(token_of(claim), references(claim))

    optout.take_back(token_of(claim), references(claim)[:1])

    assert sorted(statuses(claim)) == [AssociationStatus.OPTED_OUT, AssociationStatus.PROPOSED]
    assert claim.events.filter(kind=EventKind.OPT_OUT_TAKEN_BACK).count() == 1
    assert mails("customer_opt_out_taken_back") == 1
    assert claim.associations.get(status=AssociationStatus.PROPOSED).opted_out_at is None


@pytest.mark.parametrize("act", [optout.opt_out, optout.take_back])
@pytest.mark.parametrize("after", [dt.timedelta(0), INSTANT, dt.timedelta(days=3)])
def test_at_the_deadline_instant_the_time_is_over(make_claim, act, after):
    claim = make_claim()
    before = (claim.events.count(), statuses(claim))

    with pytest.raises(WindowClosed):
        act(token_of(claim), references(claim), at=claim.due_at + after)

    assert (claim.events.count(), statuses(claim)) == before


def test_a_request_that_arrived_in_time_counts_though_it_had_to_wait(make_claim):
    claim = make_claim()

    with clock.travel_to(claim.due_at + dt.timedelta(seconds=2)):
        optout.opt_out(token_of(claim), references(claim), at=claim.due_at - INSTANT)

    assert set(statuses(claim)) == {AssociationStatus.OPTED_OUT}


def test_after_finalisation_a_late_request_loses_and_is_told_so(make_claim):
    claim = make_claim()
    finalisation.finalise_due(at=claim.due_at)

    with pytest.raises(WindowClosed), translation.override("en"):
        optout.opt_out(token_of(claim), references(claim), at=claim.due_at - INSTANT)

    assert set(statuses(claim)) == {AssociationStatus.OFFICIAL}


def test_nothing_ticked_is_an_error_and_so_is_what_belongs_to_another_claim(make_claim):
    claim, other = make_claim(codes=("teams",)), make_claim(codes=("intune",))

    for wrong in ([], references(other), ["NOSUCH"]):
        with pytest.raises(LifecycleError):
            optout.opt_out(token_of(claim), wrong)

    assert statuses(claim) == statuses(other) == [AssociationStatus.PROPOSED]


def test_ending_a_part_stops_its_data_and_keeps_the_claim_official(make_claim):
    claim = make_claim(Status.OFFICIAL)
    first, second = claim.associations.order_by("pk")

    optout.end_associations(token_of(claim), [first.reference], reason="We changed partners")

    assert statuses(claim) == [AssociationStatus.ENDED, AssociationStatus.OFFICIAL]
    held = SlotHolding.objects.filter(released_at=None).values_list("slot_key", flat=True)
    assert list(held) == [second.slot_key]
    assert Claim.objects.get(pk=claim.pk).status == Status.OFFICIAL
    assert mails("customer_association_ended") == 1


def test_ending_the_last_one_ends_the_claim(make_claim):
    claim = make_claim(Status.OFFICIAL)

    optout.end_associations(token_of(claim), references(claim))

    assert Claim.objects.get(pk=claim.pk).status == Status.ENDED
    assert not SlotHolding.objects.filter(released_at=None).exists()
    assert optout.find_link(token_of(claim)).stage == Stage.OVER


def test_ending_twice_changes_nothing_more(make_claim):
    claim = make_claim(Status.OFFICIAL)
    chosen = references(claim)[:1]
    optout.end_associations(token_of(claim), chosen)
    before = (claim.events.count(), Message.objects.count())

    optout.end_associations(token_of(claim), chosen)

    assert (claim.events.count(), Message.objects.count()) == before


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        (Status.APPROVED, Stage.OPEN),
        (Status.OFFICIAL, Stage.OFFICIAL),
        (Status.ENDED, Stage.OVER),
    ],
)
def test_what_a_link_offers_follows_the_claim(make_claim, status, stage):
    assert optout.find_link(token_of(make_claim(status))).stage == stage


def test_between_deadline_and_finalisation_the_link_offers_nothing(make_claim):
    claim = make_claim()
    assert optout.find_link(token_of(claim), at=claim.due_at - INSTANT).stage == Stage.OPEN
    assert optout.find_link(token_of(claim), at=claim.due_at).stage == Stage.CLOSING


def test_a_clock_that_stands_still_keeps_nobody_from_refusing(make_claim):
    claim = make_claim()
    notices.record_failed(notices.in_force(claim).get().pk, failure="550 no such user")

    optout.opt_out(token_of(claim), references(claim), at=clock.now() + dt.timedelta(days=90))

    assert set(statuses(claim)) == {AssociationStatus.OPTED_OUT}


def test_a_replaced_link_can_do_nothing(make_claim):
    claim = make_claim()
    token = token_of(claim)
    claim.notices.update(status=NoticeStatus.REPLACED)

    assert optout.find_link(token) is None
    with pytest.raises(UnknownLink):
        optout.opt_out(token, references(claim))
    assert set(statuses(claim)) == {AssociationStatus.PROPOSED}


def test_the_link_of_a_withdrawn_claim_can_do_nothing(make_claim, actor):
    claim = make_claim()
    token = token_of(claim)
    withdraw_claim(claim, actor=actor, reason="Filed by mistake")

    assert optout.find_link(token) is None
    for act in (optout.opt_out, optout.take_back, optout.end_associations):
        with pytest.raises(UnknownLink):
            act(token, references(claim))


def test_either_contact_of_business_applications_can_refuse(make_claim):
    claim = make_claim(codes=("sales",))
    tokens = [each.token for each in notices.in_force(claim)]
    assert len(tokens) == 2

    optout.opt_out(tokens[0], references(claim))
    optout.take_back(tokens[1], references(claim))

    assert statuses(claim) == [AssociationStatus.PROPOSED]
