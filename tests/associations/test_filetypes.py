"""What a file is, is told by its content; anything may be sent, and nothing but UnfitFile comes out [R11]."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from associations.filetypes import TYPE_OF, ZIP_ENTRIES_MAX, UnfitFile, check_file
from tests.associations.proof_files import (
    GOOD,
    PDF,
    WORD,
    make_docx,
    make_image,
    make_office,
    make_xlsx,
    make_zip,
)


def check(content, name):
    return check_file(io.BytesIO(content), name)


def make_huge_png_header():
    """A PNG of 100,000 by 100,000 pixels in a hundred bytes."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + head + struct.pack(">I", zlib.crc32(b"IHDR" + head))
    return b"\x89PNG\r\n\x1a\n" + chunk


@pytest.mark.parametrize("name", GOOD)
def test_accepted_types_are_recognised_and_left_at_their_start(name):
    file = io.BytesIO(GOOD[name])

    found = check_file(file, name)

    assert found == TYPE_OF[name.rpartition(".")[2].lower()]
    assert file.tell() == 0


@pytest.mark.parametrize("name", ["run.exe", "page.html", "notes", "macro.docm", ".pdf.svg", ""])
def test_other_types_are_refused_whatever_is_in_them(name):
    with pytest.raises(UnfitFile, match="not accepted"):
        check(PDF, name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"MZ\x90\0 a program"),
        ("a.pdf", b"<html>%PDF-1.4 %%EOF</html>"),
        ("a.pdf", make_docx()),
        ("a.docx", PDF),
        ("a.png", make_image("JPEG")),
        ("a.jpg", make_image("PNG")),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old workbook"),
    ],
)
def test_disguised_files_are_refused(name, content):
    with pytest.raises(UnfitFile, match="its content is something else"):
        check(content, name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", PDF.replace(b"%%EOF", b"")),
        ("a.docx", make_zip({"readme.txt": b"a plain ZIP"})),
        ("a.docx", make_xlsx()),
        ("a.xlsx", make_docx()),
        ("a.docx", make_docx()[:-30]),
        ("a.docx", make_zip({"[Content_Types].xml": b"", "word/document.xml": b""}, comment=b"x")),
        ("a.docx", make_zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": b""})),
        ("a.docx", make_office("word/document.xml", WORD + '"/><!DOCTYPE x><a b="')),
        ("a.docx", make_office("word/document.xml", WORD + "&#118;")),
        ("a.png", make_image("PNG")[:40]),
        ("a.png", make_image("PNG").replace(b"IDAT", b"IDAX")),
    ],
)
def test_damaged_files_are_refused(name, content):
    with pytest.raises(UnfitFile, match="damaged or incomplete"):
        check(content, name)


def test_an_empty_file_is_refused():
    with pytest.raises(UnfitFile, match="empty"):
        check(b"", "a.pdf")


@pytest.mark.parametrize(
    "content",
    [
        make_docx(**{"word/vbaProject.bin": b"x"}),
        make_docx(**{"word/VBAPROJECT.BIN": b"x"}),
        make_office("word/document.xml", "application/vnd.ms-word.document.macroEnabled.main+xml"),
        make_office("word/document.xml", WORD + '"/><a b="application/vnd.ms-office.vbaProject'),
    ],
)
def test_macros_are_refused_under_any_name(content):
    with pytest.raises(UnfitFile, match="macros"):
        check(content, "a.docx")


def test_a_bomb_is_refused_without_unpacking_it():
    content = make_docx(**{f"word/media/{n}.bin": bytes(40_000_000) for n in range(8)})

    assert len(content) < 1_000_000
    with pytest.raises(UnfitFile, match="too much inside"):
        check(content, "a.docx")


def test_too_many_entries_are_refused():
    content = make_docx(**{f"a{n}": b"" for n in range(ZIP_ENTRIES_MAX)})

    with pytest.raises(UnfitFile, match="too much inside"):
        check(content, "a.docx")


def test_a_directory_too_large_to_read_is_refused_before_it_is_read():
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 2_000_000, 0, 0)

    with pytest.raises(UnfitFile, match="too much inside"):
        check(b"PK\x03\x04" + bytes(2_000_000) + end, "a.docx")


def test_a_picture_with_too_many_pixels_is_refused():
    with pytest.raises(UnfitFile):
        check(make_huge_png_header(), "a.png")


MAGICS = [b"", b"%PDF-1.7 ", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"PK\x03\x04"]


@given(
    start=st.sampled_from(MAGICS),
    body=st.binary(max_size=300),
    end=st.sampled_from([b"", b"%%EOF", b"PK\x05\x06" + bytes(18)]),
    extension=st.sampled_from(sorted(TYPE_OF)),
)
def test_random_bytes_raise_nothing_but_unfit(start, body, end, extension):
    try:
        found = check(start + body + end, f"a.{extension}")
    except UnfitFile as error:
        assert str(error)
    else:
        assert found == TYPE_OF[extension]


@given(data=st.data(), name=st.sampled_from(sorted(GOOD)))
def test_a_good_file_with_a_changed_byte_raises_nothing_but_unfit(data, name):
    content = bytearray(GOOD[name])
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255))

    try:
        check(bytes(content), name)
    except UnfitFile as error:
        assert str(error)
