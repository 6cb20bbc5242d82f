"""Is what was refused a second click? Asked once an act found that it is done already."""

from ..enums import EventKind, Status
from ..models import Claim
from .history import By


def is_repeated(
    claim: Claim,
    *,
    by: By,
    words: str,
    kind: EventKind = EventKind.MOVED,
    target: Status | None = None,
) -> bool:
    """Did this person just do exactly this, so that it is a second click and no second act?

    ``kind`` is the kind of the row of history that the act leaves, ``words`` what it says there,
    ``target`` the status that the act leads to, if it leads to one. One query.
    """
    last = claim.events.filter(kind=kind).order_by("-number").first()
    return (
        last is not None
        and (target is None or claim.status == target == last.to_status)
        and (last.actor, last.actor_id, last.reason) == (by.actor, by.user_id, words)
    )
