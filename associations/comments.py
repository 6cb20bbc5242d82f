"""Words between partner and staff on a claim; each new one tells the other side [R18]."""

from django.db import transaction

from . import messages
from .enums import Actor
from .lifecycle import lock_claim
from .models import Claim, Comment


@transaction.atomic
def add_comment(claim: Claim, *, actor, side: Actor, text: str) -> Comment:
    """Add a comment from ``side`` (partner or staff) and queue a mail to the other.

    On a draft nobody else is there to be told.
    """
    fresh = lock_claim(claim.pk)
    comment = Comment.objects.create(claim=fresh, author=actor, side=side, text=text)
    if fresh.is_draft:
        return comment
    tell = messages.tell_partner if side == Actor.STAFF else messages.tell_staff
    kind = "comment_for_partner" if side == Actor.STAFF else "comment_for_staff"
    tell(fresh, kind, key=f"comment:{comment.pk}", author=str(actor), text=text)
    return comment
