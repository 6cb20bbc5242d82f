"""The CSV format of usage files (docs/usage-files.md): bytes in, rows or named problems out [R38].

Nothing here queries the database. Each line is a record: no value can contain a line break, so an
unclosed quotation mark spoils one line and not the rest of the file. Files are read line by line.
"""

import csv
import datetime as dt
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import BinaryIO

from django.core.files import File

from cpor_site.web.identifiers import drop_hidden, make_hyphens_plain, read_identifier, read_uuid

from ..models import UsageProblem

Reason = UsageProblem.Reason

MAX_LINE_BYTES = 2_000
#: The largest PositiveIntegerField in both databases.
MAX_NUMBER = 2_147_483_647
FIRST_MONTH = dt.date(2000, 1, 1)
BOM = b"\xef\xbb\xbf"
BLOCK = 65_536  # bytes read at once
LINE_END = re.compile(rb"(\r\n|\n|\r)")
#: Characters of a line without values: what spreadsheets leave of empty rows.
BLANK = b' \t,;"' + BOM
#: Excel's own first line, which is skipped; the header decides how the rest is read.
SEPARATOR_LINE = re.compile(rb'"?sep=[,;\t]"?[,;\t]*', re.IGNORECASE)
SEPARATORS = (",", ";", "\t")

WORKLOAD_COLUMNS = ("tenant_id", "product", "active_users", "paid_units")
SUBSCRIPTION_COLUMNS = ("subscription_id", "sold_seats", "assigned_seats", "active_seats")
COLUMNS = ("month", *WORKLOAD_COLUMNS, *SUBSCRIPTION_COLUMNS)

_MONTH = re.compile(r"(\d{4})-(\d\d)(?:-01)?", re.ASCII)
_NUMBER = re.compile(r"-?\d+", re.ASCII)


class RowError(ValueError):
    """The error of a line: a reason, the column, and the value as written."""

    def __init__(self, reason: str, *, column: str = "", value: object = ""):
        super().__init__(reason)
        self.reason, self.column, self.value = reason, column, str(value)[:100]

    def as_problem(self, line: int) -> UsageProblem:
        return UsageProblem(line=line, reason=self.reason, column=self.column, value=self.value)


class UnreadableFile(RowError):
    """The file cannot be read at all; nothing in it was loaded."""


@dataclass(frozen=True, slots=True)
class WorkloadRow:
    month: dt.date
    tenant_id: uuid.UUID
    product: str
    values: tuple[int, int]

    @property
    def key(self) -> str:
        return f"{self.tenant_id}/{self.product}/{self.month}"


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    month: dt.date
    subscription_id: uuid.UUID
    values: tuple[int, int, int]

    @property
    def key(self) -> str:
        return f"{self.subscription_id}/{self.month}"


@dataclass(frozen=True, slots=True)
class Record:
    """A line of the file: a row, or its error. ``bytes_read`` counts from the start of the file."""

    line: int
    row: WorkloadRow | SubscriptionRow | RowError
    bytes_read: int


def read_records(file: BinaryIO | File, *, today: dt.date) -> Iterator[Record]:
    """Yield a record for each line of a usage file that is not empty, from its start.

    ``today`` decides which months are in the future. Raise UnreadableFile, before the first record,
    unless the first line names exactly the columns of the format.
    """
    lines = ((number, raw, size) for number, raw, size in _read_lines(file) if raw.strip(BLANK))
    columns, separator = _read_header(lines)
    for number, raw, bytes_read in lines:
        yield Record(number, _read_row(raw, columns, separator, today=today), bytes_read)


def _read_lines(file: BinaryIO | File) -> Iterator[tuple[int, bytes, int]]:
    """Yield number, content and bytes read so far; only the start of an overlong line is kept.

    A line ends with LF, CR LF, or CR alone, as old spreadsheets on a Mac save it.
    """
    number = bytes_read = 0
    kept = b""
    while block := file.read(BLOCK):
        if block.endswith(b"\r"):
            block += file.read(1)  # the LF of the same line end, or the start of the next line
        parts = LINE_END.split(block)
        for content, end in zip(parts[::2], [*parts[1::2], None], strict=True):
            bytes_read += len(content) + len(end or b"")
            kept += content[: MAX_LINE_BYTES + 1 - len(kept)]
            if end is not None:
                number += 1
                yield number, kept, bytes_read
                kept = b""
    if kept:
        yield number + 1, kept, bytes_read


def _read_header(lines: Iterator[tuple[int, bytes, int]]) -> tuple[list[str], str]:
    """Read the first line that is not empty, after Excel's own ``sep=;`` if there is one."""
    _number, raw, _size = next(lines, (1, b"", 0))
    try:
        if SEPARATOR_LINE.fullmatch(raw.removeprefix(BOM)):
            _number, raw, _size = next(lines, (1, b"", 0))
        text = _decode(raw.removeprefix(BOM))
        separator = max(SEPARATORS, key=text.count)
        columns = [read_identifier(name).lower() for name in _split(text, separator)]
    except RowError as error:
        raise UnreadableFile(error.reason, value=error.value) from None
    if not any(columns):
        raise UnreadableFile(Reason.EMPTY_FILE)
    _require_columns(columns)
    return columns, separator


