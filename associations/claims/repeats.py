"""Whether a refused act was a second click; checked once the act found that it has already been done."""

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
    """Did this person just do exactly this, so that this is a second click rather than a second act?

    ``kind`` is the kind of history row that the act writes, ``words`` the text in it, and ``target`` the
    status that the act leads to, if any. One query.
    """
    last = claim.events.filter(kind=kind).order_by("-number").first()
    return (
        last is not None
        and (target is None or claim.status == target == last.to_status)
        and (last.actor, last.actor_id, last.reason) == (by.actor, by.user_id, words)
    )
