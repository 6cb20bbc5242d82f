"""The partner's claims list: filters, search, keyset pages, capped counts [R46].

Every query starts with the partner and reads a bounded number of rows, so that the list costs the
same at any depth and for any number of claims.
"""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
)
from django.db.models.lookups import GreaterThan, LessThan
from django.utils.translation import gettext_lazy as _

from cpor_site.web.instants import from_microseconds, to_microseconds
from cpor_site.web.keyset import Pair, cut_page, order_newest_first, skip_newest_first

from ..display.lanes import in_lane
from ..enums import Status
from ..filing.programs import PROGRAMS_OF
from ..models import Association, Claim
from ..models.due_key import NO_DEADLINE, make_due_key
from .search import matches

PAGE_SIZE = 25
#: Counting stops here; the page then says "1,000+".
COUNT_CAP = 1000


class DueKey(TypedDict):
    """What sorting by deadline adds to each claim."""

    due_key: dt.datetime


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    ClaimWithDueKey = WithAnnotations[Claim, DueKey]


class Sort(TextChoices):
    NEWEST = "newest", _("Newest first")
    DEADLINE = "deadline", _("Next deadline first")


class DueFilter(TextChoices):
    OVERDUE = "overdue", _("Overdue")
    WEEK = "week", _("Within 7 days")
    NONE = "none", _("Without a deadline")


@dataclass(frozen=True)
class Cursor:
    """A position in the list: that of the claim ``reference``, as it was sorted then."""

    reference: str
    due: dt.datetime | None = None

    def __str__(self) -> str:
        if self.due is None or self.due == NO_DEADLINE:
            return self.reference
        return f"{self.reference}~{to_microseconds(self.due)}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """Parse a cursor from an address; return None if it is not one."""
        reference, _mark, instant = text.partition("~")
        if not reference.isalnum():
            return None
        try:
            due = from_microseconds(int(instant)) if instant else None
        except (ValueError, OverflowError):
            return None
        return cls(reference, due)


@dataclass(frozen=True)
class Page:
    """Some claims in order, and the cursors of the adjacent pages (None if there is none)."""

    rows: list[Claim]
    newer: Cursor | None
    older: Cursor | None


def filter_claims(
    claims: QuerySet[Claim],
    chosen: dict,
    customers: list[int] | None,
    *,
    now: dt.datetime,
    by_words: list[int] | None = None,
) -> QuerySet[Claim]:
    """Apply every chosen filter to ``claims`` except the status.

    ``chosen`` holds the cleaned fields of ClaimFilterForm, ``customers`` and ``by_words`` the keys of
    the customers and claims that match its search term. Without ``customers``, the customer of each
    claim is compared instead: that misses none but reads every claim, as an export does anyway.
    """
    if chosen.get("q"):
        claims = claims.filter(matches(chosen["q"], customers, by_words))
    if chosen.get("lane"):
        claims = claims.filter(in_lane(chosen["lane"]))
    if chosen.get("location"):
        claims = claims.filter(location_id=chosen["location"])
    if chosen.get("program"):
        claims = claims.filter(_is_for_program(chosen["program"]))
    if chosen.get("product"):
        claims = claims.filter(_asks_for(chosen["product"]))
    if chosen.get("deadline"):
        claims = _filter_by_due(claims, chosen["deadline"], now=now)
    return claims


def read_page(
    claims: QuerySet[Claim],
    *,
    reach: QuerySet[Claim],
    sort: str,
    cursor: Cursor | None = None,
    backwards: bool = False,
) -> Page:
    """Read the page after ``cursor``, or before it if ``backwards``; without a cursor, the first.

    ``reach`` is everything the person may see; the cursor is looked up there.
    """
    rows = sort_claims(claims, sort=sort, backwards=backwards)
    if cursor is not None:
        rows = _skip_to(rows, reach, sort=sort, cursor=cursor, backwards=backwards)
    page = cut_page(rows, size=PAGE_SIZE, is_first=cursor is None, backwards=backwards)
    return Page(
        page.rows,
        _cursor_of(page.rows[0], sort) if page.has_newer else None,
        _cursor_of(page.rows[-1], sort) if page.has_older else None,
    )


def sort_claims(claims: QuerySet[Claim], *, sort: str, backwards: bool = False) -> QuerySet[Claim]:
    """Sort claims as the list does, by columns of an index."""
    if sort == Sort.DEADLINE:
        return sort_by_deadline(claims, backwards=backwards)
    return order_newest_first(claims, backwards=backwards)


def sort_by_deadline(
    claims: QuerySet[Claim], *, backwards: bool = False
) -> "QuerySet[ClaimWithDueKey]":
    """Sort by deadline, the next one first, and add ``due_key`` to each claim."""
    order = ("-due_key", "-id") if backwards else ("due_key", "id")
    return claims.annotate(due_key=make_due_key()).order_by(*order)


def count_by_status(claims: QuerySet[Claim]) -> dict[str, int]:
    """Count the claims of each status, up to COUNT_CAP + 1, in one query."""
    claims = claims.order_by()
    return count_each({status.value: claims.filter(status=status) for status in Status})


def count_each(parts: dict[str, QuerySet[Any]], *, cap: int | None = None) -> dict[str, int]:
    """Count the rows of each part in one query, up to ``cap`` (else COUNT_CAP) + 1, in its order if any."""
    cap = COUNT_CAP if cap is None else cap
    counts: list[str] = []
    params: list[Any] = []
    for part in parts.values():
        try:
            some = part.values("pk")[: cap + 1]
            sql, values = some.query.sql_with_params()
        except EmptyResultSet:
            sql, values = "SELECT 1 WHERE 1 = 0", ()
        counts.append(f"(SELECT COUNT(*) FROM ({sql}) AS few)")  # noqa: S608 - Django's own SQL
        params += values
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(counts), params)
        return dict(zip(parts, cursor.fetchone(), strict=True))


def _is_for_program(code: str) -> Q:
    """Filter on claims: for the program, decided by columns of the claim's own row."""
    wanted = Q(pk__in=[])
    for (area, activity), codes in PROGRAMS_OF.items():
        if code in codes:
            wanted |= Q(solution_area=area, activity=activity)
    return wanted


