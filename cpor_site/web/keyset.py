"""Pages of a long list that continue after a row, so that the last one costs as much as the first."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import BooleanField, Func, Model, QuerySet, Subquery

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class KeysetPage(Generic[M]):
    """Some rows in order, and whether more lie before (newer) and after them (older)."""

    rows: list[M]
    has_newer: bool
    has_older: bool


def cut_page(
    rows: QuerySet[M], *, size: int, is_first: bool, backwards: bool = False
) -> KeysetPage[M]:
    """Read a page from rows that begin beyond the place where it continues, in one query.

    ``is_first`` says that there is no such place; ``backwards`` that the rows are in the reverse order.
    """
    found = list(rows[: size + 1])
    has_more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    continues = bool(found) and not is_first
    return KeysetPage(
        found,
        has_newer=has_more if backwards else continues,
        has_older=continues if backwards else has_more,
    )


def read_newest_first(
    rows: QuerySet[M], *, size: int, place: int | Subquery | None = None, backwards: bool = False
) -> KeysetPage[M]:
    """Read the page that is older than the row with the key ``place``, or newer if ``backwards``."""
    rows = order_newest_first(rows, backwards=backwards)
    if place is not None:
        rows = skip_newest_first(rows, place, backwards=backwards)
    return cut_page(rows, size=size, is_first=place is None, backwards=backwards)


def order_newest_first(rows: QuerySet[M], *, backwards: bool = False) -> QuerySet[M]:
    return rows.order_by("pk" if backwards else "-pk")


def skip_newest_first(
    rows: QuerySet[M], place: int | Subquery, *, backwards: bool = False
) -> QuerySet[M]:
    return rows.filter(pk__gt=place) if backwards else rows.filter(pk__lt=place)


class Pair(Func):
    """(a, b): both databases compare pairs as one range of an index on (a, b)."""

    output_field = BooleanField()  # only so that it can be compared
    template = "(%(expressions)s)"
