"""Made workbooks: what people do in a spreadsheet, and what is hostile. Name → kind and content."""

import datetime as dt
import io
import re
import zipfile

from openpyxl.chart import BarChart
from openpyxl.worksheet.formula import ArrayFormula

from .made_files import (
    LAMNA,
    SALES,
    STRINGS,
    change_sheet,
    good,
    lie_about_size,
    make_workbook,
    name_columns,
    rewrite,
    set_encrypted,
    share_texts,
    stored,
)

SHEET = "xl/worksheets/sheet1.xml"
TYPES = "[Content_Types].xml"
CUSTOMER = good("customers")
SEATS = stored("subscriptions")
DTD = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


def _customers(*rows, **options):
    return "customers", make_workbook("customers", *(rows or [CUSTOMER]), **options)


def _seats(**values):
    """A file of one subscription that is stored, with cells of other types."""
    names = name_columns("subscriptions")
    cells = [values.get(name, cell) for name, cell in zip(names, SEATS, strict=True)]
    return "subscriptions", make_workbook("subscriptions", cells)


def _hide_first(workbook, sheet):
    copy = workbook.copy_worksheet(sheet)
    for row in list(sheet.iter_rows()):
        for cell in row:
            cell.value = "old"
    sheet.sheet_state, workbook.active = "hidden", copy


def _hide_all():
    """openpyxl refuses to write this; a spreadsheet's macro does it."""
    return _hostile(
        "xl/workbook.xml", lambda part: part.replace(b'"visible" r:id', b'"veryHidden" r:id')
    )


def _leave_chart_only(workbook, sheet):
    workbook.create_chartsheet("Chart").add_chart(BarChart())
    workbook.remove(sheet)


def _keep_as_text(_workbook, sheet):
    sheet["B2"].data_type = "s"


def _space_out(_workbook, sheet):
    sheet.insert_rows(1, 3)  # the header is in row 4
    sheet.insert_rows(6, 10)  # the second customer is in row 16
    sheet["B16"] = None


def _merge(_workbook, sheet):
    sheet.merge_cells("C2:C3")


def _protect(workbook, sheet):
    """Protection of cells is no encryption: the file can be read."""
    sheet.protection.set_password("secret")
    workbook.security.lockStructure = True


def _on_second_sheet(workbook, _sheet):
    workbook.create_sheet("Notes").append(["more", "columns", "than", "fit"])


def _hostile(part, change, **options):
    return "customers", rewrite(make_workbook("customers", CUSTOMER), {part: change}, **options)


def _sheet(pattern, replacement, *rows):
    content = make_workbook("customers", *(rows or [CUSTOMER]))
    return "customers", change_sheet(content, pattern, replacement)


def _bomb():
    content = make_workbook("customers", CUSTOMER)
    return "customers", lie_about_size(content, SHEET, size=2**32 - 2)