def _require_columns(columns: list[str]) -> None:
    for reason, wrong in (
        (Reason.UNKNOWN_COLUMNS, [name for name in columns if name and name not in COLUMNS]),
        (Reason.REPEATED_COLUMNS, [name for name in COLUMNS if columns.count(name) > 1]),
        (Reason.MISSING_COLUMNS, [name for name in COLUMNS if name not in columns]),
    ):
        if wrong:
            raise UnreadableFile(reason, value=", ".join(name[:30] for name in wrong))


def _read_row(raw: bytes, columns: list[str], separator: str, *, today: dt.date):
    try:
        values = [_clean(value) for value in _split(_decode(raw), separator)]
        if not _fits(values, columns):
            return RowError(Reason.FIELD_COUNT, value=len(values))
        fields = {name: value for name, value in zip(columns, values, strict=False) if name}
        return _make_row(fields, today=today)
    except RowError as error:
        return error


def _clean(value: str) -> str:
    """Return a value without invisible characters and with plain hyphens; digits stay as they are."""
    if value.isascii() and value.isprintable():
        return value.strip()  # the usual case, in files of a million lines
    return make_hyphens_plain(drop_hidden(value)).strip()


def _fits(values: list[str], columns: list[str]) -> bool:
    """Return whether each value has a column; any number of empty ones may follow, as in spreadsheets."""
    named = max(number for number, name in enumerate(columns, start=1) if name)
    strays = [value for value, name in zip_longest(values, columns, fillvalue="") if not name]
    return len(values) >= named and not any(strays)


def _decode(raw: bytes) -> str:
    if len(raw) > MAX_LINE_BYTES:
        raise RowError(Reason.TOO_LONG, value=MAX_LINE_BYTES)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise RowError(Reason.NOT_UTF8) from None
    if "\0" in text:
        raise RowError(Reason.NUL)
    return text


def _split(text: str, separator: str) -> list[str]:
    if '"' not in text:
        return text.split(separator)
    try:
        return next(csv.reader([text], delimiter=separator, strict=True))
    except (csv.Error, StopIteration):
        raise RowError(Reason.QUOTES) from None


def _make_row(fields: dict[str, str], *, today: dt.date) -> WorkloadRow | SubscriptionRow:
    month = _read_month(fields, today=today)
    if fields["subscription_id"]:
        _require_empty(fields, WORKLOAD_COLUMNS)
        return SubscriptionRow(month, _read_id(fields, "subscription_id"), _read_seats(fields))
    if not fields["tenant_id"] and not fields["product"]:
        raise RowError(Reason.NO_SUBJECT)
    _require_empty(fields, SUBSCRIPTION_COLUMNS)
    return WorkloadRow(
        month,
        _read_id(fields, "tenant_id"),
        _require(fields, "product").lower(),
        (_read_number(fields, "active_users"), _read_number(fields, "paid_units")),
    )


def _read_month(fields: dict[str, str], *, today: dt.date) -> dt.date:
    text = _require(fields, "month")
    found = _MONTH.fullmatch(text)
    try:
        month = dt.date(int(found[1]), int(found[2]), 1) if found else dt.date.min
    except ValueError:
        month = dt.date.min
    if month < FIRST_MONTH:
        raise RowError(Reason.MONTH, value=text)
    if month > today:
        raise RowError(Reason.MONTH_AHEAD, value=text)
    return month


def _read_seats(fields: dict[str, str]) -> tuple[int, int, int]:
    sold, assigned, active = (_read_number(fields, name) for name in SUBSCRIPTION_COLUMNS[1:])
    if assigned > sold:
        raise RowError(Reason.ASSIGNED_OVER_SOLD, value=f"{assigned} > {sold}")
    if active > assigned:
        raise RowError(Reason.ACTIVE_OVER_ASSIGNED, value=f"{active} > {assigned}")
    return sold, assigned, active


def _read_number(fields: dict[str, str], column: str) -> int:
    text = _require(fields, column)
    if not _NUMBER.fullmatch(text):
        raise RowError(Reason.NOT_A_NUMBER, column=column, value=text)
    if text.startswith("-"):
        raise RowError(Reason.NEGATIVE, column=column, value=text)
    if len(text) > 20 or int(text) > MAX_NUMBER:  # noqa: PLR2004 - int() of endless digits is slow
        raise RowError(Reason.TOO_LARGE, column=column, value=text)
    return int(text)


def _read_id(fields: dict[str, str], column: str) -> uuid.UUID:
    text = _require(fields, column)
    try:
        return read_uuid(text)
    except ValueError:
        raise RowError(Reason.BAD_ID, column=column, value=text) from None


def _require(fields: dict[str, str], column: str) -> str:
    if not fields[column]:
        raise RowError(Reason.MISSING_VALUE, column=column)
    return fields[column]


def _require_empty(fields: dict[str, str], columns: tuple[str, ...]) -> None:
    filled = next((name for name in columns if fields[name]), None)
    if filled:
        raise RowError(Reason.MIXED, column=filled)
