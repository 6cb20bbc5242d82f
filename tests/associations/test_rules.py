"""Who may do what, over every role and status (section 11, R19, R41)."""

import pytest
from django.utils import timezone

from associations.claims import visible
from associations.enums import RejectionReason, Status
from associations.models import Claim
from associations.rules import PARTNER_ACTIONS, STAFF_ACTIONS, list_actions
from partners.enums import Role
from partners.models import Membership
from partners.staff_groups import REVIEW_LEAD
from tests import cast

pytestmark = pytest.mark.django_db

#: What starts a new draft from a claim that is over.
AGAIN = ("claim_again", "claim_for_another")
#: Section 11 with section 3, written out by hand: what an Incentives admin may do at each status.
ADMIN_MAY = {
    Status.EDITING: {
        *("edit_claim", "add_proof", "discard_claim", "comment_claim", "submit_claim"),
        "ask_for_customer",
    },
    Status.SUBMITTED: {"edit_claim", "add_proof", "comment_claim", "withdraw_claim"},
    Status.UNDER_REVIEW: {"comment_claim", "withdraw_claim"},
    Status.ACTION_REQUIRED: {
        "edit_claim",
        "add_proof",
        "comment_claim",
        "answer_claim",
        "withdraw_claim",
    },
    Status.APPROVED: {"comment_claim", "withdraw_claim", "correct_contact"},
    Status.OFFICIAL: {"comment_claim", "claim_for_another"},
    Status.REJECTED: {"comment_claim", "dispute_claim", *AGAIN},
    Status.DISPUTE: {"comment_claim"},
    Status.REJECTED_FINAL: {"comment_claim", *AGAIN},
    Status.ENDED: {"comment_claim", *AGAIN},
}
#: Whether a mediation is open, its page knows; a draft has none.
IN_MEDIATION = {"state_case", "dispute_case"}
ADMIN_MAY = {
    status: may if status == Status.EDITING else may | IN_MEDIATION
    for status, may in ADMIN_MAY.items()
}

#: … and what is left of it to an Incentives user: drafts, proof and comments.
USER_MAY = {
    **{status: {"comment_claim"} for status in Status},
    **{
        status: {"comment_claim", *AGAIN}
        for status in (Status.REJECTED, Status.REJECTED_FINAL, Status.ENDED)
    },
    Status.OFFICIAL: {"comment_claim", "claim_for_another"},
    Status.EDITING: {
        *("edit_claim", "add_proof", "discard_claim", "comment_claim", "ask_for_customer"),
    },
    Status.SUBMITTED: {"add_proof", "comment_claim"},
    Status.ACTION_REQUIRED: {"add_proof", "comment_claim"},
}

STAFF_MAY = {
    Status.SUBMITTED: {"begin_review"},
    Status.UNDER_REVIEW: {"request_information", "approve_claim", "reject_claim"},
    Status.DISPUTE: {"decide_dispute"},
}
STAFF_ALWAYS = {"assign_claim", "note_claim", "staff_comment_claim"}
LEAD_ALWAYS = {"assign_colleague"}
#: What an approved claim waits for, where it waits for the reviewers.
STAFF_WAITED_FOR = {"confirm_contact"}


@pytest.fixture
def claim(partner):
    owner = cast.make_member(partner)
    return cast.make_draft(partner, owner, cast.make_tenant())


def at_status(claim, status):
    reason = RejectionReason.INSUFFICIENT_POE if status == Status.REJECTED else ""
    Claim.objects.filter(pk=claim.pk).update(status=status, rejection_reason=reason)
    return Claim.objects.get(pk=claim.pk)


def staff_actions(user, claim):
    return {name.split(".")[1] for name in STAFF_ACTIONS if user.has_perm(name, claim)}


