"""The staff's side of a claim: begin, request information, approve, reject, decide a dispute (section 5).

Every function locks and re-reads the claim, refuses a reviewer with a stake in it [R19], and writes
claim, history and emails in the same transaction.
"""

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partners.rules import has_no_stake

from .. import emails
from ..claims import lifecycle
from ..claims.history import By, record_event
from ..claims.lifecycle import LifecycleError
from ..contests import cases, settling
from ..contests.naming import require_silent
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
from ..filing.own_claims import find_own_products
from ..models import Association, Claim


class ReviewerHasStake(LifecycleError):
    """Reviewers never review a claim in which a partner of theirs has a stake [R19]."""


def begin_review(claim: Claim, *, actor, now: dt.datetime, revision: int | None = None) -> Claim:
    """Start the review of a submitted claim, and assign it to ``actor`` unless it has a reviewer."""
    with hold_for_review(claim, actor, revision, now=now) as held:
        lifecycle.change_status(held, Status.UNDER_REVIEW, by=By.staff(actor), now=now)
        held.assigned_to = held.assigned_to or actor
        held.write("assigned_to")
    return held


def request_information(
    claim: Claim,
    *,
    actor,
    reasons: Collection[InformationReason],
    message: str,
    now: dt.datetime,
    revision: int | None = None,
) -> Claim:
    """Ask the partner for more information, giving one or more reasons [R17]."""
    codes = [str(reason) for reason in reasons]
    with hold_for_review(claim, actor, revision, now=now) as held:
        if not codes:
            raise LifecycleError(_("Select at least one reason."))
        lifecycle.change_status(
            held,
            Status.ACTION_REQUIRED,
            by=By.staff(actor),
            reason_code=",".join(codes),
            reason=message,
            now=now,
        )
        held.information_reasons = codes
        held.write("information_reasons")
        _keep_words(held, message)
        emails.claim_action_required(held, reasons=reasons, words=message)
    return held


def approve_claim(
    claim: Claim,
    *,
    actor,
    now: dt.datetime,
    exclude: Collection[Association] = (),
    words: str = "",
    confirmation: str = "",
    revision: int | None = None,
) -> Claim:
    """Approve the claim and queue the notice; ``exclude`` holds products that the proof does not support.

    ``confirmation`` says how the reviewer knows a contact outside the customer's domains, if the customer
    has no registered contact [R57]. Raise LifecycleError if that is missing or no product would be left,
    StillContested if a product is kept that another partner holds or claims [R33], MoveNotAllowed, or
    StaleClaim.
    """
    settling.catch_up(claim, now=now)
    with hold_for_review(claim, actor, revision, now=now) as held:
        lifecycle.require_status(held, Status.UNDER_REVIEW)
        _exclude(held, {each.pk for each in exclude}, by=By.staff(actor), now=now)
        _approve(held, actor=actor, words=words, confirmation=confirmation, now=now)
    return held


def confirm_contact(
    claim: Claim, *, actor, confirmation: str, now: dt.datetime, revision: int | None = None
) -> Claim:
    """Confirm a contact that was corrected after approval, and send the notice [R57].

    ``confirmation`` says how the reviewer knows the contact. Raise LifecycleError if it is empty or no
    contact is waiting for it, or StaleClaim.
    """
    with hold_for_review(claim, actor, revision, now=now) as held:
        if not held.is_unconfirmed:
            raise LifecycleError(_("No contact of this claim is waiting to be confirmed."))
        registered.confirm_contacts(held, confirmation, by=By.staff(actor), now=now)
        notices.send_notices(held, now=now)
    return held


def reject_claim(
    claim: Claim,
    *,
    actor,
    reason: RejectionReason,
    words: str,
    now: dt.datetime,
    revision: int | None = None,
) -> Claim:
    """Reject the claim for one of the reviewers' reasons; the partner will read ``words``."""
    with hold_for_review(claim, actor, revision, now=now) as held:
        if reason not in REVIEWER_REJECTION_REASONS:
            raise LifecycleError(_("Choose one of the reasons for a rejection."))
        lifecycle.change_status(
            held, Status.REJECTED, by=By.staff(actor), reason_code=reason, reason=words, now=now
        )
        _keep_words(held, words)
        emails.claim_rejected(held, words=words, now=now)
    return held


