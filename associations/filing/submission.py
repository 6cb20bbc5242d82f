"""The partner's side of a claim: submit, answer, withdraw (sections 3 and 4).

Every function takes the claim as the page knew it, locks and re-reads it, checks, writes, and leaves
history and messages in the same transaction. ``revision`` is what the page was shown with; a claim
that somebody else changed meanwhile raises StaleClaim.
"""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from .. import emails
from ..claims import lifecycle, staff_notes
from ..claims.history import SYSTEM, By
from ..claims.lifecycle import LifecycleError, lock_claim
from ..enums import Actor, AssociationStatus, ContactRole, RejectionReason, Status
from ..models import Claim
from .comments import add_comment, tell_of_draft
from .contacts import describe_wrong_side
from .programs import find_missing_enrollments
from .subscriptions import find_unfit

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


TOO_LATE_TO_ANSWER = _(
    "The time to answer is over. The claim is about to be rejected; you can then dispute that once, "
    "with what you meant to answer."
)


#: In ``Claim.typed``: words of an answer that is not sent yet.
ANSWER = "answer"


class ClaimIncomplete(LifecycleError):
    """The claim cannot be submitted yet; ``missing`` names the pages and what they lack."""

    def __init__(self, missing: "dict[str, StrOrPromise]"):
        self.missing = missing
        super().__init__(_("This claim is not complete yet."))


@transaction.atomic
def submit_claim(claim: Claim, *, actor, comment: str = "", revision: int | None = None) -> Claim:
    """Hand the claim to the reviewers. A second click finds it submitted and changes nothing [R14].

    ``comment`` goes with it. Raises ClaimIncomplete with what is missing, MoveNotAllowed, or
    StaleClaim.
    """
    fresh = lock_claim(claim.pk)
    if fresh.status == Status.SUBMITTED:
        return fresh
    lifecycle.require_revision(fresh, revision)
    missing = find_missing(fresh, reader=actor)
    if missing:
        raise ClaimIncomplete(missing)
    if comment:
        add_comment(fresh, actor=actor, side=Actor.PARTNER, text=comment)
    fresh.typed = {}
    fresh.submitted_at = lifecycle.clock.now()
    fresh.save(update_fields=["typed", "submitted_at"])
    lifecycle.change_status(
        fresh, Status.SUBMITTED, by=By.partner(actor), subjects=products_of(fresh)
    )
    emails.claim_submitted(fresh, products=products_of(fresh))
    tell_of_draft(fresh)
    return fresh


@transaction.atomic
def answer_request(claim: Claim, *, actor, answer: str = "", revision: int | None = None) -> Claim:
    """Answer a reviewer's request: back under review, with a full new window for staff.

    Raises ClaimIncomplete, MoveNotAllowed or StaleClaim; LifecycleError where the time is over,
    whether or not the sweep has been there [R4].
    """
    fresh = lock_claim(claim.pk)
    lifecycle.require_revision(fresh, revision)
    lifecycle.require_status(fresh, Status.ACTION_REQUIRED)
    if is_unanswered(fresh):
        raise LifecycleError(TOO_LATE_TO_ANSWER)
    missing = find_missing(fresh)
    if missing:
        raise ClaimIncomplete(missing)
    fresh.typed = {}
    fresh.save(update_fields=["typed"])
    lifecycle.change_status(fresh, Status.UNDER_REVIEW, by=By.partner(actor), reason=answer)
    emails.partner_answered(fresh, answer=answer)
    return fresh


@transaction.atomic
def withdraw_claim(claim: Claim, *, actor, reason: str, revision: int | None = None) -> Claim:
    """Take the claim back, for good [R2]; links already sent to the customer stop working [R25]."""
    fresh = lock_claim(claim.pk)
    lifecycle.require_revision(fresh, revision)
    staff_notes.settle_unconfirmed(fresh)
    return lifecycle.change_status(
        fresh,
        Status.REJECTED,
        by=By.partner(actor),
        reason_code=RejectionReason.PARTNER_REQUEST,
        reason=reason,
    )


