"""The partner's side of a claim: submit, answer, withdraw (sections 3 and 4).

Every function takes the claim as the page knew it, locks and re-reads it, checks, and writes claim,
history and emails in the same transaction. ``revision`` is the one that the page showed; StaleClaim is
raised if the claim has changed since.
"""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from .. import emails
from ..claims import lifecycle, staff_notes
from ..claims.history import SYSTEM, By
from ..claims.lifecycle import LifecycleError, hold_claim
from ..contests import cases
from ..enums import Actor, RejectionReason, Status
from ..models import Claim
from .comments import tell_of_draft, write_comment
from .completeness import require_complete

TOO_LATE_TO_ANSWER = _(
    "The deadline to answer has passed. The claim will be rejected shortly; you can then dispute "
    "the rejection once, with what you wanted to answer."
)


#: Key in ``Claim.typed`` of an answer that has not been sent yet.
ANSWER = "answer"


def submit_claim(
    claim: Claim, *, actor, now: dt.datetime, comment: str = "", revision: int | None = None
) -> Claim:
    """Submit the claim to the reviewers. A second click finds it submitted and changes nothing [R14].

    ``comment`` is added to it. Raise ClaimIncomplete with what is missing, MoveNotAllowed, or
    StaleClaim.
    """
    with hold_claim(claim.pk) as held:
        if held.status == Status.SUBMITTED:
            return held
        lifecycle.require_revision(held, revision)
        require_complete(held, reader=actor, now=now)
        if comment:
            write_comment(held, actor=actor, side=Actor.PARTNER, text=comment, now=now)
        held.typed = {}
        held.submitted_at = now
        held.write("typed", "submitted_at")
        products = held.list_products()
        lifecycle.change_status(
            held, Status.SUBMITTED, by=By.partner(actor), subjects=products, now=now
        )
        emails.claim_submitted(held, products=products)
        tell_of_draft(held)
        cases.come_to_slots(held, now=now)
    return held


def answer_request(
    claim: Claim, *, actor, now: dt.datetime, answer: str = "", revision: int | None = None
) -> Claim:
    """Answer a reviewer's request: the claim is under review again, with the full time for staff.

    Raise ClaimIncomplete, MoveNotAllowed or StaleClaim, or LifecycleError if the deadline has passed,
    whether or not the sweep has already closed the claim [R4].
    """
    with hold_claim(claim.pk) as held:
        lifecycle.require_revision(held, revision)
        lifecycle.require_status(held, Status.ACTION_REQUIRED)
        if held.is_unanswered(at=now):
            raise LifecycleError(TOO_LATE_TO_ANSWER)
        require_complete(held, now=now)
        held.typed = {}
        held.write("typed")
        lifecycle.change_status(
            held, Status.UNDER_REVIEW, by=By.partner(actor), reason=answer, now=now
        )
        emails.partner_answered(held, answer=answer)
    return held


def withdraw_claim(
    claim: Claim, *, actor, reason: str, now: dt.datetime, revision: int | None = None
) -> Claim:
    """Withdraw the claim permanently [R2]; links already sent to the customer stop working [R25]."""
    with hold_claim(claim.pk) as held:
        lifecycle.require_revision(held, revision)
        staff_notes.settle_unconfirmed(held)
        lifecycle.change_status(
            held,
            Status.REJECTED,
            by=By.partner(actor),
            reason_code=RejectionReason.PARTNER_REQUEST,
            reason=reason,
            now=now,
        )
    return held


def close_unanswered(claim_id: int, *, now: dt.datetime) -> bool:
    """Reject a claim whose partner missed the deadline to answer [R4]; return False if it did not."""
    with hold_claim(claim_id) as held:
        if not held.is_unanswered(at=now):
            return False
        reason = RejectionReason.NO_PARTNER_RESPONSE
        lifecycle.change_status(held, Status.REJECTED, by=SYSTEM, reason_code=reason, now=now)
        emails.claim_rejected(held, now=now)
    return True


def reject_refused(claim: Claim, *, now: dt.datetime) -> None:
    """Reject a locked, approved claim: the customer refused all of it, which is now final [R23]."""
    reason = RejectionReason.CUSTOMER_OPTED_OUT
    lifecycle.change_status(claim, Status.REJECTED, by=SYSTEM, reason_code=reason, now=now)
    emails.claim_rejected(claim, now=now)
