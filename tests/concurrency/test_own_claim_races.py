"""Two claims of one partner, on one slot, for one activity, settled at once: one becomes official [R32]."""

import pytest

from associations.claims.history import find_broken_link
from associations.enums import Activity, AssociationStatus, ParkedReason, Status
from associations.finalisation import bulk, sweep
from associations.models import Association, Claim, SlotHolding
from notifications.models import Message
from tests import cast
from tests.benchmarks.finalisation_data import DUE, SWEPT

from .racing import meet, race, without_row_locks

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def approve():
    """A function that approves claims of one partner on one subscription, all due; none is checked."""
    partner = cast.make_partner()
    actor, reviewer, tenant = cast.make_member(partner), cast.make_reviewer(), cast.make_tenant()

    def build(*activities):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("associations.filing.completeness.find_unfit", lambda *_args, **_more: {})
            claims = [
                cast.walk(
                    cast.make_draft(partner, actor, tenant, codes=("sales",), activity=activity),
                    Status.APPROVED,
                    actor=actor,
                    reviewer=reviewer,
                )
                for activity in activities
            ]
        Claim.objects.filter(pk__in=[claim.pk for claim in claims]).update(due_at=DUE)
        return claims

    return build


@pytest.fixture
def beside_presales(approve):
    """Two claims for usage, on a slot that the partner holds for pre-sales."""
    approve(Activity.PRESALES)
    sweep.finalise_due(at=SWEPT)
    return approve(Activity.USAGE, Activity.USAGE)


def settle_both(claims):
    outcome = sweep.Outcome()
    settle = lambda pk: lambda: sweep.settle_alone(pk, SWEPT, outcome)  # noqa: E731
    return race(*(settle(claim.pk) for claim in claims))


def count_official_usage():
    return Association.objects.filter(
        status=AssociationStatus.OFFICIAL, claim__activity=Activity.USAGE
    ).count()


def assert_one_is_parked(claims):
    found = [Claim.objects.get(pk=claim.pk) for claim in claims]
    states = sorted((claim.status, claim.is_parked) for claim in found)
    assert states == [(Status.APPROVED, True), (Status.OFFICIAL, False)]
    parked = Association.objects.get(claim__in=found, claim__status=Status.APPROVED)
    assert parked.parked_reason == ParkedReason.OWN_CLAIM
    assert SlotHolding.objects.filter(released_at=None).count() == 1
    assert [find_broken_link(claim) for claim in found] == [None, None]


class TestOneByOne:
    def test_without_the_lock_both_become_official(self, beside_presales, monkeypatch):
        without_row_locks(monkeypatch)
        meet(monkeypatch, sweep, "_make_claim_official")

        settle_both(beside_presales)

        assert count_official_usage() == 2

    def test_the_second_waits_for_the_slot_and_sees_the_first(self, beside_presales, monkeypatch):
        meet(monkeypatch, sweep, "_make_claim_official")

        settle_both(beside_presales)

        assert_one_is_parked(beside_presales)
        assert count_official_usage() == 1

    def test_on_a_free_slot_the_second_is_parked_at_the_next_sweep(self, approve, monkeypatch):
        claims = approve(Activity.USAGE, Activity.USAGE)
        meet(monkeypatch, sweep, "_make_claim_official")

        settle_both(claims)
        sweep.finalise_due(at=SWEPT)

        assert_one_is_parked(claims)


class TestTwoFinalisers:
    """Each takes one of the two claims, since the other one's row is locked."""

    def run_two(self, monkeypatch):
        meet(monkeypatch, bulk, "make_official")
        run = lambda: sweep.finalise_due(at=SWEPT, chunk=1)  # noqa: E731
        outcomes = race(run, run)
        assert not any(isinstance(each, Exception) for each in outcomes)
        sweep.finalise_due(at=SWEPT)

    def test_without_the_look_at_the_partners_own_both_become_official(self, approve, monkeypatch):
        approve(Activity.USAGE, Activity.USAGE)
        monkeypatch.setattr(sweep, "find_obstacles", lambda claim, at: {})

        self.run_two(monkeypatch)

        assert count_official_usage() == 2

    @pytest.mark.parametrize("attempt", range(3))
    def test_on_a_free_slot_one_becomes_official(self, approve, monkeypatch, attempt):
        claims = approve(Activity.USAGE, Activity.USAGE)

        self.run_two(monkeypatch)

        assert_one_is_parked(claims)
        assert Message.objects.filter(kind="claim_official").count() == 1

    def test_on_a_slot_held_for_another_activity_one_becomes_official(
        self, beside_presales, monkeypatch
    ):
        self.run_two(monkeypatch)

        assert_one_is_parked(beside_presales)
        assert count_official_usage() == 1

    def test_claims_for_two_activities_both_become_official(self, approve, monkeypatch):
        approve(Activity.USAGE, Activity.PRESALES)

        self.run_two(monkeypatch)

        assert set(Claim.objects.values_list("status", flat=True)) == {Status.OFFICIAL}
        assert SlotHolding.objects.filter(released_at=None).count() == 1
