"""Made CSV files in every dialect, and bytes that are none. Name → kind and content."""

import csv
import io

from cpor_site.web.csv_files import write_csv

from .made_files import LAMNA, good, make_csv, name_columns

HEADER = name_columns("customers")
ROWS = (
    good("customers"),
    good("customers", tenant_id=LAMNA, name="Lamna Café", domains="lamna.example"),
)


def _make(*rows, **dialect):
    return "customers", make_csv("customers", *(rows or ROWS), **dialect)


def _hand_back(*rows):
    """The file of bad rows as we send it out."""
    return "customers", b"".join(write_csv(["reason", *HEADER], [rows]))


def _quote(*rows):
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([HEADER, *rows])
    return "customers", file.getvalue().encode()


DIALECTS = {
    "commas": _make(),
    "semicolons": _make(separator=";"),
    "tabs": _make(separator="\t"),
    "byte order mark": _make(start=b"\xef\xbb\xbf"),
    "line ends of Windows": _make(newline="\r\n"),
    "line ends of an old Mac": _make(newline="\r"),
    "everything in quotes": _quote(*ROWS),
    "Excel's separator line": _make(start=b"sep=;\r\n", separator=";"),
    "header in capitals": _make(header=[name.upper() for name in HEADER]),
    "header with hidden characters": _make(header=["\u200b" + name + "\u00a0" for name in HEADER]),
    "columns in another order": _make(*(row[::-1] for row in ROWS), header=HEADER[::-1]),
    "empty lines in between": _make("", ROWS[0], ",,,", "", "rubbish", ROWS[1]),
    "columns without a name": _make(
        ",".join(ROWS[0]) + ",,", ",".join(ROWS[1]) + ",a note,", header=",".join(HEADER) + ",,"
    ),
    "a value too few": _make(",".join(ROWS[0][:-1])),
    "a line break in quotes": _make('8a5c,"Two\nlines",US'),
    "a quotation mark inside": _make(",".join(good("customers", name='Wood"grove')), ROWS[1]),
    "NUL": _make(good("customers", name="Wood\0grove"), ROWS[1]),
    "other control characters": _make(good("customers", name="Wood\x07grove\u202e")),
    "a line too long": _make(good("customers", name="x" * 10_001), ROWS[1]),
    "cp1252": _make(encoding="cp1252"),
    "UTF-16": _make(encoding="utf-16"),
    "UTF-16 without a mark": _make(encoding="utf-16-le"),
    "header only": _make(""),
    "nothing": ("customers", b""),
    "a byte order mark alone": ("customers", b"\xef\xbb\xbf"),
    "only separators": ("customers", b",,,\r\n;;;\r\n"),
    "no header": ("customers", (",".join(ROWS[0]) + "\n").encode()),
    "an unknown column": _make(header=[*HEADER, "phone"]),
    "a column twice": _make(header=[*HEADER, "name"]),
    "a column missing": _make(header=[name for name in HEADER if name != "time_zone"]),
    "the file of another kind": ("customers", make_csv("subscriptions", good("subscriptions"))),
    "a thousand columns": _make(header=[*HEADER, *(f"c{n}" for n in range(1000))]),
    "a thousand columns without names": _make(
        ",".join(ROWS[0]) + "," * 1000, header=",".join(HEADER) + "," * 1000
    ),
    "a web page": ("customers", b"<html><table><tr><td>tenant_id</td></tr></table></html>"),
    "a PDF": ("customers", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"),
    "JSON": ("customers", b'[{"tenant_id": "x"}]'),
    "an image": ("customers", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    "bad rows that come back": _hand_back(
        ["Line 2: wrong.", *good("customers", name="-Woodgrove, @home")],
        ["Line 3: wrong.", *good("customers", tenant_id=LAMNA, name="=1", domains="lamna.example")],
        ["12 more rows have errors."],
        ["Line 9: values deleted.", *[""] * len(HEADER)],
    ),
}
