"""Emails to the claim's reviewer, or to the operator's support if it has none."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from partners.models import User

from ..display.sentences import describe_due
from ..enums import STAFF_STATUSES, Actor, ClaimEmail
from ..models import Claim, Comment
from .recipients import address_person, find_staff_recipient
from .wording import Value, absolute, describe_claim, name_step, name_window, queue, say_stand


def partner_answered(claim: Claim, *, answer: str) -> None:
    """Say that the partner answered a request, so that the review can continue."""
    tell_staff(ClaimEmail.PARTNER_ANSWERED, claim, partner=str(claim.partner), answer=answer)


def claim_assigned(claim: Claim, *, assigned_by: str) -> None:
    """Tell the claim's new reviewer who assigned it to them, and by when staff must act [R62]."""
    tell_staff(
        ClaimEmail.CLAIM_ASSIGNED,
        claim,
        partner=str(claim.partner),
        assigned_by=assigned_by,
        status=lambda: str(claim.get_status_display()),
        deadline=lambda: describe_due(claim) if claim.status in STAFF_STATUSES else "",
    )


def review_due_soon(claim: Claim, reviewer: User) -> None:
    """Remind the reviewer of a deadline that is near; once in its window [R61]."""
    _remind(ClaimEmail.REVIEW_DUE_SOON, claim, reviewer)


def review_late(claim: Claim, reviewer: User) -> None:
    """Remind the reviewer of a deadline that has passed; once in its window [R61]."""
    _remind(ClaimEmail.REVIEW_LATE, claim, reviewer)


def review_escalated(claim: Claim, lead: User) -> None:
    """Tell a review lead of a claim that stays late; once in its window [R61]."""
    reviewer = claim.assigned_to
    _remind(ClaimEmail.REVIEW_ESCALATED, claim, lead, reviewer=str(reviewer or "") or _("No one"))


def _remind(kind: ClaimEmail, claim: Claim, person: User, **values: Value) -> None:
    queue(
        kind,
        key=f"{name_window(kind, claim)}:{person.pk}",
        to=address_person(person),
        values={
            **describe_claim(claim),
            "url": absolute(claim.get_admin_url()),
            "stand": say_stand(claim, reader=Actor.STAFF),
            "partner": str(claim.partner),
            "status": lambda: str(claim.get_status_display()),
            "deadline": lambda: describe_due(claim),
            **values,
        },
    )


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
        author=comment.signature,
        text=comment.text,
    )


def comments_on_draft(claim: Claim, comments: Sequence[Comment]) -> None:
    """Send, in one email, the comments that the partner wrote before submitting the claim [R18]."""
    authors = dict.fromkeys(each.signature for each in comments)
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
