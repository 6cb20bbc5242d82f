"""What a file is, is told by its content; anything may be sent, and nothing but UnfitFile comes out [R11]."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from associations.proof.filetypes import TYPE_OF, UnfitFile, check_file
from cpor_site.web.office_files import ENTRIES_MAX
from tests.associations.proof_files import (
    GOOD,
    PDF,
    RELATIONSHIPS,
    SHEET,
    WORD,
    make_compound,
    make_docx,
    make_image,
    make_office,
    make_photo,
    make_xlsx,
    make_zip,
    point_to,
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


@pytest.mark.parametrize(
    "before",
    [
        b"\xef\xbb\xbf",
        b"\r\n\r\n",
        b"\n",
        b" \t",
        b"\x1b%-12345X@PJL JOB\r\n",
        b"Content-Type: application/pdf\r\n\r\n",
        b"%" * 1_019,
    ],
)
def test_a_pdf_may_begin_within_the_first_1024_bytes(before):
    assert check(before + PDF, "a.pdf") == "pdf"


@pytest.mark.parametrize("before", [b"%" * 1_020, b"<script>", b"MZ\x90\0", b"\x89PNG\r\n\x1a\n"])
def test_what_begins_like_something_else_is_no_pdf(before):
    with pytest.raises(UnfitFile, match="its content is something else"):
        check(before + PDF, "a.pdf")


@pytest.mark.parametrize("after", [bytes(5_000), b"\r\n" * 3_000, b"\0" * 1_100_000, b"\x1a"])
def test_padding_behind_a_pdf_does_not_matter(after):
    assert check(PDF + after, "a.pdf") == "pdf"


@pytest.mark.parametrize(
    "trailer",
    [
        b"trailer<</Root 1 0 R/Encrypt 9 0 R/ID[<00><00>]>>",
        b"9 0 obj<</Type/XRef /Encrypt\n12 0\r\nR /W[1 2 1]>>",
        b"trailer << /Encrypt << /Filter /Standard /V 4 >> >>",
        b"trailer<</Root 1 0 R/Encrypt 9 0 R>>" + b" " * 1_048_570,
        b" " * 1_048_540 + b"trailer<</Root 1 0 R/Encrypt 9 0 R>>",
    ],
)
def test_a_pdf_that_a_password_keeps_closed_is_refused_and_says_why(trailer):
    with pytest.raises(UnfitFile, match=r"protected by a password.*Remove the protection"):
        check(b"%PDF-1.7\n" + trailer + b"\nstartxref\n0\n%%EOF\n", "a.pdf")


@pytest.mark.parametrize(
    "words", [b"(about /Encrypt and /EncryptMetadata true)", b"/Encryption 1 0 R"]
)
def test_a_pdf_about_encryption_is_taken(words):
    assert check(PDF.replace(b"trailer", words + b" trailer"), "a.pdf") == "pdf"


@pytest.mark.parametrize("extension", ["jfif", "JFIF", "jpe", "pjpeg", "pjp"])
def test_a_jpeg_goes_by_several_extensions(extension):
    assert check(make_image("JPEG"), f"photo.{extension}") == "jpg"


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"comment": b"\xff\xd9" * 20}])
def test_a_jpeg_must_be_whole(options):
    photo = make_photo(**options)

    assert check(photo, "a.jpg") == "jpg"
    assert check(photo + b"\0" * 999 + photo, "a.jpg") == "jpg", (
        "A telephone adds a second picture."
    )
    for kept in (len(photo) // 2, len(photo) - 2, len(photo) - 1):
        with pytest.raises(UnfitFile, match="damaged or incomplete"):
            check(photo[:kept], "a.jpg")


def test_half_a_png_is_refused():
    whole = make_image("PNG", size=(300, 300))

    with pytest.raises(UnfitFile, match="damaged or incomplete"):
        check(whole[: len(whole) // 2], "a.png")


@pytest.mark.parametrize("part", ["word/document2.xml", "word/document3.xml", "Word/Document.xml"])
def test_the_main_part_of_a_document_may_have_any_name(part):
    assert check(make_office(part, WORD), "a.docx") == "docx"
    assert check(make_office(part, SHEET), "a.xlsx") == "xlsx"


@pytest.mark.parametrize(
    "target", ["/word/document2.xml", "./word/document2.xml", "word\\document2.xml"]
)
def test_a_relationship_may_name_the_part_in_several_ways(target):
    content = make_office("word/document2.xml", WORD, **{RELATIONSHIPS: point_to(target)})

    assert check(content, "a.docx") == "docx"


def test_a_content_type_may_be_that_of_the_extension_and_the_list_utf16():
    types = f'<?xml version="1.0" encoding="UTF-16"?><Types><Default Extension="xml" ContentType="{WORD}"/></Types>'
    content = make_office(
        "word/document.xml", WORD, **{"[Content_Types].xml": types.encode("utf-16")}
    )

    assert check(content, "a.docx") == "docx"


@pytest.mark.parametrize(
    "relationships",
    [
        b"<Relationships/>",
        point_to("word/absent.xml"),
        point_to("../../etc/passwd"),
        b"<!DOCTYPE x><x/>",
    ],
)
def test_a_document_without_a_main_part_is_refused(relationships):
    content = make_office("word/document.xml", WORD, **{RELATIONSHIPS: relationships})

    with pytest.raises(UnfitFile, match="damaged or incomplete"):
        check(content, "a.docx")


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx"])
def test_a_protected_office_file_is_told_apart_from_an_old_one(name):
    with pytest.raises(UnfitFile, match="password or a sensitivity label"):
        check(make_compound("EncryptionInfo", "EncryptedPackage"), name)
    with pytest.raises(UnfitFile, match="its content is something else"):
        check(make_compound("WordDocument", "Workbook"), name)


def test_a_zip_with_encrypted_entries_is_protected():
    content = bytearray(make_docx())
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1

    with pytest.raises(UnfitFile, match="password or a sensitivity label"):
        check(bytes(content), "a.docx")


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
    content = make_docx(**{f"a{n}": b"" for n in range(ENTRIES_MAX)})

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
