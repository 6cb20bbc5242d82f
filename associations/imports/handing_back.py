"""Files that go out: templates to fill in, and rows with errors in the format in which they came [R60]."""

import tempfile
from collections.abc import Iterable, Iterator
from typing import IO

from django.db.models import Q
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cpor_site.web.csv_files import stream_csv, write_csv
from cpor_site.web.xlsx_files import CONTENT_TYPE, SheetColumn, SheetFile, new_sheet_file

from ..models import ImportFile, ImportRow
from .kinds import Kind
from .tables import CSV, REASON_COLUMN, XLSX

#: Rows with errors that are read at once.
ROWS_READ = 500
WIDTH = 24  # characters


def send_table(
    name: str, header: list[str], rows: Iterable[list[list[str]]] = (), *, kind: Kind | None = None
) -> HttpResponseBase:
    """Return a table to download in the format that ``name`` ends with; ``rows`` come buffer by buffer.

    A workbook of a ``kind`` explains the columns on a second sheet, which is not read back. Raise Http404
    for another format.
    """
    form = name.rpartition(".")[2]
    if form == CSV:
        return stream_csv(name, write_csv(header, rows))
    if form != XLSX:
        raise Http404
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with new_sheet_file(
        _("Rows"), [SheetColumn(each, WIDTH, is_text=True) for each in header]
    ) as sheet:
        for buffer in rows:
            sheet.add(buffer)
        if kind:
            _explain(sheet, kind)
        sheet.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPE)


def write_template(kind: Kind, form: str) -> HttpResponseBase:
    """Return an empty table with the kind's columns; raise Http404 for another format."""
    return send_table(f"{kind.code}.{form}", [each.name for each in kind.columns], kind=kind)


def stream_bad_rows(import_file: ImportFile, kind: Kind, form: str) -> HttpResponseBase:
    """Return the rows with errors as they came, with a first column that says why.

    The column may stay when the corrected rows are uploaded. Raise Http404 for another format.
    """
    columns = import_file.columns or [each.name for each in kind.columns]
    name = f"bad-rows-{import_file.pk}.{form}"
    return send_table(name, [REASON_COLUMN, *columns], _list_rows(import_file))


def describe_unlisted(number: int) -> str:
    """Say how many rows with errors are not listed."""
    words = ngettext("%(number)d more row has errors.", "%(number)d more rows have errors.", number)
    return words % {"number": number}


def _list_rows(import_file: ImportFile) -> Iterator[list[list[str]]]:
    for rows in _read_buffers(import_file):
        yield [[_say(row), *row.cells] for row in rows]
    if unlisted := import_file.count_unlisted():
        yield [[describe_unlisted(unlisted)]]


def _say(row: ImportRow) -> str:
    return _("Line %(line)d: %(reason)s") % {"line": row.line, "reason": row.describe()}


def _read_buffers(import_file: ImportFile) -> Iterator[list[ImportRow]]:
    """Continue from the last row each time, so that nothing is held open while a buffer is sent."""
    problems = import_file.problems.order_by("line", "pk")
    buffer = list(problems[:ROWS_READ])
    while buffer:
        yield buffer
        last = buffer[-1]
        after = Q(line__gt=last.line) | Q(line=last.line, pk__gt=last.pk)
        buffer = list(problems.filter(after)[:ROWS_READ])


def _explain(file: SheetFile, kind: Kind) -> None:
    """Add a sheet that says what belongs in each column; only the first sheet is read."""
    titles = (_("Column"), _("Required"), _("What to enter"), _("Example"))
    widths = (WIDTH, WIDTH // 2, 3 * WIDTH, WIDTH)
    columns = [SheetColumn(*each) for each in zip(titles, widths, strict=True)]
    file.start_sheet(_("Columns"), columns)
    for column in kind.columns:
        required = _("yes") if column.is_required else _("no")
        words = " ".join(filter(None, (str(column.help_text), ", ".join(column.choices))))
        file.add([[column.name, required, words, column.example]])
