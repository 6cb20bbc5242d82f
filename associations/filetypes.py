"""What a file of proof may be: PDF, DOCX, XLSX, PNG, JPEG, told by content and never by name [R11].

The files are hostile until shown otherwise. Nothing here renders a page or unpacks a body: it reads
headers, a bounded ZIP directory and one small entry.
"""

import zipfile
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _
from PIL import Image

#: Extension → type. The type is also the extension under which a file is stored.
TYPE_OF = {
    "pdf": "pdf",
    "docx": "docx",
    "xlsx": "xlsx",
    "png": "png",
    "jpg": "jpg",
    "jpeg": "jpg",
}
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "png": "image/png",
    "jpg": "image/jpeg",
}
#: Types that a browser may show inside one of our pages; the others are only downloaded.
SHOWN_INLINE = frozenset({"pdf", "png", "jpg"})

#: First bytes → what the content looks like.
MAGIC = {
    b"%PDF-": "pdf",
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpg",
    b"PK\x03\x04": "zip",
}
PDF_END_WITHIN = 2048  # bytes from the end in which %%EOF must stand; some writers append a little

PIXELS_MAX = (
    80_000_000  # a page of A3 scanned at 600 dpi; a decoder needs up to four bytes for each
)

ZIP_END = b"PK\x05\x06"
ZIP_END_SIZE = 22
ZIP64_LOCATOR = b"PK\x06\x07"
ZIP64_LOCATOR_SIZE = 20
ZIP_DIRECTORY_MAX = 1_000_000  # bytes; the library reads all of it into memory
ZIP_ENTRIES_MAX = 5_000
ZIP_UNPACKED_MAX = 300_000_000  # bytes, as declared
TYPES_ENTRY = "[Content_Types].xml"
TYPES_ENTRY_MAX = 262_144

#: Type → the part that must be there, and how the list of parts must call it.
OFFICE_PARTS = {
    "docx": ("word/document.xml", b"wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", b"spreadsheetml.sheet.main+xml"),
}


class UnfitFile(Exception):
    """A file that is not accepted; ``str()`` tells a person why and what to do."""


def check_file(file: BinaryIO, name: str) -> str:
    """Return the type of an uploaded file (a key of CONTENT_TYPES) [R11].

    ``file`` is seekable and is left at its start. Raises UnfitFile, and nothing else, where name or
    content is not of an accepted type, or they contradict each other.
    """
    wanted = TYPE_OF.get(name.rpartition(".")[2].lower() if "." in name else "")
    if wanted is None:
        raise UnfitFile(_("This type of file is not accepted. Use PDF, DOCX, XLSX, PNG or JPEG."))
    try:
        _check_content(file, wanted)
    except UnfitFile:
        raise
    except Exception as error:  # hostile bytes break parsers in ways nobody listed
        raise _damaged(wanted) from error
    finally:
        file.seek(0)
    return wanted


def _check_content(file: BinaryIO, wanted: str) -> None:
    file.seek(0)
    head = file.read(8)
    if not head:
        raise UnfitFile(_("This file is empty. Choose the file with your proof."))
    found = next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), "")
    if found != ("zip" if wanted in OFFICE_PARTS else wanted):
        raise UnfitFile(
            _(
                "This file is named %(wanted)s, but its content is something else. Open it in the "
                "program it was made with and save it as %(wanted)s."
            )
            % {"wanted": wanted.upper()}
        )
    if wanted == "pdf":
        _check_pdf(file)
    elif wanted in OFFICE_PARTS:
        _check_office(file, wanted)
    else:
        _check_image(file, wanted)


def _damaged(wanted: str) -> UnfitFile:
    return UnfitFile(
        _("This %(type)s file is damaged or incomplete. Save it again and upload the new one.")
        % {"type": wanted.upper()}
    )


def _check_pdf(file: BinaryIO) -> None:
    size = file.seek(0, 2)
    file.seek(max(0, size - PDF_END_WITHIN))
    if b"%%EOF" not in file.read():
        raise _damaged("pdf")


def _check_image(file: BinaryIO, wanted: str) -> None:
    file.seek(0)
    with Image.open(file, formats=["PNG" if wanted == "png" else "JPEG"]) as image:
        if image.width * image.height > PIXELS_MAX:
            raise UnfitFile(
                _("This picture has too many pixels. Save it with at most %(side)d by %(side)d.")
                % {"side": int(PIXELS_MAX**0.5)}
            )
        image.verify()


def _check_office(file: BinaryIO, wanted: str) -> None:
    _check_zip_end(file, wanted)
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        _check_entries(entries, wanted)
        _check_types(archive, wanted)


def _check_zip_end(file: BinaryIO, wanted: str) -> None:
    """Bound the directory before it is read; an Office file has no comment and no ZIP64."""
    size = file.seek(0, 2)
    file.seek(max(0, size - ZIP_END_SIZE - ZIP64_LOCATOR_SIZE))
    tail = file.read()
    end = tail[-ZIP_END_SIZE:]
    is_plain = end.startswith(ZIP_END) and end.endswith(b"\0\0")
    if not is_plain or tail[:-ZIP_END_SIZE].startswith(ZIP64_LOCATOR):
        raise _damaged(wanted)
    if int.from_bytes(end[12:16], "little") > ZIP_DIRECTORY_MAX:
        raise _too_much_inside()


def _check_entries(entries: list[zipfile.ZipInfo], wanted: str) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > ZIP_ENTRIES_MAX or unpacked > ZIP_UNPACKED_MAX:
        raise _too_much_inside()
    names = {entry.filename for entry in entries}
    part, _called = OFFICE_PARTS[wanted]
    if not {TYPES_ENTRY, part} <= names or any(entry.flag_bits & 1 for entry in entries):
        raise _damaged(wanted)
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise _has_macros()


def _check_types(archive: zipfile.ZipFile, wanted: str) -> None:
    """Read the list of parts as bytes: plain enough to be searched, or it is refused."""
    with archive.open(TYPES_ENTRY) as entry:
        listed = entry.read(TYPES_ENTRY_MAX + 1).lower()
    is_plain = not any(sign in listed for sign in (b"\0", b"<!doctype", b"<!entity", b"&#"))
    _part, called = OFFICE_PARTS[wanted]
    if b"macroenabled" in listed or b"vbaproject" in listed:
        raise _has_macros()
    if len(listed) > TYPES_ENTRY_MAX or not is_plain or called not in listed:
        raise _damaged(wanted)


def _has_macros() -> UnfitFile:
    return UnfitFile(_("This file contains macros. Save it without macros, or as PDF."))


def _too_much_inside() -> UnfitFile:
    return UnfitFile(_("There is too much inside this file to check it. Save it as PDF."))
