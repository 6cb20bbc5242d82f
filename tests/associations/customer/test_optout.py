"""What a link may do, and until when [R22, R23, R24, R25, R31]."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone, translation

from associations.claims.history import find_broken_link
from associations.claims.lifecycle import LifecycleError
from associations.customer import notice_outcomes, notices, optout
from associations.customer.optout import Stage, UnknownLink, WindowClosed
from associations.enums import (
    AssociationStatus,
    EventKind,
    NoticeStatus,
    RejectionReason,
    Status,
)
from associations.filing.submission import withdraw_claim
from associations.finalisation import sweep
from associations.models import Claim, SlotHolding
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


@pytest.fixture
def make_parked(make_claim):
    """A function that makes a claim whose window closed while a rival holds one product's slot.

    With ``others`` the claim is official for those; without, all of it is parked.
    """

    def make(*others, refused=()):
        claim = make_claim(codes=("teams", *others, *refused))
        gone = claim.associations.filter(product__code__in=refused)
        if refused:
            optout.opt_out(
                token_of(claim), list(gone.values_list("reference", flat=True)), at=timezone.now()
            )
        held = claim.associations.get(product__code="teams").slot_key
        rival = cast.make_partner("Litware")
        SlotHolding.objects.create(slot_key=held, partner=rival, held_since=claim.due_at)
        sweep.finalise_due(at=cast.over(claim))
        return Claim.objects.get(pk=claim.pk)

    return make


def reference_of(claim, code):
    return claim.associations.get(product__code=code).reference


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

    optout.opt_out(
        token_of(claim), [first.reference], reason="We do it ourselves", at=timezone.now()
    )

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
    optout.opt_out(
        token_of(claim), [claim.associations.order_by("pk")[0].reference], at=timezone.now()
    )

    sweep.finalise_due(at=cast.over(claim))

    assert statuses(claim) == [AssociationStatus.OPTED_OUT, AssociationStatus.OFFICIAL]
    assert SlotHolding.objects.filter(released_at=None).count() == 1


def test_refusing_everything_rejects_the_claim_when_the_window_closes(make_claim):
    claim = make_claim()
    optout.opt_out(token_of(claim), references(claim), at=timezone.now())

    assert Claim.objects.get().status == Status.APPROVED  # until then it can be taken back
    sweep.finalise_due(at=cast.over(claim))

    claim.refresh_from_db()
    assert claim.status == Status.REJECTED
    assert claim.rejection_reason == RejectionReason.CUSTOMER_OPTED_OUT
    assert not SlotHolding.objects.exists()


def test_refusing_twice_changes_nothing_more(make_claim):
    claim = make_claim()
    optout.opt_out(token_of(claim), references(claim), at=timezone.now())
    before = (claim.events.count(), Message.objects.count())

    optout.opt_out(token_of(claim), references(claim), at=timezone.now())

    assert (claim.events.count(), Message.objects.count()) == before


def test_a_refusal_can_be_taken_back(make_claim):
    claim = make_claim()
    optout.opt_out(token_of(claim), references(claim), at=timezone.now())

    optout.take_back(token_of(claim), references(claim)[:1], at=timezone.now())

    assert sorted(statuses(claim)) == [AssociationStatus.OPTED_OUT, AssociationStatus.PROPOSED]
    assert claim.events.filter(kind=EventKind.OPT_OUT_TAKEN_BACK).count() == 1
    assert mails("customer_opt_out_taken_back") == 1
    assert claim.associations.get(status=AssociationStatus.PROPOSED).opted_out_at is None


@pytest.mark.parametrize("act", [optout.opt_out, optout.take_back])
@pytest.mark.parametrize("after", [dt.timedelta(0), INSTANT, dt.timedelta(days=3)])
def test_when_the_grace_after_the_deadline_is_over_so_is_the_time(make_claim, act, after):
    claim = make_claim()
    before = (claim.events.count(), statuses(claim))

    with pytest.raises(WindowClosed):
        act(token_of(claim), references(claim), at=cast.over(claim) + after)

    assert (claim.events.count(), statuses(claim)) == before


def test_a_request_that_arrived_in_time_counts_though_it_had_to_wait(make_claim):
    claim = make_claim()

    with time_machine.travel(claim.due_at + dt.timedelta(seconds=2), tick=False):
        optout.opt_out(token_of(claim), references(claim), at=claim.due_at - INSTANT)

    assert set(statuses(claim)) == {AssociationStatus.OPTED_OUT}


def test_after_finalisation_a_late_request_loses_and_is_told_so(make_claim):
    claim = make_claim()
    sweep.finalise_due(at=cast.over(claim))

    with pytest.raises(WindowClosed), translation.override("en"):
        optout.opt_out(token_of(claim), references(claim), at=claim.due_at - INSTANT)

    assert set(statuses(claim)) == {AssociationStatus.OFFICIAL}


def test_nothing_ticked_is_an_error_and_so_is_what_belongs_to_another_claim(make_claim):
    claim, other = make_claim(codes=("teams",)), make_claim(codes=("intune",))

    for wrong in ([], references(other), ["NOSUCH"]):
        with pytest.raises(LifecycleError):
            optout.opt_out(token_of(claim), wrong, at=timezone.now())

    assert statuses(claim) == statuses(other) == [AssociationStatus.PROPOSED]


def test_ending_a_part_stops_its_data_and_keeps_the_claim_official(make_claim):
    claim = make_claim(Status.OFFICIAL)
    first, second = claim.associations.order_by("pk")

    optout.end_associations(
        token_of(claim), [first.reference], reason="We changed partners", at=timezone.now()
    )

    assert statuses(claim) == [AssociationStatus.ENDED, AssociationStatus.OFFICIAL]
    held = SlotHolding.objects.filter(released_at=None).values_list("slot_key", flat=True)
    assert list(held) == [second.slot_key]
    assert Claim.objects.get(pk=claim.pk).status == Status.OFFICIAL
    assert mails("customer_association_ended") == 1


def test_ending_the_last_one_ends_the_claim(make_claim):
    claim = make_claim(Status.OFFICIAL)

    optout.end_associations(token_of(claim), references(claim), at=timezone.now())

    assert Claim.objects.get(pk=claim.pk).status == Status.ENDED
    assert not SlotHolding.objects.filter(released_at=None).exists()
    assert optout.find_link(token_of(claim), at=timezone.now()).stage == Stage.OVER


def test_ending_twice_changes_nothing_more(make_claim):
    claim = make_claim(Status.OFFICIAL)
    chosen = references(claim)[:1]
    optout.end_associations(token_of(claim), chosen, at=timezone.now())
    before = (claim.events.count(), Message.objects.count())

    optout.end_associations(token_of(claim), chosen, at=timezone.now())

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
    assert optout.find_link(token_of(make_claim(status)), at=timezone.now()).stage == stage


def test_between_deadline_and_finalisation_the_link_offers_nothing(make_claim):
    claim = make_claim()
    assert optout.find_link(token_of(claim), at=claim.due_at - INSTANT).stage == Stage.OPEN
    assert optout.find_link(token_of(claim), at=claim.due_at).stage == Stage.CLOSING


def test_a_customer_can_refuse_while_the_deadline_is_paused(make_claim):
    claim = make_claim()
    notice_outcomes.record_failed(
        notices.in_force(claim).get().pk, failure="550 no such user", now=timezone.now()
    )

    optout.opt_out(token_of(claim), references(claim), at=timezone.now() + dt.timedelta(days=90))

    assert set(statuses(claim)) == {AssociationStatus.OPTED_OUT}


def test_a_replaced_link_can_do_nothing(make_claim):
    claim = make_claim()
    token = token_of(claim)
    claim.notices.update(status=NoticeStatus.REPLACED)

    assert optout.find_link(token, at=timezone.now()) is None
    with pytest.raises(UnknownLink):
        optout.opt_out(token, references(claim), at=timezone.now())
    assert set(statuses(claim)) == {AssociationStatus.PROPOSED}


def test_the_link_of_a_withdrawn_claim_can_do_nothing(make_claim, actor):
    claim = make_claim()
    token = token_of(claim)
    withdraw_claim(claim, actor=actor, reason="Filed by mistake", now=timezone.now())

    assert optout.find_link(token, at=timezone.now()) is None
    for act in (optout.opt_out, optout.take_back, optout.end_associations):
        with pytest.raises(UnknownLink):
            act(token, references(claim), at=timezone.now())


def test_either_contact_of_business_applications_can_refuse(make_claim):
    claim = make_claim(codes=("sales",))
    tokens = [each.token for each in notices.in_force(claim)]
    assert len(tokens) == 2

    optout.opt_out(tokens[0], references(claim), at=timezone.now())
    optout.take_back(tokens[1], references(claim), at=timezone.now())

    assert statuses(claim) == [AssociationStatus.PROPOSED]


def test_what_is_parked_can_still_be_refused_and_ends_the_claim_with_its_last_product(make_parked):
    claim = make_parked()
    late = claim.due_at + dt.timedelta(days=30)
    assert optout.find_link(token_of(claim), at=late).stage == Stage.HELD

    with time_machine.travel(late, tick=False):
        optout.opt_out(token_of(claim), references(claim), reason="Not with them", at=late)

    claim.refresh_from_db()
    assert (claim.status, claim.is_parked) == (Status.REJECTED, False)
    assert claim.rejection_reason == RejectionReason.CUSTOMER_OPTED_OUT
    assert claim.due_at is None  # no dispute after the customer's word [R2]
    assert claim.associations.get().status == AssociationStatus.OPTED_OUT
    assert claim.associations.get().parked_reason == ""
    refused, rejected = claim.events.order_by("number").reverse()[:2][::-1]
    assert (refused.kind, refused.actor) == (EventKind.OPTED_OUT, "customer")
    assert (rejected.to_status, rejected.actor) == (Status.REJECTED, "system")
    assert find_broken_link(claim) is None
    told = ("customer_opted_out", "partner_opted_out", "staff_opted_out", "claim_rejected")
    assert [mails(kind) for kind in told] == [1, 1, 1, 1]
    assert optout.find_link(token_of(claim), at=timezone.now()).stage == Stage.OVER


def test_the_mails_about_a_refusal_after_the_window_say_that_it_is_final(make_parked):
    claim = make_parked()

    with translation.override("en"):
        optout.opt_out(token_of(claim), references(claim), at=claim.due_at)

    customer = Message.objects.get(kind="customer_opted_out").context
    assert customer["until_when"] == "You can no longer take this back: it is final."
    for kind in ("partner_opted_out", "staff_opted_out"):
        words = Message.objects.get(kind=kind).context["what_next"]
        assert words == "They can no longer take this back: it is final."


def test_the_mails_about_a_refusal_in_time_say_until_when(make_claim):
    claim = make_claim()

    optout.opt_out(token_of(claim), references(claim), at=timezone.now())
    optout.take_back(token_of(claim), references(claim), at=timezone.now())

    refused = Message.objects.get(kind="customer_opted_out").context["until_when"]
    again = Message.objects.get(kind="customer_opt_out_taken_back").context["until_when"]
    assert refused.startswith("You can take this back until ")
    assert again.startswith("You can refuse again until ")
    assert refused.endswith("(São Paulo time).")
    for kind in ("partner_opted_out", "staff_opted_out"):
        words = Message.objects.get(kind=kind).context["what_next"]
        assert words.startswith("They can take this back until their deadline")


def test_the_mails_about_a_refusal_in_the_grace_say_that_it_is_final(make_claim):
    claim = make_claim()

    with translation.override("en"):
        optout.opt_out(token_of(claim), references(claim), at=claim.due_at)
        optout.take_back(token_of(claim), references(claim), at=claim.due_at)

    refused = Message.objects.get(kind="customer_opted_out").context["until_when"]
    again = Message.objects.get(kind="customer_opt_out_taken_back").context["until_when"]
    assert refused == "You can no longer take this back: it is final."
    assert again == "The time to refuse is over."


def test_the_mails_about_a_refusal_without_a_clock_name_no_empty_day(make_claim):
    claim = make_claim()
    notice_outcomes.record_failed(
        notices.in_force(claim).get().pk, failure="550 no such user", now=timezone.now()
    )

    optout.opt_out(token_of(claim), references(claim), at=timezone.now())
    optout.take_back(token_of(claim), references(claim), at=timezone.now())

    for kind in ("customer_opted_out", "customer_opt_out_taken_back"):
        words = Message.objects.get(kind=kind).context["until_when"]
        assert "has not started yet" in words
        assert "until ." not in words


def test_a_parked_claim_stays_parked_while_a_product_is_left(make_claim):
    claim = make_claim()
    rival = cast.make_partner("Litware")
    for each in claim.associations.all():
        SlotHolding.objects.create(slot_key=each.slot_key, partner=rival, held_since=claim.due_at)
    sweep.finalise_due(at=cast.over(claim))

    optout.opt_out(token_of(claim), references(claim)[:1], at=claim.due_at)

    claim.refresh_from_db()
    assert (claim.status, claim.is_parked) == (Status.APPROVED, True)
    assert sorted(statuses(claim)) == [AssociationStatus.OPTED_OUT, AssociationStatus.PROPOSED]
    assert mails("claim_rejected") == 0


def test_a_claim_that_is_over_holds_nothing_back(make_parked, actor):
    claim = make_parked()

    withdraw_claim(claim, actor=actor, reason="We lost the customer.", now=timezone.now())

    assert not claim.associations.exclude(parked_reason="").exists()


def test_a_refusal_of_what_is_parked_cannot_be_taken_back(make_parked):
    claim = make_parked(refused=("intune",))  # refused within the window, so the rest is parked
    assert (claim.status, claim.is_parked) == (Status.APPROVED, True)
    before = (claim.events.count(), statuses(claim))

    for at in (claim.due_at, claim.due_at - INSTANT):  # even one that came in time and had to wait
        with pytest.raises(WindowClosed), translation.override("en"):
            optout.take_back(token_of(claim), [reference_of(claim, "intune")], at=at)

    assert (claim.events.count(), statuses(claim)) == before


def test_a_refusal_in_time_that_found_the_claim_parked_ends_it(make_parked):
    claim = make_parked()

    optout.opt_out(token_of(claim), references(claim), at=claim.due_at - INSTANT)

    assert Claim.objects.get(pk=claim.pk).status == Status.REJECTED


def test_the_parked_product_of_an_official_claim_can_be_refused(make_parked):
    claim = make_parked("intune")
    assert claim.status == Status.OFFICIAL

    optout.opt_out(token_of(claim), [reference_of(claim, "teams")], at=timezone.now())

    claim.refresh_from_db()
    assert claim.status == Status.OFFICIAL
    assert claim.associations.get(product__code="teams").status == AssociationStatus.OPTED_OUT
    assert claim.associations.get(product__code="intune").status == AssociationStatus.OFFICIAL
    with translation.override("en"):
        assert "final" in Message.objects.get(kind="partner_opted_out").context["what_next"]


def test_a_late_form_that_names_what_is_official_too_changes_nothing(make_parked):
    claim = make_parked("intune")
    before = (claim.events.count(), statuses(claim))

    with pytest.raises(WindowClosed):
        optout.opt_out(token_of(claim), references(claim), at=claim.due_at or timezone.now())

    assert (claim.events.count(), statuses(claim)) == before


def test_a_bounce_after_parking_asks_for_a_contact_and_the_new_window_is_looked_at(make_parked):
    claim = make_parked()
    SlotHolding.objects.all().delete()  # the obstacle is gone now
    notice_outcomes.record_failed(
        notices.in_force(claim).get().pk, failure="550 no such user", now=timezone.now()
    )
    claim.refresh_from_db()
    assert (claim.is_parked, claim.turn, claim.due_at) == (False, "partner", None)
    assert claim.associations.get().parked_reason == ""

    cast.deliver_notices(_correct(claim))
    claim.refresh_from_db()
    outcome = sweep.finalise_due(at=cast.over(claim))

    assert outcome.official == 1
    assert Claim.objects.get(pk=claim.pk).status == Status.OFFICIAL


def _correct(claim):
    return cast.correct_contact(claim, claim.created_by, email=f"dora@{claim.customer_domain}")


def test_a_refusal_of_everything_waits_while_another_contact_was_not_told(make_claim):
    claim = make_claim(codes=("sales",))
    technical, told = (notices.in_force(claim).get(role=role) for role in ("technical", "customer"))
    notice_outcomes.record_failed(technical.pk, failure="550 no such user", now=timezone.now())
    optout.opt_out(told.token, references(claim), at=timezone.now())

    sweep.finalise_due(at=timezone.now() + dt.timedelta(days=90))

    claim.refresh_from_db()
    assert (claim.status, claim.turn, claim.due_at) == (Status.APPROVED, "partner", None)
    assert (
        optout.find_link(told.token, at=timezone.now()).stage == Stage.OPEN
    )  # they may still take it back [R23]


def test_a_refusal_of_everything_ends_the_claim_once_every_contact_was_told(make_claim):
    claim = make_claim(codes=("sales",))
    technical, told = (notices.in_force(claim).get(role=role) for role in ("technical", "customer"))
    notice_outcomes.record_failed(technical.pk, failure="550 no such user", now=timezone.now())
    optout.opt_out(told.token, references(claim), at=timezone.now())

    cast.deliver_notices(_correct(claim))
    claim.refresh_from_db()
    assert statuses(claim) == [AssociationStatus.OPTED_OUT]  # the customer's word stays
    outcome = sweep.finalise_due(at=cast.over(claim))

    assert outcome.rejected == 1
    assert Claim.objects.get(pk=claim.pk).rejection_reason == RejectionReason.CUSTOMER_OPTED_OUT