def decide_dispute(
    claim: Claim,
    *,
    actor,
    accept: bool,
    words: str,
    now: dt.datetime,
    exclude: Collection[Association] = (),
    confirmation: str = "",
    revision: int | None = None,
) -> Claim:
    """Accept a dispute, which approves the claim, or reject it permanently (section 3).

    ``exclude`` and ``confirmation`` are as in ``approve_claim`` [R16], [R57]. Raise LifecycleError if the
    dispute cannot be accepted: no product would be left, the confirmation is missing, another claim of
    the partner already covers the products, or a mediation about them is not decided for it.
    """
    settling.catch_up(claim, now=now)
    with hold_for_review(claim, actor, revision, now=now) as held:
        lifecycle.require_status(held, Status.DISPUTE)
        if accept:
            _exclude(held, {each.pk for each in exclude}, by=By.staff(actor), now=now)
            _require_no_other(held, now=now)
            _approve(held, actor=actor, words=words, confirmation=confirmation, now=now)
        else:
            _turn_down(held, actor=actor, words=words, now=now)
    return held


def _turn_down(claim: Claim, *, actor, words: str, now: dt.datetime) -> None:
    lifecycle.change_status(claim, Status.REJECTED_FINAL, by=By.staff(actor), reason=words, now=now)
    _keep_words(claim, words)
    emails.dispute_lost(claim, words=words)


def _require_no_other(claim: Claim, *, now: dt.datetime) -> None:
    if own := find_own_products(claim, now=now):
        raise LifecycleError(
            _(
                "The dispute can't be accepted as it is: another claim of this partner already "
                "covers %(products)s. Leave that out, or reject the dispute."
            )
            % {"products": ", ".join(own)}
        )


def _approve(claim: Claim, *, actor, words: str, confirmation: str, now: dt.datetime) -> None:
    if against := cases.find_against(claim):
        raise cases.StillContested(against)
    registered.confirm_contacts(claim, confirmation, by=By.staff(actor), now=now)
    products = claim.list_products()
    lifecycle.change_status(
        claim, Status.APPROVED, by=By.staff(actor), reason=words, subjects=products, now=now
    )
    _keep_words(claim, words)
    notices.queue_notices(claim, now=now)
    emails.claim_approved(claim, products=products, words=words)


def _keep_words(claim: Claim, words: str) -> None:
    """Store the reviewer's latest message for the partner's page; the history keeps them all.

    Raise NamesASide if it tells the partner who else is in a mediation [R33].
    """
    require_silent(words, to=claim)
    claim.reviewer_message = words
    claim.write("reviewer_message")


def _exclude(claim: Claim, excluded: set[int], *, by: By, now: dt.datetime) -> None:
    asked_for = list(
        claim.associations.filter(status=AssociationStatus.PROPOSED).select_related("product")
    )
    gone = [each for each in asked_for if each.pk in excluded]
    if len(gone) == len(asked_for):
        raise LifecycleError(_("Keep at least one product, or reject the claim."))
    for association in gone:
        lifecycle.change_association(association, AssociationStatus.EXCLUDED, now=now)
    if gone:
        names = [str(each.product) for each in gone]
        record_event(claim, EventKind.EXCLUDED, by=by, subjects=names, now=now)


def explain_stake(user, claim: Claim, *, now: dt.datetime) -> str | Promise:
    """Say why ``user`` must not decide on the claim; return "" if they have no stake in it [R19]."""
    if not has_no_stake(user, claim):
        return _("You are a member of this claim's partner, so someone else must review it.")
    if takes_part(user, claim, now=now):
        return _(
            "You are a member of a partner with a stake in this claim, so someone else must "
            "review it."
        )
    return ""


@contextmanager
def hold_for_review(
    claim: Claim, actor, revision: int | None, *, now: dt.datetime
) -> Iterator[Claim]:
    """Hold a claim for an act of staff; raise ReviewerHasStake or StaleClaim [R19]."""
    with lifecycle.hold_claim(claim.pk) as held:
        if words := explain_stake(actor, held, now=now):
            raise ReviewerHasStake(words)
        lifecycle.require_revision(held, revision)
        yield held
