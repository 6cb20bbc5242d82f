"""The sides of a case as the board shows them: each with its own proof, statement and comments."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.http import QueryDict

from cpor_site.web.countries import name_country

from ...claims.slots import find_holder
from ...claims.visible import documents_for_review
from ...enums import CaseStatus
from ...forms.contests import SideCommentForm
from ...models import CaseSide, Claim, Comment, Document, MediationCase, SlotHolding


@dataclass
class BoardSide:
    """One side. ``links`` lead to its files, and leave open what is open of the others."""

    side: CaseSide
    held_since: dt.datetime | None = None
    documents: list[Document] = field(default_factory=list)
    withdrawn: list[Document] = field(default_factory=list)
    shown: Document | None = None
    links: dict[int, str] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    form: SideCommentForm | None = None

    @property
    def claim(self) -> Claim:
        return self.side.claim

    @property
    def anchor(self) -> str:
        return f"side-{self.side.pk}"

    @property
    def place(self) -> str:
        """Return the location of its claim and the country."""
        location = self.claim.location
        return f"{location.name}, {name_country(location.country)}" if location else ""

    @property
    def is_winner(self) -> bool:
        return self.side.partner_id == self.side.case.winner_id

    @property
    def may_still_state(self) -> bool:
        return self.side.case.status == CaseStatus.HEARING and self.side.left_at is None

    @property
    def shown_label(self) -> str:
        """Name the open file for those who don't see it, with its side."""
        return f"{self.shown.name} ({self.side.partner})" if self.shown else ""

    @property
    def files(self) -> list[tuple[Document, str]]:
        return [(each, self.links[each.pk]) for each in self.documents]

    @property
    def withdrawn_files(self) -> list[tuple[Document, str]]:
        return [(each, self.links[each.pk]) for each in self.withdrawn]

    @property
    def new_comments(self) -> list[Comment]:
        """Return the comments since the case was opened."""
        return [each for each in self.comments if each.created_at >= self.side.case.opened_at]

    @property
    def older_comments(self) -> list[Comment]:
        return [each for each in self.comments if each.created_at < self.side.case.opened_at]


@dataclass(frozen=True)
class Sides:
    """All sides in the order in which they joined, and who holds the slot."""

    all: list[BoardSide]
    holding: SlotHolding | None
    open_files: str

    @property
    def present(self) -> list[CaseSide]:
        return [each.side for each in self.all if each.side.left_at is None]

    @property
    def disputes(self) -> list[CaseSide]:
        return [each.side for each in self.all if each.side.disputed_at]


def gather_sides(
    case: MediationCase, *, user, query: QueryDict, form: SideCommentForm | None, may_comment: bool
) -> Sides:
    """Return the sides of a case in four queries.

    ``query`` chooses the open files; ``form`` is a comment that was just sent.
    """
    sides = list(case.sides.select_related("partner", "claim__location"))
    claims = [each.claim_id for each in sides]
    files = documents_for_review(user).filter(claim__in=claims).select_related("uploaded_by")
    documents = list(files.order_by("-uploaded_at", "-id"))
    comments = list(Comment.objects.filter(claim__in=claims).select_related("author"))
    holding = find_holder(case.slot_key)
    chosen = _choose_files(sides, documents, query)
    found = []
    for side in sides:
        side.case = case
        shown = BoardSide(side, comments=[each for each in comments if _is_of(each, side)])
        if holding and holding.partner_id == side.partner_id:
            holding.partner, shown.held_since = side.partner, holding.held_since
        _add_files(shown, documents, chosen)
        if may_comment and case.is_open and side.left_at is None:
            is_sent = form is not None and form.side.pk == side.pk
            shown.form = form if is_sent else SideCommentForm(side=side)
        found.append(shown)
    return Sides(found, holding, f"?{chosen.urlencode()}" if chosen else "")


def find_side(case: MediationCase, pk: int) -> CaseSide | None:
    return case.sides.filter(pk=pk).select_related("partner", "claim").first()


def _is_of(thing: Comment | Document, side: CaseSide) -> bool:
    return thing.claim_id == side.claim_id


def _name_parameter(side: CaseSide) -> str:
    """Return the parameter of the address that says which file of the side is open."""
    return f"document-{side.pk}"


def _choose_files(
    sides: Iterable[CaseSide], documents: list[Document], query: QueryDict
) -> QueryDict:
    """Return what of ``query`` chooses a file that is there."""
    chosen = QueryDict(mutable=True)
    for side in sides:
        key = query.get(_name_parameter(side), "")
        if any(_is_of(each, side) and str(each.key) == key for each in documents):
            chosen[_name_parameter(side)] = key
    return chosen


def _add_files(shown: BoardSide, documents: list[Document], chosen: QueryDict) -> None:
    name = _name_parameter(shown.side)
    mine = [each for each in documents if _is_of(each, shown.side)]
    shown.documents = [each for each in mine if each.withdrawn_at is None]
    shown.withdrawn = [each for each in mine if each.withdrawn_at is not None]
    shown.links = {each.pk: _open_file(chosen, name, each) for each in mine}
    asked_for = (each for each in mine if str(each.key) == chosen.get(name))
    shown.shown = next(asked_for, next(iter(shown.documents), None))


def _open_file(chosen: QueryDict, name: str, document: Document) -> str:
    query = chosen.copy()
    query[name] = str(document.key)
    return f"?{query.urlencode()}"
