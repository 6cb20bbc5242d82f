"""Admin lists that cost the same with two thousand rows and with two hundred thousand.

Counts stop at a thousand. A list that shows the newest row first uses keyset pagination ("older than this
row"), so that its last page costs as much as its first; any other list ends at a thousand rows, and filters
and search reach the rest.
"""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, ChangeList
from django.core.paginator import Paginator
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.functional import cached_property

from .keyset import KeysetPage, read_newest_first

COUNT_LIMIT = 1000
#: Orderings that allow keyset pagination.
NEWEST_FIRST = (("-pk",), ("-id",))
OLDER, NEWER = "older", "newer"
#: A place in such a list, as the address gives it: before or after the row with this primary key.
PLACE = re.compile(rf"(?P<direction>{OLDER}|{NEWER})-(?P<pk>[0-9]{{1,18}})")


class CappedPaginator(Paginator):
    """Counts no further than a thousand: filters and search find what lies beyond."""

    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        return len(self.object_list.order_by().values_list("pk")[:COUNT_LIMIT])

    @cached_property
    def is_capped(self) -> bool:
        return self.count == COUNT_LIMIT


class StaffChangeList(ChangeList):
    """Sorts only by what the list offers; Django itself accepts any of its columns from the address."""

    def get_ordering(self, request, queryset):
        if not self.sortable_by:
            self.params.pop(ORDER_VAR, None)
        return super().get_ordering(request, queryset)


class KeysetChangeList(StaffChangeList):
    """A newest-first list with keyset pagination; ``?p=older-4711`` is such a page."""

    newer_url = older_url = ""

    def get_results(self, request):
        self.page_num = 1
        super().get_results(request)
        if self.multi_page and not (self.show_all and self.can_show_all):
            self._read_place(PLACE.fullmatch(request.GET.get(PAGE_VAR, "")))

    def _read_place(self, place: re.Match | None) -> None:
        """Replace the first page by the one at ``place``, and note the neighbouring places."""
        page = self._read(place)
        if place and not page.rows:
            page = self._read(None)
        self.result_list = page.rows
        self.multi_page = False  # pages have no numbers
        if page.has_newer:
            self.newer_url = self.get_query_string({PAGE_VAR: f"{NEWER}-{page.rows[0].pk}"})
        if page.has_older:
            self.older_url = self.get_query_string({PAGE_VAR: f"{OLDER}-{page.rows[-1].pk}"})

    def _read(self, place: re.Match | None) -> KeysetPage:
        with _walking_in_order(is_worth_it=self.paginator.is_capped):
            return read_newest_first(
                self.queryset,
                size=self.list_per_page,
                place=int(place["pk"]) if place else None,
                backwards=place is not None and place["direction"] == NEWER,
            )


@contextlib.contextmanager
def _walking_in_order(*, is_worth_it: bool) -> Iterator[None]:
    """Make PostgreSQL walk the rows by their key until a page is full when a search finds very many.

    The planner cannot tell how many rows contain a word, assumes few, and would collect and sort all.
    """
    if not is_worth_it or connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        yield
        cursor.execute("SET LOCAL enable_sort TO DEFAULT")  # the transaction may be an outer one
