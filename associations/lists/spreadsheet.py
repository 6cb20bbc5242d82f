"""The filtered claims list as an XLSX file: what the CSV file has, with dates as dates [R46]."""

import datetime as dt
import functools
import zoneinfo
from collections.abc import Callable
from typing import IO

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cpor_site.web.xlsx_files import SheetColumn, Value, new_sheet_file

from ..claims.deadlines import find_last_day
from ..models import Claim
from .export import Labels, list_headers, list_values, read_buffers

#: Of the columns of ``list_headers``, and of the last day.
WIDTHS = (12, 30, 20, 30, 24, 38, 20, 12, 22, 14, 36, 17, 12, 44, 30, 12)


def write_claims_xlsx(
    claims: QuerySet[Claim], into: IO[bytes], *, progress: Callable[[int], object]
) -> None:
    """Write the claims, newest first, in the active language.

    ``progress`` is called after each buffer with the number of rows so far; what it raises stops the file.
    """
    headers = [*list_headers(), _("Deadline (date)")]
    columns = [SheetColumn(*each) for each in zip(headers, WIDTHS, strict=True)]
    labels, find_day = Labels(), functools.lru_cache(maxsize=10_000)(_find_day)
    rows = 0
    with new_sheet_file(_("Claims"), columns) as file:
        for buffer in read_buffers(claims):
            file.add(_list_cells(claim, labels, find_day) for claim in buffer)
            rows += len(buffer)
            progress(rows)
        file.save(into)


def _list_cells(claim: Claim, labels: Labels, find_day: Callable) -> list[Value]:
    return [*list_values(claim, labels), find_day(claim.due_at, claim.due_time_zone)]


def _find_day(due_at: dt.datetime | None, time_zone: str) -> dt.date | None:
    """Return the last day of a deadline, where the party that must act is."""
    return due_at and find_last_day(due_at, zoneinfo.ZoneInfo(time_zone))
