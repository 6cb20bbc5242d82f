"""CSV files to download: one way to write them, safe to open in a spreadsheet [R46]."""

import csv
import re
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse
from django.utils import formats, translation

from .streams import stream_text

CONTENT_TYPE = "text/csv; charset=utf-8"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: What a spreadsheet takes for the start of a formula where a cell begins, or would begin if the file
#: were read with another separator than it was written with. Leading blanks do not prevent that.
FORMULA_START = re.compile(r"((?:^|[,;\t\r\n])[\" ]*)(?=[=+\-@＝＋－＠])")
#: The apostrophe that was put there, in a file that comes back.
ESCAPED = re.compile(r"((?:^|[,;\t\r\n])[\" ]*)'(?=[=+\-@＝＋－＠])")
#: A tab or line end at the start moves the rest to another cell.
BREAK_START = re.compile(r"^(?=[\t\r\n])")


def escape_formula(value: str) -> str:
    """Put an apostrophe before anything that a spreadsheet would run, whatever the separator."""
    return BREAK_START.sub("'", FORMULA_START.sub(r"\1'", value))


def restore_formula(value: str) -> str:
    """Return what ``escape_formula`` made of a value, as it was: for our own files that come back."""
    return ESCAPED.sub(r"\1", value)


def find_delimiter() -> str:
    """Return the separator that spreadsheets expect in the active language.

    That is a semicolon if the language writes decimals with a comma.
    """
    return ";" if formats.get_format("DECIMAL_SEPARATOR") == "," else ","


def write_csv(header: Iterable[str], buffers: Iterable[Iterable[list[str]]]) -> Iterator[bytes]:
    """Yield a file as UTF-8 with a byte order mark: the header, then the rows of each buffer at once.

    No cell becomes a formula. The language that is active at the first chunk decides the separator.
    """
    writer = csv.writer(_Echo(), delimiter=find_delimiter())
    yield BYTE_ORDER_MARK + writer.writerow(header).encode()
    for rows in buffers:
        yield "".join(writer.writerow(map(escape_formula, row)) for row in rows).encode()


def stream_csv(name: str, chunks: Iterator[bytes]) -> StreamingHttpResponse:
    """Respond with a file to download, written in the language of the request."""
    return StreamingHttpResponse(
        stream_text(chunks, language=translation.get_language()),
        content_type=CONTENT_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


class _Echo:
    """Return what csv writes instead of keeping it."""

    def write(self, text: str) -> str:
        return text
