"""One partner holds a slot once for an activity, whatever became of its claims on the way [R9, R24, R32]."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from associations.claims import visible
from associations.claims.history import find_broken_link
from associations.claims.lifecycle import LifecycleError
from associations.customer import optout
from associations.enums import Activity, AssociationStatus, EventKind, ParkedReason, Status
from associations.filing import completeness, submission
from associations.filing.own_claims import require_not_own
from associations.filing.subscriptions import UnfitSubscription
from associations.finalisation import bulk, obstacles, sweep
from associations.models import Association, Claim, SlotHolding
from associations.review import decisions as reviewing
from associations.review import disputes
from tests import cast

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def file(partner, admin, tenant, reviewer):
    """A function that files a claim of the partner and walks it to a status."""

    def make(status, *, codes=("teams",), **facts):
        draft = cast.make_draft(partner, admin, tenant, codes=codes, **facts)
        return cast.walk(draft, status, actor=admin, reviewer=reviewer)

    return make


@pytest.fixture
def rival():
    other = cast.make_partner("Litware")
    return other, cast.make_member(other)


def products(claim):
    return list(claim.associations.values_list("reference", flat=True))


def refuse(claim):
    optout.opt_out(claim.notices.get().token, products(claim), at=claim.due_at - HOUR)


def force_open(claim, **fields):
    """What a claim was before these rules, or what a race leaves: two of one partner on one slot."""
    Claim.objects.filter(pk=claim.pk).update(**fields)
    claim.refresh_from_db()


def count_official(tenant):
    return Association.objects.filter(tenant=tenant, status=AssociationStatus.OFFICIAL).count()


class TestRefusalThatCanBeTakenBack:
    def test_its_slot_cannot_be_claimed_again(self, file, partner, admin, tenant):
        """The customer refuses, the partner files again, the customer takes it back: only one holds."""
        first = file(Status.APPROVED)
        second = cast.make_draft(partner, admin, tenant, codes=["teams"])
        refuse(first)

        with pytest.raises(completeness.ClaimIncomplete) as caught:
            submission.submit_claim(second, actor=admin, now=timezone.now())
        optout.take_back(first.notices.get().token, products(first), at=first.due_at - HOUR)
        sweep.finalise_due(at=cast.over(first))

        words = str(caught.value.missing["products"])
        assert "opted out of Teams in another claim of your company" in words
        assert "once their deadline has passed" in words
        assert count_official(tenant) == 1
        assert Claim.objects.get(pk=second.pk).status == Status.EDITING

    def test_it_keeps_the_slot_contested_until_it_is_final(self, file, rival, tenant):
        first = file(Status.APPROVED)
        other = cast.walk(
            cast.make_draft(*rival, tenant, codes=["teams"]),
            Status.SUBMITTED,
            actor=rival[1],
            reviewer=None,
        )
        slots = [first.associations.get().slot_key]
        refuse(first)

        assert visible.find_contested_slots(other.partner_id, slots, now=timezone.now()) == set(
            slots
        )
        assert list(Claim.objects.filter(visible.rival_exists(now=timezone.now()))) == [other]
        with cast.at(cast.over(first)):
            assert (
                visible.find_contested_slots(other.partner_id, slots, now=timezone.now()) == set()
            )
            assert not Claim.objects.filter(visible.rival_exists(now=timezone.now())).exists()

    def test_without_a_clock_it_can_be_taken_back_and_counts(self, file, rival):
        first = file(Status.APPROVED)
        refuse(first)
        slots = [first.associations.get().slot_key]

        force_open(first, due_at=None)
        assert visible.find_contested_slots(rival[0].pk, slots, now=timezone.now()) == set(slots)
        force_open(first, is_parked=True)
        assert visible.find_contested_slots(rival[0].pk, slots, now=timezone.now()) == set()

    def test_a_final_refusal_leaves_the_slot_free(self, file, partner, admin, tenant):
        first = file(Status.APPROVED)
        second = cast.make_draft(partner, admin, tenant, codes=["teams"])
        refuse(first)
        sweep.finalise_due(at=cast.over(first))

        assert (
            submission.submit_claim(second, actor=admin, now=timezone.now()).status
            == Status.SUBMITTED
        )

    def test_the_page_says_whose_refusal_it_waits_for(self, file, partner, admin, tenant):
        refuse(file(Status.APPROVED, codes=["teams"]))
        second = cast.make_draft(partner, admin, tenant, codes=["teams"])

        with pytest.raises(UnfitSubscription, match="The customer opted out of Teams") as caught:
            require_not_own(second, cast.product("teams"), None, now=timezone.now())

        assert caught.value.code == "own"


class TestDispute:
    """What was rejected may be claimed again, and must then not come back beside it."""

    def test_it_is_refused_where_another_claim_holds_the_product(self, file, admin, tenant):
        first = file(Status.REJECTED, codes=("teams", "yammer"))
        file(Status.OFFICIAL)
        events = first.events.count()

        with pytest.raises(
            LifecycleError, match="another claim of your company already covers Teams"
        ):
            disputes.dispute_claim(
                first, actor=admin, justification="It is signed.", now=timezone.now()
            )

        fresh = Claim.objects.get(pk=first.pk)
        assert (fresh.status, fresh.disputed_at) == (Status.REJECTED, None)
        assert fresh.events.count() == events

    def test_the_page_names_the_product_and_keeps_the_words(self, client, file, admin):
        first = file(Status.REJECTED)
        file(Status.SUBMITTED)
        client.force_login(admin)

        response = client.post(
            reverse("associations:claim-dispute", args=[first.reference]),
            {"revision": first.revision, "words": "It is signed on page 2."},
        )

        assert response.status_code == 409
        assert "another claim of your company already covers Teams" in response.text
        assert "It is signed on page 2." in response.text
        assert Claim.objects.get(pk=first.pk).status == Status.REJECTED

    def test_for_another_activity_it_goes_on(self, file, admin):
        first = file(Status.REJECTED, codes=("sales",), activity=Activity.PRESALES)
        file(Status.OFFICIAL, codes=("sales",), activity=Activity.USAGE)

        disputes.dispute_claim(
            first, actor=admin, justification="It is signed.", now=timezone.now()
        )

        assert Claim.objects.get(pk=first.pk).status == Status.DISPUTE

    def test_it_is_not_accepted_where_another_claim_took_its_place(self, file, reviewer, tenant):
        first = file(Status.REJECTED)
        second = file(Status.OFFICIAL)
        force_open(first, status=Status.DISPUTE)

        with pytest.raises(
            LifecycleError, match="another claim of this partner already covers Teams"
        ):
            reviewing.decide_dispute(
                first, actor=reviewer, accept=True, words="Right.", now=timezone.now()
            )

        assert Claim.objects.get(pk=first.pk).status == Status.DISPUTE
        assert count_official(tenant) == 1
        optout.end_associations(second.notices.get().token, products(second), at=timezone.now())
        reviewing.decide_dispute(
            first, actor=reviewer, accept=True, words="Right.", now=timezone.now()
        )
        assert Claim.objects.get(pk=first.pk).status == Status.APPROVED

    def test_it_is_accepted_without_what_another_claim_took(self, file, reviewer, tenant):
        first = file(Status.REJECTED, codes=("teams", "yammer"))
        file(Status.OFFICIAL)
        force_open(first, status=Status.DISPUTE)
        taken = first.associations.filter(product__code="teams")

        reviewing.decide_dispute(
            first, actor=reviewer, accept=True, exclude=taken, words="Right.", now=timezone.now()
        )

        cast.deliver_notices(first)
        sweep.finalise_due(at=cast.over(first))
        states = dict(first.associations.values_list("product__code", "status"))
        assert states == {"teams": "excluded", "yammer": "official"}
        assert count_official(tenant) == 2

    def test_it_can_be_turned_down_all_the_same(self, file, reviewer):
        first = file(Status.REJECTED)
        file(Status.OFFICIAL)
        force_open(first, status=Status.DISPUTE)

        reviewing.decide_dispute(
            first, actor=reviewer, accept=False, words="No.", now=timezone.now()
        )

        assert Claim.objects.get(pk=first.pk).status == Status.REJECTED_FINAL


@pytest.fixture
def pair(partner, admin, tenant, reviewer, monkeypatch):
    """Two approved claims of one partner, on one slot, as if both had been filed at one instant."""

    def make(*activities, codes=("sales",)):
        with monkeypatch.context() as patch:
            patch.setattr(completeness, "find_unfit", lambda *_args, **_more: {})
            drafts = [
                cast.make_draft(partner, admin, tenant, codes=codes, activity=activity)
                for activity in activities
            ]
            return [
                cast.walk(draft, Status.APPROVED, actor=admin, reviewer=reviewer)
                for draft in drafts
            ]

    return make


class TestFinaliser:
    """The last line of defence: nothing above may be what keeps a slot from being held twice."""

    def finalise(self, pair, *, way):
        at = cast.over(max(claim.due_at for claim in pair))
        if way == "alone":
            for claim in pair:
                sweep.settle_alone(claim.pk, at, sweep.Outcome())
        else:
            sweep.finalise_due(at=at, chunk=1 if way == "chunks" else 400)

    @pytest.mark.parametrize("way", ["one chunk", "chunks", "alone"])
    @pytest.mark.parametrize("second", [Activity.USAGE, Activity.PRESALES_AND_USAGE])
    def test_the_second_for_the_same_activity_is_parked(self, pair, tenant, way, second):
        claims_ = pair(Activity.USAGE, second)

        self.finalise(claims_, way=way)

        first, last = (Claim.objects.get(pk=claim.pk) for claim in claims_)
        assert (first.status, last.status, last.is_parked) == (
            Status.OFFICIAL,
            Status.APPROVED,
            True,
        )
        assert last.associations.get().parked_reason == ParkedReason.OWN_CLAIM
        assert last.events.get(kind=EventKind.PARKED).reason_code == ParkedReason.OWN_CLAIM
        assert count_official(tenant) == 1
        assert SlotHolding.objects.filter(released_at=None).count() == 1
        assert find_broken_link(last) is None

    @pytest.mark.parametrize("way", ["one chunk", "chunks", "alone"])
    def test_another_activity_on_the_slot_becomes_official(self, pair, tenant, way):
        """R32: what a partner adds is no competing claim."""
        claims_ = pair(Activity.USAGE, Activity.PRESALES)

        self.finalise(claims_, way=way)

        assert set(Claim.objects.values_list("status", flat=True)) == {Status.OFFICIAL}
        assert count_official(tenant) == 2
        assert SlotHolding.objects.filter(released_at=None).count() == 1

    def test_what_is_free_of_the_second_claim_becomes_official(self, pair):
        first, second = pair(Activity.USAGE, Activity.USAGE, codes=("teams", "yammer"))
        free = second.associations.get(product__code="yammer")
        first.associations.get(product__code="yammer").delete()

        self.finalise([first, second], way="one chunk")

        states = dict(second.associations.values_list("product__code", "status"))
        assert states == {"teams": "proposed", "yammer": "official"}
        assert SlotHolding.objects.filter(slot_key=free.slot_key).count() == 1

    def test_a_refusal_taken_back_beside_another_own_claim_doubles_nothing(self, pair, tenant):
        first, second = pair(Activity.USAGE, Activity.USAGE, codes=("teams",))
        refuse(first)
        force_open(first, due_at=second.due_at + dt.timedelta(days=1))
        sweep.finalise_due(at=cast.over(second))
        optout.take_back(first.notices.get().token, products(first), at=first.due_at - HOUR)

        sweep.finalise_due(at=cast.over(first))

        assert first.associations.get().parked_reason == ParkedReason.OWN_CLAIM
        assert count_official(tenant) == 1

    def test_when_the_one_is_ended_the_slot_is_free(self, pair, tenant):
        first, second = pair(Activity.USAGE, Activity.USAGE, codes=("teams",))
        self.finalise([first, second], way="one chunk")

        optout.end_associations(first.notices.get().token, products(first), at=timezone.now())

        assert not SlotHolding.objects.filter(released_at=None).exists()
        assert count_official(tenant) == 0

    @pytest.mark.parametrize(("later", "status"), [(-HOUR, "official"), (HOUR, "rejected")])
    def test_only_what_is_ended_after_the_deadline_refuses_what_waits(self, pair, later, status):
        """Before its deadline, the customer could still refuse this claim as well [R24]."""
        first, second = pair(Activity.USAGE, Activity.USAGE, codes=("teams",))
        self.finalise([first, second], way="one chunk")
        ended_at = second.due_at + later
        optout.end_associations(first.notices.get().token, products(first), at=ended_at)

        sweep.look_again(at=cast.over(second) + dt.timedelta(days=1))

        assert Claim.objects.get(pk=second.pk).status == status

    @pytest.mark.parametrize("way", ["one chunk", "alone"])
    def test_what_never_waited_is_not_refused_by_it(self, pair, way):
        first, second = pair(Activity.USAGE, Activity.USAGE, codes=("teams",))
        self.finalise([first], way="alone")
        ended_at = second.due_at + dt.timedelta(seconds=1)
        optout.end_associations(first.notices.get().token, products(first), at=ended_at)

        self.finalise([second], way=way)

        assert Claim.objects.get(pk=second.pk).status == Status.OFFICIAL

    def test_the_set_based_way_leaves_both_alone(self, pair):
        """No matter who calls it: two claims of one partner on one slot are never its to decide."""
        claims_ = pair(Activity.USAGE, Activity.USAGE)
        ids = [claim.pk for claim in claims_]

        assert bulk.make_official(ids, at=claims_[1].due_at) == set(ids)

    @pytest.mark.parametrize("second", [Activity.USAGE, Activity.PRESALES])
    def test_nor_is_one_whose_partner_holds_the_slot(self, pair, second):
        """The holding must be locked first, and a chunk would fall apart over its constraint."""
        first, last = pair(Activity.USAGE, second)
        self.finalise([first], way="alone")

        assert bulk.make_official([last.pk], at=last.due_at) == {last.pk}

    def test_what_another_partner_holds_is_no_claim_of_ones_own(self, pair, rival):
        first, second = pair(Activity.USAGE, Activity.USAGE)
        self.finalise([first, second], way="one chunk")
        later = cast.over(second) + dt.timedelta(days=30)
        assert obstacles.find_freed(later, limit=10) == []

        Association.objects.filter(claim=first).update(partner=rival[0])

        assert obstacles.find_freed(later, limit=10) == [second.pk]

    def test_staff_read_which_claim_is_in_the_way(self, client, pair, reviewer):
        first, second = pair(Activity.USAGE, Activity.USAGE)
        self.finalise([first, second], way="one chunk")
        client.force_login(reviewer)

        page = client.get(reverse("admin:associations_claim_change", args=[second.pk])).text

        assert "This partner is already official for this product through another claim" in page
        assert f"({first.reference})" in page
        assert "covers at least part of the same work" in page
