"""Reading CSV line by line: bytes in, lines of cells or named errors out [R38].

Each line is a row: no value can contain a line break, so an unclosed quotation mark spoils one line and
not the rest of the file.
"""

import csv
import re
from collections.abc import Iterator
from typing import BinaryIO

from django.core.files import File

from ..models import RowReason
from .rows import Line, RowError

MAX_LINE_BYTES = 10_000
BOM = b"\xef\xbb\xbf"
BLOCK = 65_536  # bytes read at once
LINE_END = re.compile(rb"(\r\n|\n|\r)")
#: Characters of a line without values: what spreadsheets leave of empty rows.
BLANK = b' \t,;"' + BOM
#: Excel's own first line, which is skipped; the header decides how the rest is read.
SEPARATOR_LINE = re.compile(rb'"?sep=[,;\t]"?[,;\t]*', re.IGNORECASE)
SEPARATORS = (",", ";", "\t")


def read_csv(file: BinaryIO | File) -> Iterator[Line]:
    """Yield the lines that are not empty, the header first, from the start of the file.

    The header decides which separator the file has.
    """
    lines = ((number, raw, size) for number, raw, size in _read_lines(file) if raw.strip(BLANK))
    separator = ""
    for number, raw, bytes_read in lines:
        content = raw if separator else raw.removeprefix(BOM)
        if not separator and SEPARATOR_LINE.fullmatch(content):
            continue
        separator = separator or _find_separator(content)
        yield _make_line(number, content, separator, bytes_read)


def _find_separator(header: bytes) -> str:
    return max(SEPARATORS, key=lambda each: header.count(each.encode()))


def _make_line(number: int, raw: bytes, separator: str, bytes_read: int) -> Line:
    try:
        cells = [value.strip() for value in _split(_decode(raw), separator)]
    except RowError as error:
        seen = raw[:MAX_LINE_BYTES].decode(errors="replace").replace("\0", "\ufffd")
        return Line(number, [seen], bytes_read, error)
    return Line(number, cells, bytes_read)


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


def _decode(raw: bytes) -> str:
    if len(raw) > MAX_LINE_BYTES:
        raise RowError(RowReason.TOO_LONG, value=MAX_LINE_BYTES)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise RowError(RowReason.NOT_UTF8) from None
    if "\0" in text:
        raise RowError(RowReason.NUL)
    return text


def _split(text: str, separator: str) -> list[str]:
    if '"' not in text:
        return text.split(separator)
    try:
        return next(csv.reader([text], delimiter=separator, strict=True))
    except (csv.Error, StopIteration):
        raise RowError(RowReason.QUOTES) from None
