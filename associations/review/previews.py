"""What the partner would read of a decision that is not made yet: the email, word for word [R64]."""

import datetime as dt
from collections.abc import Collection

from notifications.outbox import Recipient
from notifications.words.blocks import Letter

from .. import emails
from ..claims.foreseen import foresee
from ..enums import ClaimEmail, InformationReason, RejectionReason, Status
from ..models import Claim


def preview_request(
    claim: Claim,
    *,
    reasons: Collection[InformationReason],
    words: str,
    to: Recipient,
    now: dt.datetime,
) -> Letter:
    """Return the email with which ``request_information`` would ask the partner."""
    later = foresee(claim, Status.ACTION_REQUIRED, now=now)
    values = emails.values_of_request(later, reasons=reasons, words=words)
    return emails.preview_to_contact(ClaimEmail.CLAIM_ACTION_REQUIRED, later, to=to, values=values)


def preview_approval(
    claim: Claim, *, products: Collection[str], words: str, to: Recipient, now: dt.datetime
) -> Letter:
    """Return the email about an approval of ``products``, a dispute's too."""
    later = foresee(claim, Status.APPROVED, now=now)
    values = emails.values_of_approval(products=products, words=words)
    return emails.preview_to_contact(ClaimEmail.CLAIM_APPROVED, later, to=to, values=values)


def preview_rejection(
    claim: Claim, *, reason: RejectionReason, words: str, to: Recipient, now: dt.datetime
) -> Letter:
    """Return the email about a rejection."""
    later = foresee(claim, Status.REJECTED, reason_code=reason, now=now)
    values = emails.values_of_rejection(later, words=words, now=now)
    return emails.preview_to_contact(ClaimEmail.CLAIM_REJECTED, later, to=to, values=values)


def preview_lost_dispute(claim: Claim, *, words: str, to: Recipient, now: dt.datetime) -> Letter:
    """Return the email about a dispute that is rejected."""
    later = foresee(claim, Status.REJECTED_FINAL, now=now)
    return emails.preview_to_contact(ClaimEmail.DISPUTE_LOST, later, to=to, values={"words": words})
