"""XLSX files to download: written row by row, so that memory does not grow, and without formulas [R46]."""

import datetime as dt
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from openpyxl.cell import Cell

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: How many rows fit a sheet below its header.
ROWS_MAX = 1_048_575
#: A text that begins like this stays one when its reader edits the cell: the sheet says that it was quoted.
FORMULA_START = re.compile(r"[\s\"']*[=+\-@＝＋－＠]")
#: What XML cannot hold.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
DATE, INSTANT, TEXT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "@"

#: A text, a day, an instant (shown in UTC), or nothing.
Value = str | dt.date | dt.datetime | None


@dataclass(frozen=True)
class SheetColumn:
    """The header of a column, and its width in characters.

    ``is_text``: is what people type below it taken as typed, so that no number is made of an ID?
    """

    header: str
    width: int
    is_text: bool = False


class SheetFile:
    """A workbook of sheets with a header that stays in sight and a filter for each column.

    openpyxl keeps the rows in a temporary file of its own until the workbook is saved.
    """

    def __init__(self, title: str, columns: list[SheetColumn]):
        import openpyxl  # noqa: PLC0415 - 16 MB that only a process that writes such files needs

        self._library = openpyxl
        self._workbook = openpyxl.Workbook(write_only=True)
        self.is_saved = False
        self._start(title, columns)

    def start_sheet(self, title: str, columns: list[SheetColumn]) -> None:
        """Add another sheet, to which the rows from here on belong."""
        self._finish()
        self._start(title, columns)

    def _start(self, title: str, columns: list[SheetColumn]) -> None:
        self._sheet = self._workbook.create_sheet(title)
        self._sheet.freeze_panes = "A2"
        letters = [self._library.utils.get_column_letter(n + 1) for n in range(len(columns))]
        self._last_column = letters[-1]
        self._rows = 1
        for letter, column in zip(letters, columns, strict=True):
            self._sheet.column_dimensions[letter].width = column.width
            if column.is_text:
                self._sheet.column_dimensions[letter].number_format = TEXT
        self._sheet.append([self._make_header(column.header) for column in columns])

    def _finish(self) -> None:
        self._sheet.auto_filter.ref = f"A1:{self._last_column}{self._rows}"

    def add(self, rows: Iterable[Iterable[Value]]) -> None:
        """Append rows; a text is written as text, whatever it begins with."""
        for row in rows:
            self._sheet.append([self._make_cell(value) for value in row])
            self._rows += 1

    def save(self, into: IO[bytes]) -> None:
        """Write the file, once; the temporary file is removed."""
        self.is_saved = True
        self._finish()
        self._workbook.save(into)

    def _make_header(self, text: str) -> "Cell":
        cell = self._make_text(text)
        cell.font = self._library.styles.Font(bold=True)
        return cell

    def _make_cell(self, value: Value) -> "Cell | str | None":
        if isinstance(value, dt.datetime):
            return self._make_date(value.astimezone(dt.UTC).replace(tzinfo=None), INSTANT)
        if isinstance(value, dt.date):
            return self._make_date(value, DATE)
        if not value:
            return None
        text = UNWRITABLE.sub("", value)
        return self._make_text(text) if FORMULA_START.match(text) else text

    def _make_date(self, value: dt.date, number_format: str) -> "Cell":
        cell = self._library.cell.WriteOnlyCell(self._sheet, value)
        cell.number_format = number_format
        return cell

    def _make_text(self, text: str) -> "Cell":
        cell = self._library.cell.WriteOnlyCell(self._sheet, text)
        cell.data_type = "s"  # openpyxl takes what begins with "=" for a formula
        cell.quotePrefix = True
        return cell


@contextmanager
def new_sheet_file(title: str, columns: list[SheetColumn]) -> Iterator[SheetFile]:
    """Yield a new file; if the block fails before saving it, remove its temporary file."""
    file = SheetFile(title, columns)
    try:
        yield file
    finally:
        if not file.is_saved:  # openpyxl has no other way to be done with it
            with suppress(OSError), tempfile.TemporaryFile() as nowhere:
                file.save(nowhere)