def _asks_for(product_id: int) -> Exists:
    return Exists(
        Association.objects.filter(
            claim=OuterRef("pk"), partner=OuterRef("partner"), product_id=product_id
        )
    )


def _filter_by_due(claims: QuerySet[Claim], wanted: str, *, now: dt.datetime) -> QuerySet[Claim]:
    claims = claims.alias(due=make_due_key())
    if wanted == DueFilter.OVERDUE:
        return claims.filter(due__lte=now)
    if wanted == DueFilter.WEEK:
        return claims.filter(due__gt=now, due__lte=now + dt.timedelta(days=7))
    return claims.filter(due=NO_DEADLINE)


def _skip_to(
    rows: QuerySet[Claim], reach: QuerySet[Claim], *, sort: str, cursor: Cursor, backwards: bool
) -> QuerySet[Claim]:
    # Looked up in the person's reach: the claim may no longer match the filter.
    place = Subquery(reach.filter(reference=cursor.reference).order_by().values("pk"))
    if sort == Sort.DEADLINE:
        due = Value(cursor.due or NO_DEADLINE, output_field=DateTimeField())
        beyond = LessThan if backwards else GreaterThan
        return rows.filter(beyond(Pair(F("due_key"), F("pk")), Pair(due, place)))
    return skip_newest_first(rows, place, backwards=backwards)


def _cursor_of(claim: Claim, sort: str) -> Cursor:
    if sort != Sort.DEADLINE:
        return Cursor(claim.reference)
    return Cursor(claim.reference, cast("ClaimWithDueKey", claim).due_key)