@pytest.mark.parametrize("status", list(Status))
class TestEveryStatus:
    def test_an_incentives_admin(self, claim, partner, status):
        user = cast.make_member(partner)
        assert list_actions(user, at_status(claim, status)) == ADMIN_MAY[status]

    def test_an_incentives_user(self, claim, partner, status):
        user = cast.make_member(partner, Role.INCENTIVES_USER)
        assert list_actions(user, at_status(claim, status)) == USER_MAY[status]

    def test_an_admin_of_another_partner(self, claim, status):
        user = cast.make_member(cast.make_partner("Litware"))
        assert list_actions(user, at_status(claim, status)) == set()

    def test_an_admin_of_another_location_only(self, claim, partner, status):
        elsewhere = cast.LocationFactory(partner=partner)
        user = cast.make_member(partner, locations=[elsewhere])
        assert list_actions(user, at_status(claim, status)) == set()

    def test_an_admin_of_this_location(self, claim, partner, status):
        user = cast.make_member(partner, locations=[claim.location])
        assert list_actions(user, at_status(claim, status)) == ADMIN_MAY[status]

    def test_someone_who_left(self, claim, partner, status):
        user = cast.make_member(partner)
        user.is_active = False
        user.save()
        assert list_actions(user, at_status(claim, status)) == set()

    def test_a_reviewer(self, claim, status):
        user = cast.make_reviewer()
        found = at_status(claim, status)
        assert staff_actions(user, found) == STAFF_MAY.get(status, set()) | STAFF_ALWAYS
        assert list_actions(user, found) == set()

    def test_a_review_lead(self, claim, status):
        user = cast.make_staff(REVIEW_LEAD)
        assert staff_actions(user, at_status(claim, status)) == LEAD_ALWAYS

    def test_a_reviewer_who_is_a_member_of_the_partner(self, claim, partner, status):
        user = cast.make_reviewer()
        Membership.objects.create(user=user, partner=partner, role=Role.INCENTIVES_USER)
        assert staff_actions(user, at_status(claim, status)) == set()

    def test_staff_without_the_permission(self, claim, status):
        user = cast.UserFactory(is_staff=True)
        assert staff_actions(user, at_status(claim, status)) == set()

    def test_an_incentives_admin_is_no_reviewer(self, claim, partner, status):
        user = cast.make_member(partner)
        assert staff_actions(user, at_status(claim, status)) == set()


@pytest.mark.parametrize("turn", ["customer", "partner", "staff", ""])
@pytest.mark.parametrize("status", list(Status))
def test_a_contact_is_confirmed_where_the_approved_claim_waits_for_staff(claim, status, turn):
    found = at_status(claim, status)
    found.turn = turn

    is_offered = staff_actions(cast.make_reviewer(), found) >= STAFF_WAITED_FOR

    assert is_offered == (status == Status.APPROVED and turn == "staff")


@pytest.mark.parametrize(
    "reason", [RejectionReason.PARTNER_REQUEST, RejectionReason.CUSTOMER_OPTED_OUT]
)
def test_what_partner_or_customer_wanted_cannot_be_disputed(claim, partner, reason):
    user = cast.make_member(partner)
    Claim.objects.filter(pk=claim.pk).update(status=Status.REJECTED, rejection_reason=reason)

    assert "dispute_claim" not in list_actions(user, Claim.objects.get(pk=claim.pk))


def test_every_action_is_in_one_of_the_tables_above():
    known = set().union(
        *ADMIN_MAY.values(), *STAFF_MAY.values(), STAFF_ALWAYS, LEAD_ALWAYS, STAFF_WAITED_FOR
    )
    assert {name.split(".")[1] for name in {**PARTNER_ACTIONS, **STAFF_ACTIONS}} == known


