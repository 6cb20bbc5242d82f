"""Comments by partner and staff on a claim; each new one is emailed to the other side [R18]."""

import datetime as dt

from .. import emails
from ..claims.lifecycle import hold_claim
from ..contests.naming import require_silent
from ..enums import Actor
from ..models import Claim, Comment, InternalNote

SECOND_CLICK = dt.timedelta(seconds=30)


def add_comment(claim: Claim, *, actor, side: Actor, text: str, now: dt.datetime) -> Comment:
    """Add a comment from ``side`` (partner or staff) and queue an email to the other.

    Locks the claim; see ``write_comment``.
    """
    with hold_claim(claim.pk) as held:
        return write_comment(held, actor=actor, side=side, text=text, now=now)


def write_comment(claim: Claim, *, actor, side: Actor, text: str, now: dt.datetime) -> Comment:
    """Add a comment to a locked claim and queue the email about it.

    A draft's comments are emailed to staff at submission (``tell_of_draft``). The same words by the same
    person a moment later are a second click and add nothing. Raise NamesASide if staff tell the partner who
    else is in a mediation.
    """
    if side == Actor.STAFF:
        require_silent(text, to=claim)
    newest = claim.comments.order_by("-id").first()
    if newest and is_second_click(newest, actor=actor, text=text, now=now):
        return newest
    comment = Comment.objects.create(
        claim=claim, author=actor, side=side, text=text, created_at=now
    )
    if claim.is_draft:
        claim.write("updated_at")  # a draft with a new comment is not old
        return comment
    if side == Actor.STAFF:
        emails.comment_for_partner(claim, comment)
    else:
        emails.comment_for_staff(claim, comment)
    return comment


def tell_of_draft(claim: Claim) -> None:
    """Send staff, in one email, the comments written before the claim was submitted [R18]."""
    written = list(
        claim.comments.filter(side=Actor.PARTNER).select_related("author").order_by("id")
    )
    if written:
        emails.comments_on_draft(claim, written)


def is_second_click(newest: Comment | InternalNote, *, actor, text: str, now: dt.datetime) -> bool:
    """Did ``actor`` write the same words a moment ago?"""
    is_same = newest.author_id == actor.pk and newest.text == text
    return is_same and now - newest.created_at < SECOND_CLICK