@transaction.atomic
def close_unanswered(claim_id: int) -> bool:
    """Reject a claim whose partner let the time pass [R4]; False where that is not so (any more)."""
    fresh = lock_claim(claim_id)
    if not is_unanswered(fresh):
        return False
    reason = RejectionReason.NO_PARTNER_RESPONSE
    lifecycle.change_status(fresh, Status.REJECTED, by=SYSTEM, reason_code=reason)
    emails.claim_rejected(fresh)
    return True


def is_unanswered(claim: Claim) -> bool:
    """Has the partner let the time pass in which to answer a request [R4]?"""
    overdue = claim.due_at is not None and claim.due_at <= lifecycle.clock.now()
    return claim.status == Status.ACTION_REQUIRED and overdue


def reject_refused(claim: Claim) -> None:
    """Reject a locked, approved claim: the customer refused all of it, for good [R23]."""
    reason = RejectionReason.CUSTOMER_OPTED_OUT
    lifecycle.change_status(claim, Status.REJECTED, by=SYSTEM, reason_code=reason)
    emails.claim_rejected(claim)


def find_missing(claim: Claim, *, reader=None) -> "dict[str, StrOrPromise]":
    """Return what a claim lacks before it can be handed over: page → what is missing there.

    What depends on today (enrollments, subscriptions) is asked of a draft alone: the partner of a
    submitted claim could not cure it, and would lose the claim for want of an answer. ``reader`` is told
    which of the company's claims already cover a product, where they may see them.
    """
    checks = {
        "customer": (claim.tenant_id, _("The customer is not named yet.")),
        "work": (claim.solution_area and claim.activity and claim.name, _("Say what you did.")),
        "products": (claim.associations.exists(), _("Choose at least one product.")),
        "contacts": (_has_all_contacts(claim), _("A contact is missing.")),
        "proof": (
            claim.documents.filter(withdrawn_at=None).exists(),
            _("Add at least one file of proof."),
        ),
    }
    missing: dict[str, StrOrPromise] = {
        page: words for page, (is_there, words) in checks.items() if not is_there
    }
    if "work" not in missing and claim.is_draft and _lacks_enrollment(claim):
        missing["work"] = _("The location is not enrolled in the program of this work today.")
    if "products" not in missing and claim.is_draft and (unfit := find_unfit(claim, reader=reader)):
        missing["products"] = " ".join(f"{name}: {words}" for name, words in unfit.items())
    if "contacts" not in missing and claim.is_editable and (wrong := _find_wrong_side(claim)):
        missing["contacts"] = " ".join(str(words) for words in wrong)
    for page in (checks.keys() - missing.keys()) & claim.typed.keys():
        missing[page] = _("What you typed there is not saved yet. Open the page to check it.")
    return missing


def roles_needed(claim: Claim) -> tuple[str, ...]:
    """Whose contact page 4 asks for: a technical contact too for Business Applications."""
    if claim.solution_area == "business-applications":
        return (ContactRole.CUSTOMER, ContactRole.TECHNICAL, ContactRole.PARTNER)
    return (ContactRole.CUSTOMER, ContactRole.PARTNER)


def products_of(claim: Claim) -> tuple[str, ...]:
    """Names of the products that the claim still asks for, or holds."""
    rows = claim.associations.exclude(status=AssociationStatus.EXCLUDED)
    return tuple(str(each.product) for each in rows.select_related("product"))


def _has_all_contacts(claim: Claim) -> bool:
    there = set(claim.contacts.values_list("role", flat=True))
    facts = (claim.solution_seller, claim.revenue_customer_name, claim.isv_product)
    return there.issuperset(roles_needed(claim)) and (not claim.is_revenue or all(facts))


def _find_wrong_side(claim: Claim) -> "list[StrOrPromise]":
    """What is wrong with the customer's contacts now; the partner's domains may be new [R10]."""
    people = {each.role: each for each in claim.contacts.filter(role__in=roles_needed(claim))}
    partner_email = people.pop(ContactRole.PARTNER).email
    described = (
        describe_wrong_side(claim.partner, each.email, partner_email=partner_email)
        for each in people.values()
    )
    return [words for words in described if words]


def _lacks_enrollment(claim: Claim) -> bool:
    return bool(find_missing_enrollments(claim.location, claim.solution_area, claim.activity))
