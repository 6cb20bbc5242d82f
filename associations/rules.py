"""What may be done with a claim: the roles of ``partners.rules`` joined with the claim's status.

Views, templates and admin ask for these names through ``user.has_perm(name, claim)``. They say who may;
the domain functions check the status again under a lock.
"""

import rules
from django.utils import timezone

from partners.rules import (
    assigns_claims,
    has_no_stake,
    is_incentives_admin,
    is_member,
    is_reviewer,
)

from .enums import EDITABLE_STATUSES, AssociationStatus, Status


def stands_at(*statuses: Status) -> rules.Predicate:
    """A predicate: the claim has one of these statuses."""
    wanted = frozenset(statuses)
    return rules.predicate(
        lambda user, claim: claim.status in wanted, name="stands_at:" + ",".join(sorted(wanted))
    )


@rules.predicate
def is_disputable(user, claim) -> bool:
    return claim.is_disputable


@rules.predicate
def is_unanswered(user, claim) -> bool:
    """Is it too late to answer? The sweep that closes such claims may not have been there yet."""
    return claim.is_unanswered(at=timezone.now())  # a predicate is handed no instant


@rules.predicate
def has_unconfirmed_contact(user, claim) -> bool:
    return claim.is_unconfirmed


@rules.predicate
def is_official_association(user, association) -> bool:
    return association.status == AssociationStatus.OFFICIAL


EDITABLE = stands_at(*EDITABLE_STATUSES)
#: What was handed over is changed by those who may hand over; a draft by everybody who prepares it.
HANDED_OVER = EDITABLE & ~stands_at(Status.EDITING)
may_edit = is_incentives_admin | (is_member & ~HANDED_OVER)
#: What is over can be claimed again; what was once complete can be used for another customer.
CLOSED = stands_at(Status.REJECTED, Status.REJECTED_FINAL, Status.ENDED)
WITHDRAWABLE = stands_at(
    Status.SUBMITTED, Status.UNDER_REVIEW, Status.ACTION_REQUIRED, Status.APPROVED
)

#: Name → (who, when). ``who`` decides 404 or 403 [R43]; ``when`` decides what is offered now.
PARTNER_ACTIONS = {
    "associations.edit_claim": (may_edit, EDITABLE),
    "associations.add_proof": (is_member, EDITABLE),
    "associations.ask_for_customer": (may_edit, stands_at(Status.EDITING)),
    "associations.discard_claim": (is_member, stands_at(Status.EDITING)),
    "associations.comment_claim": (is_member, rules.always_true),
    "associations.submit_claim": (is_incentives_admin, stands_at(Status.EDITING)),
    "associations.answer_claim": (
        is_incentives_admin,
        stands_at(Status.ACTION_REQUIRED) & ~is_unanswered,
    ),
    "associations.withdraw_claim": (is_incentives_admin, WITHDRAWABLE),
    "associations.dispute_claim": (is_incentives_admin, is_disputable),
    "associations.correct_contact": (is_incentives_admin, stands_at(Status.APPROVED)),
    # Nearly always: the mediation decides when, not the claim (``contests.sides``).
    "associations.state_case": (is_incentives_admin, ~stands_at(Status.EDITING)),
    "associations.dispute_case": (is_incentives_admin, ~stands_at(Status.EDITING)),
    "associations.claim_again": (is_member, CLOSED),
    "associations.claim_for_another": (is_member, CLOSED | stands_at(Status.OFFICIAL)),
}

may_review = is_reviewer & has_no_stake

STAFF_ACTIONS = {
    # Section 3 also lets staff accept a dispute for reading, which brings the claim back under review. The
    # lifecycle knows that move, but no page offers it: “Decide dispute” reads and decides in one step.
    "associations.begin_review": (may_review, stands_at(Status.SUBMITTED)),
    "associations.request_information": (may_review, stands_at(Status.UNDER_REVIEW)),
    "associations.approve_claim": (may_review, stands_at(Status.UNDER_REVIEW)),
    "associations.reject_claim": (may_review, stands_at(Status.UNDER_REVIEW)),
    "associations.decide_dispute": (may_review, stands_at(Status.DISPUTE)),
    "associations.confirm_contact": (may_review, has_unconfirmed_contact),
    "associations.assign_claim": (may_review, rules.always_true),
    "associations.assign_colleague": (assigns_claims & has_no_stake, rules.always_true),
    "associations.staff_comment_claim": (may_review, rules.always_true),
    "associations.note_claim": (may_review, rules.always_true),
}

for _name, (_who, _when) in {**PARTNER_ACTIONS, **STAFF_ACTIONS}.items():
    rules.add_perm(_name, _who & _when)

rules.add_perm("associations.see_claim", is_member)
rules.add_perm("associations.see_usage", is_member & is_official_association)


def who_may(action: str) -> rules.Predicate:
    """The role part of an action, without the status [R43]."""
    return {**PARTNER_ACTIONS, **STAFF_ACTIONS}[action][0]


def list_actions(user, claim) -> set[str]:
    """The partner's actions that are open to ``user`` on ``claim`` now, by short name."""
    return {
        name.removeprefix("associations.") for name in PARTNER_ACTIONS if user.has_perm(name, claim)
    }
