"""Notes that staff write to each other about a claim, read together with its comments [R18], [R63]."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Value

from ..enums import Actor
from ..filing.comments import is_second_click
from ..models import Claim, InternalNote
from .decisions import hold_for_review

#: Marks a note among the comments, whose side is never empty.
NOTE = ""
FIELDS = ("author__full_name", "author__email", "text", "created_at")


@dataclass(frozen=True)
class Said:
    """A comment or, without a side, an internal note, by the name of its author or the operator's."""

    author: str
    side: str
    text: str
    created_at: dt.datetime

    @property
    def side_label(self) -> str:
        return str(Actor(self.side).label)


def add_note(claim: Claim, *, actor, text: str, now: dt.datetime) -> InternalNote:
    """Add a note that only staff will see; no one is told by email.

    The same words by the same person a moment later are a second click and add nothing. Raise
    ReviewerHasStake.
    """
    with hold_for_review(claim, actor, None, now=now) as held:
        newest = held.internal_notes.order_by("-id").first()
        if newest and is_second_click(newest, actor=actor, text=text, now=now):
            return newest
        return InternalNote.objects.create(claim=held, author=actor, text=text, created_at=now)


def list_said(claim: Claim, *, with_notes: bool) -> tuple[list[Said], list[Said]]:
    """Return the comments and, only if asked for them, the internal notes; oldest first, in one query.

    Notes are for staff without a stake in the claim [R19].
    """
    said = claim.comments.order_by().values_list(*FIELDS, "side")
    if with_notes:
        notes = claim.internal_notes.order_by().values_list(*FIELDS, Value(NOTE))
        said = said.union(notes, all=True)
    rows = [
        Said(author=name or email or settings.OPERATOR_NAME, side=side, text=text, created_at=at)
        for name, email, text, at, side in said.order_by("created_at")
    ]
    return [each for each in rows if each.side != NOTE], [
        each for each in rows if each.side == NOTE
    ]
