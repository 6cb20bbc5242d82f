"""The staff's side of a claim: begin, request information, approve, reject, decide a dispute (section 5).

Every function locks and re-reads the claim, refuses a reviewer with a stake in it [R19], and leaves
history and messages in the same transaction.
"""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from partners.rules import has_no_stake

from .. import emails
from ..claims import lifecycle
from ..claims.history import By, record_event
from ..claims.lifecycle import LifecycleError, lock_claim
from ..contests.rivals import takes_part
from ..customer import notices, registered
from ..enums import (
    REVIEWER_REJECTION_REASONS,
    AssociationStatus,
    EventKind,
    InformationReason,
    RejectionReason,
    Status,
)
from ..filing.submission import products_of
from ..filing.subscriptions import find_own_products
from ..models import Association, Claim


class ReviewerHasStake(LifecycleError):
    """Reviewers never review a claim of a partner they are a member of [R19]."""


@transaction.atomic
def begin_review(claim: Claim, *, actor, revision: int | None = None) -> Claim:
    """Take a submitted claim up; it is assigned to whoever begins unless somebody has it already."""
    fresh = _lock(claim, actor, revision)
    lifecycle.change_status(fresh, Status.UNDER_REVIEW, by=By.staff(actor))
    fresh.assigned_to = fresh.assigned_to or actor
    fresh.save(update_fields=["assigned_to"])
    return fresh


@transaction.atomic
def assign_claim(claim: Claim, *, actor) -> Claim:
    """Make ``actor`` the claim's reviewer [R15]."""
    fresh = _lock(claim, actor, None)
    if fresh.assigned_to_id != actor.pk:
        fresh.assigned_to = actor
        fresh.save(update_fields=["assigned_to"])
        record_event(fresh, EventKind.ASSIGNED, by=By.staff(actor), subjects=[str(actor)])
    return fresh


@transaction.atomic
def request_information(
    claim: Claim,
    *,
    actor,
    reasons: Collection[InformationReason],
    message: str,
    revision: int | None = None,
) -> Claim:
    """Ask the partner for more, naming one or more reasons [R17]."""
    fresh = _lock(claim, actor, revision)
    if not reasons:
        raise LifecycleError(_("Name at least one reason."))
    codes = [str(reason) for reason in reasons]
    lifecycle.change_status(
        fresh,
        Status.ACTION_REQUIRED,
        by=By.staff(actor),
        reason_code=",".join(codes),
        reason=message,
    )
    fresh.information_reasons = codes
    _keep_words(fresh, message)
    emails.claim_action_required(fresh, reasons=reasons, words=message)
    return fresh


@transaction.atomic
def approve_claim(
    claim: Claim,
    *,
    actor,
    exclude: Collection[Association] = (),
    words: str = "",
    confirmation: str = "",
    revision: int | None = None,
) -> Claim:
    """Approve the claim, without the products that the proof does not support, and queue the notice.

    ``confirmation`` says how the reviewer knows a contact who is outside the customer's domains, where
    the customer has no registered contact [R57]. Raises LifecycleError where that is missing or nothing
    would be left, MoveNotAllowed, or StaleClaim.
    """
    fresh = _lock(claim, actor, revision)
    lifecycle.require_status(fresh, Status.UNDER_REVIEW)
    _exclude(fresh, {each.pk for each in exclude}, by=By.staff(actor))
    return _approve(fresh, actor=actor, words=words, confirmation=confirmation)


@transaction.atomic
def confirm_contact(
    claim: Claim, *, actor, confirmation: str, revision: int | None = None
) -> Claim:
    """Say how one knows a contact that was corrected after approval; the notice then goes out [R57].

    Raises LifecycleError where nobody waits for it or ``confirmation`` says nothing, or StaleClaim.
    """
    fresh = _lock(claim, actor, revision)
    if not fresh.is_unconfirmed:
        raise LifecycleError(_("No contact of this claim waits to be confirmed."))
    registered.confirm_contacts(fresh, confirmation, by=By.staff(actor))
    notices.send_notices(fresh)
    return fresh