PLAIN = make_workbook("customers", CUSTOMER)
SHARED = share_texts(PLAIN)
HIDDEN_TEXTS = lie_about_size(
    share_texts(PLAIN, name="xl/worksheets/x.xml"), "xl/worksheets/x.xml", size=65_000_000
)
WORKBOOKS = {
    "plain": _customers(),
    "date cells": _seats(ends_on=dt.date(2027, 6, 30)),
    "date cells with a time": _seats(ends_on=dt.datetime(2027, 6, 30, 12, 30)),  # noqa: DTZ001 - as cells
    "a time instead of a date": _seats(ends_on=dt.time(12, 30)),
    "numbers as whole floats": _seats(sold_seats=300.0),
    "numbers as broken floats": _seats(sold_seats=300.5),
    "an ID that became a number": _seats(subscription_id=1.23e15),
    "an ID that became a whole number": _seats(subscription_id=12345678901234567890123456789012),
    "an ID of fifteen digits": _seats(subscription_id=123456789012345),
    "a number of hundreds of digits": (
        "subscriptions",
        change_sheet(_seats(sold_seats=424242)[1], b"424242", b"9" * 400),
    ),
    "a number without end": (
        "subscriptions",
        change_sheet(_seats(sold_seats=424242)[1], b"424242", b"1E999"),
    ),
    "true and false": _seats(sold_seats=True),
    "errors of the spreadsheet": _customers(
        [*CUSTOMER[:1], "#REF!", *CUSTOMER[2:]], good("customers", tenant_id=LAMNA, country="#N/A")
    ),
    "formulas": _customers(
        [*CUSTOMER[:1], '="Wood"&"grove"', *CUSTOMER[2:]],
        [*CUSTOMER[:1], ArrayFormula("B3", "=A1:A2"), *CUSTOMER[2:]],
        [*CUSTOMER, '=HYPERLINK("https://x.example")'],
    ),
    "text that begins like a formula": _customers(
        [*CUSTOMER[:1], "=1+1", *CUSTOMER[2:]], change=_keep_as_text
    ),
    "line breaks and hidden characters": _customers(
        good("customers", name="Wood\ngrove\u200b  Ltd"),
        good(
            "customers",
            tenant_id=LAMNA + "\n",
            name="Lamna",
            domains="lamna.example\nlamna.test.example",
        ),
    ),
    "merged cells": _customers(
        CUSTOMER,
        ["", *good("customers", country="")[1:]],
        good("customers", tenant_id=LAMNA, country="", domains="lamna.example"),
        change=_merge,
    ),
    "empty rows in between": _customers(
        CUSTOMER, good("customers", tenant_id=LAMNA), change=_space_out
    ),
    "a hidden first sheet": _customers(change=_hide_first),
    "only hidden sheets": _hide_all(),
    "only a chart to see": _customers(change=_leave_chart_only),
    "a second sheet": _customers(change=_on_second_sheet),
    "protected cells": _customers(change=_protect),
    "header in capitals": _customers(header=[name.upper() for name in name_columns("customers")]),
    "header twice": _customers(header=[*name_columns("customers"), "name"]),
    "header only": ("customers", make_workbook("customers")),
    "no header": _customers(header=[None]),
    "empty": ("customers", make_workbook("customers", header=[None])),
    "a thousand columns": _customers(
        header=[*name_columns("customers"), *(f"c{n}" for n in range(1000))]
    ),
    "a reason left in": _customers(
        ["Line 2: wrong.", *CUSTOMER],
        ["Line 3: wrong.", *CUSTOMER[:1], "=1+1", *CUSTOMER[2:]],
        ["3 more rows have errors."],
        header=["reason", *name_columns("customers")],
    ),
    "notes beside the columns": _customers([*CUSTOMER, "a note"]),
    "other kind": ("customers", make_workbook("subscriptions", SEATS)),
    "every cell wrong": (
        "subscriptions",
        make_workbook(
            "subscriptions",
            [None, *SEATS[1:]],
            [SALES, 2.5, *SEATS[2:]],
            [SALES, LAMNA, True, *SEATS[3:]],
            [*SEATS[:3], "shop", *SEATS[4:]],
            [*SEATS[:5], -3, SEATS[6]],
            [*SEATS[:5], "#DIV/0!", SEATS[6]],
            [*SEATS[:6], 46203],
            [*SEATS[:6], dt.date(1899, 12, 31)],
        ),
    ),
    "a size that is too small": _sheet(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"'),
    "a size that is too large": _sheet(
        rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"'
    ),
    "no size": _sheet(rb'<dimension ref="[^"]*" ?/>', b""),
    "a row beyond the end of a sheet": _sheet(rb'<row r="2"', b'<row r="999999999"'),
    "the last row of a sheet": _sheet(rb'<row r="2"', b'<row r="1048576"'),
    "a cell beyond the last column": _sheet(rb'<c r="A2"', b'<c r="ZZZZ2"'),
    "a cell of no place": _sheet(rb'<c r="A2"', b'<c r="??"'),
    "texts in a part of their own": ("customers", SHARED),
    "text that is not there": ("customers", change_sheet(SHARED, rb"<v>12</v>", b"<v>99999</v>")),
    "broken XML": _sheet(rb"</row></sheetData>", b"</row></sheetDat>"),
    "XML cut off": _hostile(SHEET, lambda part: part[: len(part) // 2]),
    "entities in the sheet": _hostile(
        SHEET, lambda part: DTD + re.sub(rb"<\?xml.*?\?>", b"", part)
    ),
    "entities in the texts": ("customers", rewrite(SHARED, {STRINGS: lambda part: DTD + part})),
    "entities in the list of parts": _hostile(
        TYPES, lambda part: DTD + re.sub(rb"<\?xml.*?\?>", b"", part)
    ),
    "a bomb": _bomb(),
    "texts too large": (
        "customers",
        lie_about_size(SHARED, STRINGS, size=65_000_000),
    ),
    "texts too large that are called a sheet": ("customers", HIDDEN_TEXTS),
    "styles too large": ("customers", lie_about_size(PLAIN, "xl/styles.xml", size=9_000_000)),
    "a size that is a lie": ("customers", lie_about_size(PLAIN, SHEET, size=100)),
    "macros": _hostile(SHEET, lambda part: part, added={"xl/vbaProject.bin": b"x"}),
    "a workbook with macros by type": _hostile(
        TYPES,
        lambda part: part.replace(
            b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        ),
    ),
    "a Word document": _hostile(
        TYPES,
        lambda part: part.replace(b"spreadsheetml.sheet.main", b"wordprocessingml.document.main"),
    ),
    "a password": (
        "customers",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
    ),
    "a password of the ZIP": ("customers", set_encrypted(PLAIN)),
    "cut off": ("customers", PLAIN[: len(PLAIN) // 2]),
    "a ZIP of something else": ("customers", None),
    "no list of parts": _hostile(TYPES, lambda _part: b""),
}


def _zip_of_text():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("customers.csv", "tenant_id\n")
    return file.getvalue()


WORKBOOKS["a ZIP of something else"] = ("customers", _zip_of_text())
