"""The proof on the decision page: the claim's files and, in a contest, a rival's beside them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ...claims.visible import documents_for_review
from ...contests.rivals import Rival
from ...models import Claim, Document, Event
from ...review.disputes import keep_newer
from .desk import Desk


@dataclass(frozen=True)
class Pane:
    """The files of one claim, newest first, and the one that is open."""

    claim: Claim
    parameter: str
    documents: list[Document] = field(default_factory=list)
    withdrawn: list[Document] = field(default_factory=list)
    shown: Document | None = None
    #: Keys of the files that are the newest of their name, and of those added after a rejection.
    newest: frozenset[int] = frozenset()
    newer: frozenset[int] = frozenset()
    links: dict[int, str] = field(default_factory=dict)

    @property
    def tabs(self) -> list[dict[str, Any]]:
        return [
            {"document": each, "link": self.links[each.pk], "is_newer": each.pk in self.newer}
            for each in self.documents
        ]

    @property
    def withdrawn_tabs(self) -> list[dict[str, Any]]:
        return [{"document": each, "link": self.links[each.pk]} for each in self.withdrawn]

    @property
    def has_newer_version(self) -> bool:
        """Is there a newer version of the open file?"""
        shown = self.shown
        return shown is not None and not shown.withdrawn_at and shown.pk not in self.newest


def gather_panes(
    desk: Desk, rivals: list[Rival], events: list[Event], *, user
) -> dict[str, Pane | None]:
    """Return the claim's pane and, if the address chooses one of ``rivals``, the other; in one query.

    ``events`` is the claim's history.
    """
    chosen = next((each for each in rivals if each.claim.reference == desk.files["rival"]), None)
    claims = [desk.claim, *([chosen.claim] if chosen else [])]
    rows = documents_for_review(user).filter(claim__in=claims).select_related("uploaded_by")
    files = list(rows.order_by("-uploaded_at", "-id"))
    return {
        "proof": _make_pane(
            desk, desk.claim, "document", files, events if desk.claim.disputed_at else []
        ),
        "rival_proof": _make_pane(desk, chosen.claim, "rival_document", files) if chosen else None,
    }


def _make_pane(
    desk: Desk,
    claim: Claim,
    parameter: str,
    files: list[Document],
    events: Iterable[Event] = (),
) -> Pane:
    mine = [each for each in files if each.claim_id == claim.pk]
    current = [each for each in mine if each.withdrawn_at is None]
    newest = {each.name: each.pk for each in reversed(current)}
    chosen = next((each for each in mine if str(each.key) == desk.files[parameter]), None)
    return Pane(
        claim,
        parameter,
        documents=current,
        withdrawn=[each for each in mine if each.withdrawn_at],
        shown=chosen or next(iter(current), None),
        newest=frozenset(newest.values()),
        newer=frozenset(
            each.pk for each in keep_newer(current, events) if each.pk in newest.values()
        ),
        links={each.pk: desk.link(**{parameter: str(each.key)}) for each in mine},
    )
