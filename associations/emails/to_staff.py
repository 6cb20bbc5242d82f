"""Emails to the claim's reviewer, or to the operator's support if it has none."""

from collections.abc import Sequence

from ..enums import Actor, ClaimEmail
from ..models import Claim, Comment
from .recipients import find_staff_recipient
from .wording import Value, absolute, describe_claim, name_step, queue, say_stand


def partner_answered(claim: Claim, *, answer: str) -> None:
    """Say that the partner answered a request, so that the review can continue."""
    tell_staff(ClaimEmail.PARTNER_ANSWERED, claim, partner=str(claim.partner), answer=answer)


def claim_disputed(claim: Claim, *, justification: str, newer_proof: Sequence[str]) -> None:
    """Say that the partner disputes the rejection, with their justification and new files [R2]."""
    tell_staff(
        ClaimEmail.CLAIM_DISPUTED,
        claim,
        partner=str(claim.partner),
        justification=justification,
        newer_proof=", ".join(newer_proof),
    )


def comment_for_staff(claim: Claim, comment: Comment) -> None:
    """Send a comment by the partner to staff [R18]."""
    tell_staff(
        ClaimEmail.COMMENT_FOR_STAFF,
        claim,
        key=f"comment:{comment.pk}",
        stand=say_stand(claim, reader=Actor.STAFF, at=comment.created_at),
        author=str(comment.author),
        text=comment.text,
    )


def comments_on_draft(claim: Claim, comments: Sequence[Comment]) -> None:
    """Send, in one email, the comments that the partner wrote before submitting the claim [R18]."""
    authors = dict.fromkeys(str(each.author) for each in comments)
    tell_staff(
        ClaimEmail.COMMENT_FOR_STAFF,
        claim,
        key=f"comments-submitted:{claim.pk}:{claim.history_length}",
        author=", ".join(authors),
        text="\n\n".join(each.text for each in comments),
    )


def tell_staff(kind: ClaimEmail, claim: Claim, *, key: str = "", **values: Value) -> None:
    """Queue an email to staff; without a ``key`` it is about the claim's newest step."""
    facts = describe_claim(claim) | {"url": absolute(claim.get_admin_url())}
    facts["stand"] = say_stand(claim, reader=Actor.STAFF)
    key = key or name_step(kind, claim)
    queue(kind, key=key, to=find_staff_recipient(claim), values={**facts, **values})
