"""The grace after a customer's deadline: what arrived in time wins, by whichever way [R31]."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from associations import tasks
from associations.claims import visible
from associations.customer import optout
from associations.customer.optout import Stage
from associations.enums import AssociationStatus, ParkedReason, Status
from associations.finalisation import bulk, sweep
from associations.models import Association, Claim, SlotHolding
from notifications.models import Message
from tests import cast

pytestmark = pytest.mark.django_db
INSTANT = dt.timedelta(microseconds=1)
GRACE = dt.timedelta(seconds=60)


@pytest.fixture
def actor():
    return cast.make_member(cast.make_partner())


@pytest.fixture
def make_claim(actor):
    def make(**facts):
        partner = actor.memberships.get().partner
        tenant = cast.make_tenant(f"customer{Claim.objects.count()}.example")
        draft = cast.make_draft(partner, actor, tenant, **facts)
        return cast.walk(draft, Status.APPROVED, actor=actor, reviewer=cast.make_reviewer())

    return make


def token_of(claim):
    return claim.notices.get().token


def references(claim):
    return list(claim.associations.values_list("reference", flat=True))


def statuses(claim):
    return set(claim.associations.values_list("status", flat=True))


def test_a_minute_unless_set_otherwise(settings):
    assert GRACE.total_seconds() == settings.CPOR_OPT_OUT_GRACE_SECONDS


def run_task(at):
    with cast.at(at):
        tasks.finalise_due_claims()


def run_command(at):
    call_command("finalize_associations", now=at.isoformat())


def run_command_now(at):
    with cast.at(at):
        call_command("finalize_associations")


def settle_every_claim(at):
    for claim in Claim.objects.all():
        sweep.settle_alone(claim.pk, at, sweep.Outcome())


WAYS = [
    lambda at: sweep.finalise_due(at=at),
    run_task,
    run_command,
    run_command_now,
    settle_every_claim,
]


@pytest.mark.parametrize("run", WAYS)
def test_nothing_is_finalised_before_the_grace_is_over(make_claim, run):
    claim = make_claim()
    for at in (claim.due_at, claim.due_at + GRACE - INSTANT):
        run(at)
        assert Claim.objects.get(pk=claim.pk).status == Status.APPROVED

    run(claim.due_at + GRACE)

    assert Claim.objects.get(pk=claim.pk).status == Status.OFFICIAL


def test_the_grace_is_a_setting(make_claim, settings):
    settings.CPOR_OPT_OUT_GRACE_SECONDS = 5
    claim = make_claim()

    outcomes = [
        sweep.finalise_due(at=claim.due_at + dt.timedelta(seconds=each)).official for each in (4, 5)
    ]

    assert outcomes == [0, 1]


def test_a_chunk_that_fails_is_settled_one_by_one_after_the_grace_only(make_claim, monkeypatch):
    """The way back from a failed set must not be a way round the grace."""
    over, not_yet = make_claim(), make_claim()
    Claim.objects.filter(pk=not_yet.pk).update(due_at=over.due_at + INSTANT)
    monkeypatch.setattr(bulk, "make_official", lambda ids, *, at: {over.pk, not_yet.pk})

    sweep.finalise_due(at=over.due_at + GRACE)

    assert Claim.objects.get(pk=over.pk).status == Status.OFFICIAL
    assert Claim.objects.get(pk=not_yet.pk).status == Status.APPROVED


def test_a_refusal_within_the_grace_counts_and_wins(make_claim):
    claim = make_claim()
    last = claim.due_at + GRACE - INSTANT
    sweep.finalise_due(at=last)

    optout.opt_out(token_of(claim), references(claim), at=last)
    outcome = sweep.finalise_due(at=cast.over(claim))

    assert (outcome.official, outcome.rejected) == (0, 1)
    assert statuses(claim) == {AssociationStatus.OPTED_OUT}


def test_after_the_grace_it_is_too_late_even_where_no_sweep_has_been(make_claim):
    claim = make_claim()

    with pytest.raises(optout.WindowClosed):
        optout.opt_out(token_of(claim), references(claim), at=claim.due_at + GRACE)

    assert statuses(claim) == {AssociationStatus.PROPOSED}


def test_taking_back_counts_within_the_grace_and_not_after_it(make_claim):
    claim = make_claim()
    optout.opt_out(token_of(claim), references(claim), at=timezone.now())

    with pytest.raises(optout.WindowClosed):
        optout.take_back(token_of(claim), references(claim), at=claim.due_at + GRACE)
    optout.take_back(token_of(claim), references(claim), at=claim.due_at + GRACE - INSTANT)

    assert sweep.finalise_due(at=cast.over(claim)).official == 1


def test_what_is_refused_is_asked_for_as_long_as_it_can_be_taken_back(make_claim, actor):
    claim = make_claim()
    optout.opt_out(token_of(claim), references(claim), at=timezone.now())
    rivals = Association.objects.filter(claim=claim)

    with cast.at(claim.due_at + GRACE - INSTANT):
        assert rivals.filter(visible.rivals_of(now=timezone.now())).exists()
    with cast.at(claim.due_at + GRACE):
        assert not rivals.filter(visible.rivals_of(now=timezone.now())).exists()


def test_what_stands_in_the_way_is_not_looked_at_before_the_grace_is_over(make_claim):
    """To set a claim aside writes an outcome too: refusals could no longer be taken back."""
    claim = make_claim(codes=("teams",))
    slot = claim.associations.get().slot_key
    rival = cast.make_partner("Litware")
    SlotHolding.objects.create(slot_key=slot, partner=rival, held_since=claim.due_at)

    sweep.finalise_due(at=claim.due_at + GRACE - INSTANT)
    assert not Claim.objects.get(pk=claim.pk).is_parked
    sweep.finalise_due(at=claim.due_at + GRACE)

    assert claim.associations.get().parked_reason == ParkedReason.SLOT_HELD


class TestPage:
    """Pages and emails name the deadline without the grace."""

    @pytest.fixture
    def late(self, make_claim):
        """A claim whose deadline has just gone by, as the clock of the page has it."""
        claim = make_claim()
        with cast.at(claim.due_at + dt.timedelta(seconds=30)):
            yield claim

    def address(self, claim):
        return reverse("associations:opt-out", args=[token_of(claim)])

    def test_it_says_that_the_time_is_over_and_names_the_deadline(self, client, late):
        page = client.get(self.address(late)).content.decode()

        assert optout.find_link(token_of(late), at=timezone.now()).stage == Stage.CLOSING
        assert "The time to refuse is over" in page
        assert "until the end of" in page
        assert 'value="refuse"' not in page

    def test_a_form_opened_before_the_deadline_counts(self, client, late):
        form = {"action": "refuse", "products": references(late)}

        answer = client.post(self.address(late), form)

        assert answer.status_code == 303
        assert statuses(late) == {AssociationStatus.OPTED_OUT}
        told = Message.objects.get(kind="customer_opted_out").context["until_when"]
        assert told == "You can no longer take this back: it is final."

    def test_taken_back_in_the_grace_the_email_names_no_time_gone_by(self, make_claim):
        claim = make_claim()
        optout.opt_out(token_of(claim), references(claim), at=timezone.now())

        with cast.at(claim.due_at + INSTANT):
            optout.take_back(token_of(claim), references(claim), at=timezone.now())

        told = Message.objects.get(kind="customer_opt_out_taken_back").context["until_when"]
        assert told == "The time to refuse is over."