@transaction.atomic
def reject_claim(
    claim: Claim,
    *,
    actor,
    reason: RejectionReason,
    words: str,
    revision: int | None = None,
) -> Claim:
    """Reject the claim for one of the reasons a reviewer may give, in words the partner will read."""
    fresh = _lock(claim, actor, revision)
    if reason not in REVIEWER_REJECTION_REASONS:
        raise LifecycleError(_("Choose one of the reasons for a rejection."))
    lifecycle.change_status(
        fresh, Status.REJECTED, by=By.staff(actor), reason_code=reason, reason=words
    )
    _keep_words(fresh, words)
    emails.claim_rejected(fresh, words=words)
    return fresh


@transaction.atomic
def decide_dispute(
    claim: Claim,
    *,
    actor,
    accept: bool,
    words: str,
    exclude: Collection[Association] = (),
    confirmation: str = "",
    revision: int | None = None,
) -> Claim:
    """Accept a dispute, which approves the claim, or turn it down for good (section 3).

    ``exclude`` are the products that the proof does not support, and ``confirmation`` is the reviewer's
    word for a contact, as in an approval [R16], [R57]. Raises LifecycleError where it cannot be accepted:
    nothing would be left, that word is missing, or another claim of the partner took this one's place.
    """
    fresh = _lock(claim, actor, revision)
    lifecycle.require_status(fresh, Status.DISPUTE)
    if accept:
        _exclude(fresh, {each.pk for each in exclude}, by=By.staff(actor))
        _require_no_other(fresh)
        return _approve(fresh, actor=actor, words=words, confirmation=confirmation)
    lifecycle.change_status(fresh, Status.REJECTED_FINAL, by=By.staff(actor), reason=words)
    _keep_words(fresh, words)
    emails.dispute_lost(fresh, words=words)
    return fresh


def _require_no_other(claim: Claim) -> None:
    if own := find_own_products(claim):
        raise LifecycleError(
            _(
                "The dispute cannot be accepted as it is: by another claim, this partner holds or "
                "claims %(products)s already. Leave that out, or turn the dispute down."
            )
            % {"products": ", ".join(own)}
        )


def _approve(claim: Claim, *, actor, words: str, confirmation: str) -> Claim:
    registered.confirm_contacts(claim, confirmation, by=By.staff(actor))
    lifecycle.change_status(
        claim, Status.APPROVED, by=By.staff(actor), reason=words, subjects=products_of(claim)
    )
    _keep_words(claim, words)
    notices.queue_notices(claim)
    emails.claim_approved(claim, products=products_of(claim), words=words)
    return claim


def _keep_words(claim: Claim, words: str) -> None:
    """What the reviewer said last, for the partner's page; the history keeps all of it."""
    claim.reviewer_message = words
    claim.save(update_fields=["reviewer_message", "information_reasons"])


def _exclude(claim: Claim, excluded: set[int], *, by: By) -> None:
    asked_for = list(
        claim.associations.filter(status=AssociationStatus.PROPOSED).select_related("product")
    )
    gone = [each for each in asked_for if each.pk in excluded]
    if len(gone) == len(asked_for):
        raise LifecycleError(_("Leave at least one product, or reject the claim."))
    for association in gone:
        lifecycle.change_association(association, AssociationStatus.EXCLUDED)
    if gone:
        names = [str(each.product) for each in gone]
        record_event(claim, EventKind.EXCLUDED, by=by, subjects=names)


def _lock(claim: Claim, actor, revision: int | None) -> Claim:
    fresh = lock_claim(claim.pk)
    if not has_no_stake(actor, fresh):
        raise ReviewerHasStake(
            _("You are a member of this claim's partner, so somebody else must review it.")
        )
    if takes_part(actor, fresh):
        raise ReviewerHasStake(
            _(
                "You are a member of a partner with a stake in this claim, so someone else must "
                "review it."
            )
        )
    lifecycle.require_revision(fresh, revision)
    return fresh
