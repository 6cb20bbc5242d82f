"""Rows with errors come back in the format of the file, to be corrected and loaded again [R60]."""

import io

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from openpyxl import load_workbook

from associations.enums import RowOutcome
from associations.importable import KINDS
from associations.imports import engine
from associations.imports.handing_back import stream_bad_rows, write_template
from associations.models import ImportFile

from .made_files import LAMNA, good, make_csv, make_workbook, name_columns
from .world import count, run

HEADER = name_columns("customers")


def take(response):
    """Return what a response sends; like the test client, keep the connection of the test open."""
    content = b"".join(response.streaming_content)
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)
    return content


def hand_back(file, form):
    return take(stream_bad_rows(ImportFile.objects.get(pk=file.pk), KINDS[file.kind], form))


def read_sheet(content):
    rows = load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    return [[value or "" for value in row] for row in rows]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("name", ["-North; @South", "'=x", "+1; =2", "O'Neil & Söhne"])
def test_a_corrected_row_is_what_it_was(world, form, name):
    """The apostrophes that keep a spreadsheet from running a value are ours, and go again."""
    row = good("customers", tenant_id=LAMNA, name=name, country="XX", domains="lamna.example")
    back = hand_back(run(world, "customers", make_csv("customers", row)), form)
    if form == "csv":
        corrected = back.replace(b",XX,", b",BR,")
    else:
        rows = read_sheet(back)
        corrected = make_workbook(
            "customers",
            *[["BR" if each == "XX" else each for each in row] for row in rows[1:]],
            header=rows[0],
        )

    again = run(world, "customers", corrected, is_trial=False)

    assert count(again) == ((0, 0, 0, 1) if name == "'=x" else (0, 1, 0, 0))
    world.lamna.refresh_from_db()
    assert world.lamna.name == ("Lamna" if name == "'=x" else name)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_columns_of_a_file_that_failed_are_its_own(world, monkeypatch, form):
    monkeypatch.setattr(type(KINDS["customers"]), "rows_max", 2)
    monkeypatch.setattr(type(KINDS["customers"]), "batch", 1)
    rows = [good("customers", country="XX")[::-1] for _each in range(3)]

    file = run(world, "customers", make_csv("customers", *rows, header=HEADER[::-1]))

    assert file.state == ImportFile.State.FAILED
    back = hand_back(file, form)
    header = (
        read_sheet(back)[0]
        if form == "xlsx"
        else back.decode("utf-8-sig").split("\r\n")[0].split(",")
    )
    assert header == ["reason", *HEADER[::-1]]


def test_a_workbook_takes_any_character_that_csv_had(world):
    line = ",".join(good("customers", name="Wood\x07grove", country="XX"))

    rows = read_sheet(hand_back(run(world, "customers", make_csv("customers", line)), "xlsx"))

    assert rows[1][2] == "Woodgrove"
    assert rows[1][0].startswith("Line 2: country: ")


def test_an_old_reason_moves_no_value_to_another_column(world):
    row = ["Line 2: wrong.", *good("customers", name="=1+1")]
    file = run(world, "customers", make_workbook("customers", row, header=["reason", *HEADER]))

    rows = read_sheet(hand_back(file, "xlsx"))

    assert rows[0] == ["reason", *HEADER]
    assert rows[1][1:3] == [good("customers")[0], "=1+1"]


def test_rows_that_are_not_listed_are_counted_and_no_row_when_they_come_back(world, monkeypatch):
    monkeypatch.setitem(engine.KEPT_MAX, RowOutcome.BAD, 1)
    rows = [good("customers", country="XX")] * 3
    back = hand_back(run(world, "customers", make_csv("customers", *rows)), "csv")
    assert back.decode().rstrip().endswith("2 more rows have errors.")

    assert count(run(world, "customers", back)) == (0, 0, 0, 1)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_template_is_a_file_without_rows(world, kind, form):
    content = take(write_template(KINDS[kind], form))

    file = run(world, kind, content)

    assert (file.state, count(file), file.problems.count()) == ("checked", (0, 0, 0, 0), 0)
    assert file.columns == name_columns(kind)