class TestWhatIsVisible:
    def test_members_see_their_partners_claims_and_no_others(self, claim, partner):
        other = cast.make_partner("Litware")
        outsider = cast.make_member(other)

        assert list(visible.claims_visible_to(claim.created_by)) == [claim]
        assert list(visible.claims_visible_to(outsider)) == []

    def test_a_location_limits_what_is_seen(self, claim, partner):
        elsewhere = cast.LocationFactory(partner=partner)
        here = cast.make_member(partner, locations=[claim.location])
        there = cast.make_member(partner, locations=[elsewhere])
        nowhere = cast.make_member(partner, locations=[])

        assert list(visible.claims_visible_to(here)) == [claim]
        assert list(visible.claims_visible_to(there)) == []
        assert list(visible.claims_visible_to(nowhere)) == []

    def test_someone_at_two_partners_sees_both_or_the_chosen_one(self, claim, partner):
        other = cast.make_partner("Litware")
        user = cast.make_member(partner)
        cast.make_member(other, user=user)
        theirs = cast.make_draft(other, user, cast.make_tenant("other.example"))
        chosen = Membership.objects.get(user=user, partner=other)

        assert set(visible.claims_visible_to(user)) == {claim, theirs}
        assert list(visible.claims_visible_to(user, chosen)) == [theirs]

    def test_a_membership_of_someone_else_shows_nothing(self, claim):
        outsider = cast.UserFactory()
        stolen = claim.created_by.memberships.get()

        assert list(visible.claims_visible_to(outsider, stolen)) == []

    def test_drafts_are_not_for_staff(self, claim):
        assert list(visible.claims_for_review()) == []
        assert list(visible.documents_for_review(cast.make_reviewer())) == []

    def test_proof_is_for_members_and_reviewers(self, claim):
        reviewer = cast.make_reviewer()
        filed = cast.walk(claim, Status.SUBMITTED, actor=claim.created_by, reviewer=reviewer)
        document = filed.documents.get()

        assert list(visible.documents_visible_to(claim.created_by)) == [document]
        assert list(visible.documents_for_review(reviewer)) == [document]
        assert list(visible.documents_for_review(claim.created_by)) == []
        assert list(visible.documents_visible_to(reviewer)) == []
        assert list(visible.documents_visible_to(cast.UserFactory())) == []
        assert list(visible.documents_for_review(cast.UserFactory(is_staff=True))) == []

    def test_usage_needs_an_official_association_and_the_slot(self, claim):
        reviewer = cast.make_reviewer()
        owner = claim.created_by
        approved = cast.walk(claim, Status.APPROVED, actor=owner, reviewer=reviewer)
        assert list(visible.associations_with_usage_visible_to(owner)) == []

        cast._finalise(approved, owner, reviewer)
        assert visible.associations_with_usage_visible_to(owner).count() == 2
        assert visible.associations_with_usage_visible_to(reviewer).count() == 0

        cast._end(approved, owner, reviewer)
        assert list(visible.associations_with_usage_visible_to(owner)) == []


class TestContestedSlots:
    def test_another_partners_open_claim_contests_and_ones_own_does_not(self, claim):
        tenant = claim.tenant
        other = cast.make_partner("Litware")
        member = cast.make_member(other)
        keys = list(claim.associations.values_list("slot_key", flat=True))
        rival = cast.make_draft(other, member, tenant, codes=("teams",))
        assert (
            visible.find_contested_slots(claim.partner_id, keys, now=timezone.now()) == set()
        )  # only a draft yet

        cast.walk(rival, Status.SUBMITTED, actor=member, reviewer=None)

        contested = visible.find_contested_slots(claim.partner_id, keys, now=timezone.now())
        assert contested == {rival.associations.get().slot_key}
        assert visible.find_contested_slots(other.pk, keys, now=timezone.now()) == set()
        assert list(Claim.objects.filter(visible.rival_exists(now=timezone.now()))) == [claim]

    def test_a_rejected_claim_contests_no_more(self, claim):
        other = cast.make_partner("Litware")
        member = cast.make_member(other)
        rival = cast.make_draft(other, member, claim.tenant, codes=("teams",))
        cast.walk(rival, Status.REJECTED, actor=member, reviewer=cast.make_reviewer())

        keys = list(claim.associations.values_list("slot_key", flat=True))
        assert visible.find_contested_slots(claim.partner_id, keys, now=timezone.now()) == set()
