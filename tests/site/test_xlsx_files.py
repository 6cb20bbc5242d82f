"""XLSX files: text stays text, dates are dates, and nothing is left behind [R46]."""

import datetime as dt
import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cpor_site.web.xlsx_files import SheetColumn, new_sheet_file

COLUMNS = [SheetColumn("Claim", 12), SheetColumn("=Name", 30)]


@pytest.fixture
def leftovers(tmp_path, monkeypatch):
    """List what is in the folder of temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return lambda: [each.name for each in Path(tmp_path).iterdir()]


def write(*rows):
    content = io.BytesIO()
    with new_sheet_file("Claims", COLUMNS) as file:
        file.add(rows)
        file.save(content)
    return content


def read_cell(value):
    return load_workbook(write([value])).active["A2"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1", " =1", '"=1"', "＝1", "=", "{=1}"]
)
def test_a_text_is_never_a_formula(text):
    content = write([text])

    assert load_workbook(content).active["A2"].data_type == "s"
    assert load_workbook(content).active["A2"].value == text
    sheet = zipfile.ZipFile(content).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"<f " not in sheet


@pytest.mark.parametrize(("text", "is_quoted"), [("=1+1", True), (" @x", True), ("a=b", False)])
def test_what_would_run_once_edited_is_quoted(text, is_quoted):
    assert bool(read_cell(text).quotePrefix) == is_quoted


def test_a_header_is_text_as_well():
    header = load_workbook(write()).active["B1"]

    assert (header.value, header.data_type, header.font.bold) == ("=Name", "s", True)


def test_instants_are_dates_in_utc_and_days_are_days():
    zone = dt.timezone(dt.timedelta(hours=-3))
    instant = read_cell(dt.datetime(2026, 11, 27, 22, 30, tzinfo=zone))
    day = read_cell(dt.date(2026, 11, 27))

    assert (str(instant.value), instant.is_date) == ("2026-11-28 01:30:00", True)
    assert instant.number_format == "yyyy-mm-dd hh:mm"
    assert (str(day.value), day.is_date) == ("2026-11-27 00:00:00", True)
    assert day.number_format == "yyyy-mm-dd"


@pytest.mark.parametrize("value", [None, ""])
def test_nothing_is_an_empty_cell(value):
    assert read_cell(value).value is None


@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb", "a\ud800b", "a\uffffb"])
def test_what_xml_cannot_hold_is_left_out(text):
    assert read_cell(text).value == "ab"


def test_the_header_stays_in_sight_and_filters_all_rows():
    sheet = load_workbook(write(["K7QF2X", "a"], ["M2XWD4", "b"])).active

    assert (sheet.title, sheet.freeze_panes, sheet.auto_filter.ref) == ("Claims", "A2", "A1:B3")
    assert (sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width) == (12, 30)


def test_a_saved_file_leaves_nothing_behind(leftovers):
    write(["K7QF2X", "a"])

    assert leftovers() == []


def test_a_file_that_failed_leaves_nothing_behind(leftovers):
    with pytest.raises(ZeroDivisionError), new_sheet_file("Claims", COLUMNS) as file:
        file.add([["K7QF2X", "a"]])
        assert leftovers()
        raise ZeroDivisionError

    assert leftovers() == []
