"""Tables of either format: a header that names columns, and a record for each row below it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import BinaryIO

from django.core.files import File
from openpyxl.utils import get_column_letter

from cpor_site.web.csv_files import restore_formula
from cpor_site.web.identifiers import read_identifier
from cpor_site.web.office_files import COMPOUND

from ..models import RowReason
from .csv_tables import read_csv
from .kinds import Column
from .rows import Line, Record, RowError, UnreadableFile
from .xlsx_tables import read_xlsx

CSV, XLSX = "csv", "xlsx"
ZIP_START = b"PK\x03\x04"
#: The column in which rows with errors come back; it may stay there.
REASON_COLUMN = "reason"
#: Characters of a list of column names in a sentence.
NAMES_MAX = 99
#: What a spreadsheet would run, also with the apostrophe that our own files put before it.
FORMULA_START = re.compile(r"'?=")


def find_format(file: BinaryIO | File) -> str:
    """Return the format of a table by its first bytes; raise UnreadableFile for a protected one."""
    file.seek(0)
    start = file.read(len(COMPOUND))
    file.seek(0)
    if start == COMPOUND:
        raise UnreadableFile(RowReason.PROTECTED)
    return XLSX if start.startswith(ZIP_START) else CSV


@dataclass(frozen=True)
class Table:
    """An opened table: the columns of its header in their order, and its rows below, read once."""

    columns: list[str]
    records: Iterator[Record]


def open_table(file: BinaryIO | File, columns: tuple[Column, ...]) -> Table:
    """Open a CSV file or workbook from its start; its rows are those that are not empty.

    Raise UnreadableFile unless the first row names columns of ``columns``, all required ones among them.
    """
    is_workbook = find_format(file) == XLSX
    lines = read_xlsx(file) if is_workbook else read_csv(file)
    names = _read_header(lines, columns)
    every = [each.name for each in columns]
    return Table(
        [name for name in names if name != REASON_COLUMN],
        _read_records(lines, names, every, is_workbook=is_workbook),
    )


def _read_records(
    lines: Iterator[Line], names: list[str], every: list[str], *, is_workbook: bool
) -> Iterator[Record]:
    reason = names.index(REASON_COLUMN) if REASON_COLUMN in names else None
    named = max(number for number, name in enumerate(names, start=1) if name)
    for line in lines:
        has_cells = is_workbook or line.error is None
        if reason is not None and has_cells:
            line.cells[:] = map(restore_formula, line.cells)
            if not any(line.cells[:reason] + line.cells[reason + 1 :]):
                continue  # how many more rows have errors, or a row whose values were deleted
        if is_workbook:  # empty cells at the end of a row are not there
            line.cells.extend([""] * (len(names) - len(line.cells)))
        fields = _read_row(line, names, every, named=named)
        if reason is not None and has_cells:
            del line.cells[reason : reason + 1]
        yield Record(line.number, line.cells, fields, line.bytes_read, line.has_merged)


def _read_header(lines: Iterator[Line], columns: tuple[Column, ...]) -> list[str]:
    line = next(lines, None)
    if line is None:
        raise UnreadableFile(RowReason.EMPTY_FILE)
    if line.error is not None:
        raise UnreadableFile(line.error.reason, value=line.error.value)
    names = [read_identifier(name).lower() for name in line.cells]
    if not any(names):
        raise UnreadableFile(RowReason.EMPTY_FILE)
    _require_columns(names, columns)
    return names


def _require_columns(names: list[str], columns: tuple[Column, ...]) -> None:
    known = [each.name for each in columns]
    required = [each.name for each in columns if each.is_in_header]
    for reason, wrong in (
        (
            RowReason.UNKNOWN_COLUMNS,
            [each for each in names if each and each not in (*known, REASON_COLUMN)],
        ),
        (RowReason.REPEATED_COLUMNS, [each for each in known if names.count(each) > 1]),
        (RowReason.MISSING_COLUMNS, [each for each in required if each not in names]),
    ):
        if wrong:
            raise UnreadableFile(reason, value=_list_names(wrong))


def _list_names(names: list[str]) -> str:
    """Return the names that fit into a sentence."""
    shown = ", ".join(each[:30] for each in names)
    if len(shown) <= NAMES_MAX:
        return shown
    return shown[: shown.rindex(", ", 0, NAMES_MAX)] + "…"


def _read_row(
    line: Line, names: list[str], every: list[str], *, named: int
) -> dict[str, str] | RowError:
    if line.error is not None:
        return _name_column(line.error, names)
    if not _fits(line, names, named=named):
        return RowError(RowReason.FIELD_COUNT, value=len(line.cells))
    fields = dict.fromkeys(every, "")
    for name, value in zip(names, line.cells, strict=False):
        if not name or name == REASON_COLUMN:
            continue
        if value and value[0] in "'=" and FORMULA_START.match(value):
            return RowError(RowReason.FORMULA, column=name)
        fields[name] = value
    return fields


def _name_column(error: RowError, names: list[str]) -> RowError:
    """Name the column of a workbook's cell, which is known by its number only."""
    if error.column.isdigit():
        position = int(error.column)
        error.column = names[position] if position < len(names) else ""
        error.column = error.column or get_column_letter(position + 1)
    return error


def _fits(line: Line, names: list[str], *, named: int) -> bool:
    """Return whether each value has a column; any number of empty ones may follow, as in spreadsheets.

    ``named`` is the number of the last column that has a name.
    """
    strays = [value for value, name in zip_longest(line.cells, names, fillvalue="") if not name]
    return len(line.cells) >= named and not any(strays)
