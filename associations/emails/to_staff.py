"""Emails to the claim's reviewer, or to the operator's support if it has none."""

from collections.abc import Sequence

from ..enums import ClaimEmail
from ..models import Claim, Comment
from .recipients import find_staff_recipient
from .wording import Value, absolute, describe_claim, find_review_path, queue


def partner_answered(claim: Claim, *, answer: str) -> None:
    """Say that the partner answered a request, so that the review can continue."""
    _tell_staff(
        ClaimEmail.PARTNER_ANSWERED,
        claim,
        key=f"partner-answered:{claim.pk}:{claim.history_length}",
        partner=str(claim.partner),
        answer=answer,
    )


def claim_disputed(claim: Claim, *, justification: str, newer_proof: Sequence[str]) -> None:
    """Say that the partner disputes the rejection, with their justification and new files [R2]."""
    _tell_staff(
        ClaimEmail.CLAIM_DISPUTED,
        claim,
        key=f"claim-disputed:{claim.pk}:{claim.history_length}",
        partner=str(claim.partner),
        justification=justification,
        newer_proof=", ".join(newer_proof),
    )


def comment_for_staff(claim: Claim, comment: Comment) -> None:
    """Send a comment by the partner to staff [R18]."""
    key = f"comment:{comment.pk}"
    _pass_on(claim, key=key, author=str(comment.author), text=comment.text)


def comments_on_draft(claim: Claim, comments: Sequence[Comment]) -> None:
    """Send, in one email, the comments that the partner wrote before submitting the claim [R18]."""
    authors = dict.fromkeys(str(each.author) for each in comments)
    _pass_on(
        claim,
        key=f"comments-submitted:{claim.pk}:{claim.history_length}",
        author=", ".join(authors),
        text="\n\n".join(each.text for each in comments),
    )


def staff_opted_out(claim: Claim, *, key: str, **values: Value) -> None:
    """Say what the customer refused [R23]; ``values`` come from ``to_everyone``."""
    _tell_staff(ClaimEmail.STAFF_OPTED_OUT, claim, key=key, partner=str(claim.partner), **values)


def staff_opt_out_taken_back(claim: Claim, *, key: str, products: str) -> None:
    """Say which refusals the customer took back [R23]."""
    _tell_staff(
        ClaimEmail.STAFF_OPT_OUT_TAKEN_BACK,
        claim,
        key=key,
        partner=str(claim.partner),
        products=products,
    )


def staff_association_ended(claim: Claim, *, key: str, products: str, reason: str) -> None:
    """Say which associations the customer ended [R24]."""
    _tell_staff(
        ClaimEmail.STAFF_ASSOCIATION_ENDED,
        claim,
        key=key,
        partner=str(claim.partner),
        products=products,
        reason=reason,
    )


def _pass_on(claim: Claim, *, key: str, author: str, text: str) -> None:
    _tell_staff(ClaimEmail.COMMENT_FOR_STAFF, claim, key=key, author=author, text=text)


def _tell_staff(kind: ClaimEmail, claim: Claim, *, key: str, **values: Value) -> None:
    facts = describe_claim(claim) | {"url": absolute(find_review_path(claim))}
    queue(kind, key=key, to=find_staff_recipient(claim), values={**facts, **values})
