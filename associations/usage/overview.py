"""The usage overview: every official product of a partner, what needs attention first [R36], [R37].

Every query starts from ``associations_with_usage_visible_to`` and reads a bounded number of rows, so that
the overview costs the same for any number of products. The figures of a page are read in two queries.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db.models import DateField, F, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, LessThan

from cpor_site.web.keyset import Pair, cut_page

from ..lists.search import is_about
from ..models import Association
from ..models.association import NO_ATTENTION, make_attention_key
from .reading import UsageSeries, read_many
from .recommendations import Change, Recommendation, describe_change, recommend

PAGE_SIZE = 25
#: Rows of an export read at a time; no transaction stays open between two reads.
BUFFER = 200


@dataclass(frozen=True)
class Row:
    """A product of the overview with its figures; what is not there yet is None."""

    association: Association
    series: UsageSeries
    today: dt.date

    @cached_property
    def change(self) -> Change | None:
        return describe_change(self.series) if self.series.months else None

    @cached_property
    def advice(self) -> Recommendation | None:
        """Return the most urgent recommendation."""
        bought = self.association.subscription
        found = recommend(
            self.series,
            product=str(self.association.product),
            today=self.today,
            ends_on=bought.ends_on if bought else None,
        )
        return found[0] if found else None


@dataclass(frozen=True)
class Cursor:
    """A position in the overview: that of the product ``reference``, as it was sorted then."""

    reference: str
    day: dt.date = NO_ATTENTION

    def __str__(self) -> str:
        return self.reference if self.day == NO_ATTENTION else f"{self.reference}~{self.day}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """Parse a cursor from an address; return None if it is not one."""
        reference, _mark, day = text.partition("~")
        if not reference.isalnum():
            return None
        try:
            return cls(reference, dt.date.fromisoformat(day) if day else NO_ATTENTION)
        except ValueError:
            return None


@dataclass(frozen=True)
class Page:
    """Some products in order, and the cursors of the adjacent pages (None if there is none)."""

    rows: list[Row]
    earlier: Cursor | None
    later: Cursor | None


def filter_usage(
    associations: QuerySet[Association], chosen: dict, customers: list[int] | None = None
) -> QuerySet[Association]:
    """Apply the chosen filters to official associations, and add the key by which they are sorted.

    ``chosen`` holds the cleaned fields of UsageFilterForm, ``customers`` the keys of the customers that match
    its search term. Without them, the customer of each product is compared: that misses none, but reads
    every product, as an export does anyway. Whether a product needs attention is not asked here.
    """
    key = make_attention_key()
    if chosen.get("q") and customers is None:
        associations = associations.filter(is_about(chosen["q"]))
    elif chosen.get("q") and customers is not None:
        associations = associations.filter(claim__tenant__in=customers)
        # Another key than the index has: few products are these customers', so they are gathered and
        # sorted. By the index, a million others may come before the first of them.
        key = Coalesce(key, Value(NO_ATTENTION, output_field=DateField()))
    if chosen.get("product"):
        associations = associations.filter(product=chosen["product"])
    if chosen.get("location"):
        associations = associations.filter(claim__location=chosen["location"])
    return associations.annotate(attention_key=key)


def keep_needing_attention(
    associations: QuerySet[Association], *, today: dt.date
) -> QuerySet[Association]:
    """Keep of what ``filter_usage`` returned what needs attention on this day."""
    return associations.filter(attention_key__lte=today)  # type: ignore[misc]  # an annotation


def sort_by_attention(
    associations: QuerySet[Association], *, backwards: bool = False
) -> QuerySet[Association]:
    """Sort what ``filter_usage`` returned, what needs attention first."""
    return associations.order_by(
        *(("-attention_key", "-id") if backwards else ("attention_key", "id"))
    )


def read_page(
    associations: QuerySet[Association],
    *,
    reach: QuerySet[Association],
    today: dt.date,
    cursor: Cursor | None = None,
    backwards: bool = False,
) -> Page:
    """Read the page after ``cursor``, or before it if ``backwards``; without a cursor, the first.

    ``reach`` is everything the person may see; the cursor is looked up there.
    """
    rows = sort_by_attention(associations, backwards=backwards)
    if cursor is not None:
        rows = _skip_to(rows, reach, cursor=cursor, backwards=backwards)
    page = cut_page(rows, size=PAGE_SIZE, is_first=cursor is None, backwards=backwards)
    return Page(
        _read_figures(page.rows, today=today),
        _cursor_of(page.rows[0]) if page.has_newer else None,
        _cursor_of(page.rows[-1]) if page.has_older else None,
    )


def read_buffers(associations: QuerySet[Association], *, today: dt.date) -> Iterator[list[Row]]:
    """Yield all products in the overview's order, each buffer continuing after the last row."""
    rows = sort_by_attention(associations)
    buffer = list(rows[:BUFFER])
    while buffer:
        yield _read_figures(buffer, today=today)
        place, last = _cursor_of(buffer[-1]), buffer[-1].pk
        buffer = list(_skip(rows, place.day, Value(last))[:BUFFER])


def _skip_to(
    rows: QuerySet[Association],
    reach: QuerySet[Association],
    *,
    cursor: Cursor,
    backwards: bool,
) -> QuerySet[Association]:
    # Looked up in the person's reach: the product may no longer match the filter.
    place = Subquery(reach.filter(reference=cursor.reference).order_by().values("pk"))
    return _skip(rows, cursor.day, place, backwards=backwards)


def _skip(
    rows: QuerySet[Association], day: dt.date, place: Subquery | Value, *, backwards: bool = False
) -> QuerySet[Association]:
    beyond = LessThan if backwards else GreaterThan
    position = Pair(Value(day, output_field=DateField()), place)
    return rows.filter(beyond(Pair(F("attention_key"), F("pk")), position))


def _cursor_of(association: Association) -> Cursor:
    return Cursor(association.reference, association.needs_attention_from or NO_ATTENTION)


def _read_figures(associations: Iterable[Association], *, today: dt.date) -> list[Row]:
    found = list(associations)
    series = read_many(found, today=today)
    return [Row(each, series[each.pk], today) for each in found]
