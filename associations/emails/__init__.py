"""One function per email about claims: whom it tells, what it says, and what makes it unique.

Each queues its email in the transaction of what it tells (safeguard 6). Its key names the occasion, mostly
by the number of a row of history: the same occasion queues one email, its second occurrence another.
"""

from .to_customer import customer_notice, describe_promise
from .to_everyone import association_ended, opt_out_taken_back, opted_out
from .to_partner import (
    claim_action_required,
    claim_approved,
    claim_official,
    claim_rejected,
    claim_set_aside,
    claim_submitted,
    comment_for_partner,
    customer_added,
    customer_declined,
    dispute_lost,
    draft_expires,
    notice_failed,
    notice_wrong_person,
    products_official,
)
from .to_staff import claim_disputed, comment_for_staff, comments_on_draft, partner_answered
from .wording import find_review_path

__all__ = [
    "association_ended",
    "claim_action_required",
    "claim_approved",
    "claim_disputed",
    "claim_official",
    "claim_rejected",
    "claim_set_aside",
    "claim_submitted",
    "comment_for_partner",
    "comment_for_staff",
    "comments_on_draft",
    "customer_added",
    "customer_declined",
    "customer_notice",
    "describe_promise",
    "dispute_lost",
    "draft_expires",
    "find_review_path",
    "notice_failed",
    "notice_wrong_person",
    "opt_out_taken_back",
    "opted_out",
    "partner_answered",
    "products_official",
]
