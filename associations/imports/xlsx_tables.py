"""Reading workbooks row by row: the first visible sheet, cells as text or named errors out.

A workbook is a ZIP of XML from a stranger: its directory is checked before anything is unpacked, DTDs and
entities are refused (openpyxl parses with defusedxml), and rows are read one at a time.
"""

import datetime as dt
import logging
import re
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import BinaryIO

from django.core.files import File
from openpyxl import load_workbook
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.packaging.manifest import Manifest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.xml.constants import ARC_CONTENT_TYPES, SHARED_STRINGS
from openpyxl.xml.functions import fromstring

from cpor_site.web import office_files

from ..models import RowReason
from .rows import Line, RowError, UnreadableFile

logger = logging.getLogger(__name__)

#: Columns of a sheet that are read; a header that needs more is not one of ours.
COLUMNS_MAX = 200
#: Rows that a sheet can have; the number of a row is what the file says it is.
ROWS_MAX = 1_048_576
#: From here on a spreadsheet's number has lost digits of what was typed.
EXACT_MAX = 10**15
FORMULA, CELL_ERROR = "f", "e"
MERGED = re.compile(rb"<(?:\w+:)?mergeCell[ />]")
SHEETS = "xl/worksheets/"
#: Bytes, unpacked, of the texts and of other parts that are read at once; sheets are read row by row.
PART_MAX = 32_000_000
#: The same for parts of which a tree is made, which needs ten times that.
TREE_MAX = {"xl/workbook.xml": 8_000_000, "xl/styles.xml": 8_000_000}
BLOCK = 1_048_576  # bytes unpacked at once


def read_xlsx(file: BinaryIO | File) -> Iterator[Line]:
    """Yield the rows of the first visible sheet that are not empty, the header first.

    ``bytes_read`` is the share of the sheet's rows. Raise UnreadableFile for what cannot be opened.
    """
    size = file.seek(0, 2)
    has_merged = _check(file)
    workbook = _open(file)
    try:
        sheet = _find_sheet(workbook)
        announced = sheet.max_row or 0
        sheet.reset_dimensions()  # what the file says of its size need not be true
        rows = sheet.iter_rows(max_col=COLUMNS_MAX, max_row=ROWS_MAX)
        yield from _read_rows(rows, size=size, announced=announced, has_merged=has_merged)
    except UnreadableFile:
        raise
    except Exception as error:  # as above; the log tells hostile bytes from a fault of ours
        logger.info("a workbook could not be read", exc_info=True)
        raise UnreadableFile(RowReason.NOT_A_WORKBOOK) from error
    finally:
        workbook.close()


def _check(file) -> bool:
    """Refuse what is hostile or no workbook; return whether any sheet has merged cells."""
    try:
        office_files.check_package(file, "xlsx")
        with zipfile.ZipFile(file) as archive:
            _require_small_parts(archive)
            return any(
                _has_merged(archive, name) for name in archive.namelist() if name.startswith(SHEETS)
            )
    except office_files.Protected as error:
        raise UnreadableFile(RowReason.PROTECTED) from error
    except Exception as error:  # hostile bytes break the parsers in many ways
        raise UnreadableFile(RowReason.NOT_A_WORKBOOK) from error


def _require_small_parts(archive: zipfile.ZipFile) -> None:
    strings = Manifest.from_tree(fromstring(archive.read(ARC_CONTENT_TYPES))).find(SHARED_STRINGS)
    texts = strings.PartName.lstrip("/") if strings else ""  # they may have any name
    for part in archive.infolist():
        is_sheet = part.filename.startswith(SHEETS) and part.filename != texts
        limit = TREE_MAX.get(part.filename.lower(), PART_MAX)
        if part.file_size > limit and not is_sheet:
            raise office_files.TooMuchInside


def _has_merged(archive: zipfile.ZipFile, name: str) -> bool:
    """Merged cells are listed after the rows, so the whole sheet is unpacked, a block at a time."""
    before = b""
    with archive.open(name) as sheet:
        while block := sheet.read(BLOCK):
            if MERGED.search(before + block):
                return True
            before = block[-40:]
    return False


def _open(file: BinaryIO | File) -> Workbook:
    file.seek(0)
    try:
        return load_workbook(file, read_only=True, keep_links=False)
    except Exception as error:  # hostile bytes, once more
        raise UnreadableFile(RowReason.NOT_A_WORKBOOK) from error


def _find_sheet(workbook: Workbook):
    for sheet in workbook.worksheets:
        if sheet.sheet_state == "visible":
            return sheet
    raise UnreadableFile(RowReason.NO_SHEET)


def _read_rows(rows: Iterable, *, size: int, announced: int, has_merged: bool) -> Iterator[Line]:
    blank = None
    for number, cells in enumerate(rows, start=1):
        if cells is blank:
            continue  # a million of them may lie between two rows
        if all(cell is EMPTY_CELL for cell in cells):
            blank = cells
            continue
        texts = [_write(cell.value) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            done = size * min(number, announced) // announced if announced else 0
            error = _find_error(cells)
            yield Line(number, texts, done, error, has_merged=has_merged)


def _find_error(cells: Iterable) -> RowError | None:
    """Return what is wrong with the first cell whose value cannot be taken as it stands."""
    for position, cell in enumerate(cells):
        if cell.value is None:
            continue
        column = position
        if cell.data_type == FORMULA:
            return RowError(RowReason.FORMULA, column=str(column), value=cell.value)
        if cell.data_type == CELL_ERROR:
            return RowError(RowReason.CELL_ERROR, column=str(column), value=cell.value)
        if isinstance(cell.value, int | float) and abs(cell.value) >= EXACT_MAX:
            return RowError(RowReason.AS_NUMBER, column=str(column), value=_shorten(cell.value))
    return None


def _shorten(number: float) -> str:
    """Return a number as a spreadsheet shows one of many digits, such as 1.23E+15."""
    return f"{Decimal(number):.3G}"  # an integer may have hundreds of digits, too many for a float


def _write(value: object) -> str:
    """Return a cell's value as people would type it."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT_MAX:
        return str(int(value))
    if isinstance(value, ArrayFormula):
        return str(value.text)
    return str(value).strip()
