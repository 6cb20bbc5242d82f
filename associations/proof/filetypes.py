"""Accepted types of proof: PDF, DOCX, XLSX, PNG, JPEG, recognised by content, never by name [R11].

Files are presumed hostile. Nothing here renders a page or unpacks a body: it reads headers and ends, a
bounded ZIP directory and two small lists.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _
from PIL import Image

from cpor_site.web import office_files

from . import jpeg_files

#: Extension → type. The type is also the extension of the stored file.
TYPE_OF = {
    "pdf": "pdf",
    "docx": "docx",
    "xlsx": "xlsx",
    "png": "png",
    "jpg": "jpg",
    "jpeg": "jpg",
    "jpe": "jpg",
    "jfif": "jpg",  # the extension that browsers and Windows give a JPEG saved from a page
    "pjpeg": "jpg",
    "pjp": "jpg",
}
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "png": "image/png",
    "jpg": "image/jpeg",
}
#: Types that a browser may show on our pages; the others can only be downloaded.
SHOWN_INLINE = frozenset({"pdf", "png", "jpg"})
OFFICE = frozenset(office_files.MAIN_CONTENT)

#: First bytes → what the content looks like.
MAGIC = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpg",
    b"PK\x03\x04": "zip",
    office_files.COMPOUND: "compound",
}
PDF_MAGIC = b"%PDF-"
PDF_END = b"%%EOF"
PDF_START_WITHIN = (
    1024  # bytes in which PDF readers look for it: scanners and mail gateways prepend lines
)
PDF_END_WITHIN = 2048  # bytes from the end in which %%EOF must be; some writers append a little
#: What follows the end of some PDFs: line ends, and zeros that fill a block.
PADDING = b"\0\t\n\f\r \x1a"
#: A trailer's reference to the encryption; mere text about it has no number there.
PDF_ENCRYPTED = re.compile(rb"/Encrypt\s*(\d+\s+\d+\s+R\b|<<)")
CHUNK = 1 << 20
OVERLAP = 64  # bytes; longer than any pattern

PIXELS_MAX = (
    80_000_000  # a page of A3 scanned at 600 dpi; a decoder needs up to four bytes for each
)


class UnfitFile(Exception):
    """A file that is not accepted; ``str()`` tells the person why and how to fix it."""


def check_file(file: BinaryIO, name: str) -> str:
    """Return the type of an uploaded file (a key of CONTENT_TYPES) [R11].

    ``file`` must be seekable and is left at its start. Raise UnfitFile, and nothing else, if name or
    content is not of an accepted type, or if they contradict each other.
    """
    wanted = TYPE_OF.get(name.rpartition(".")[2].lower() if "." in name else "")
    if wanted is None:
        raise UnfitFile(_("This type of file is not accepted. Use PDF, DOCX, XLSX, PNG or JPEG."))
    try:
        _check_content(file, wanted)
    except UnfitFile:
        raise
    except Exception as error:  # hostile bytes break parsers in undocumented ways
        raise _damaged(wanted) from error
    finally:
        file.seek(0)
    return wanted


def _check_content(file: BinaryIO, wanted: str) -> None:
    file.seek(0)
    head = file.read(PDF_START_WITHIN)
    if not head:
        raise UnfitFile(_("This file is empty. Choose the file with your proof."))
    found = _recognise(head)
    if wanted in OFFICE and found == "compound" and _holds(file, office_files.ENCRYPTED_STREAM):
        raise _protected()
    if found != ("zip" if wanted in OFFICE else wanted):
        raise UnfitFile(
            _(
                "This file's name says %(wanted)s, but its content is something else. Open it in "
                "the program that created it and save it as %(wanted)s."
            )
            % {"wanted": wanted.upper()}
        )
    if wanted == "pdf":
        _check_pdf(file)
    elif wanted in OFFICE:
        _check_office(file, wanted)
    else:
        _check_image(file, wanted)


def _recognise(head: bytes) -> str:
    """Return the type that the first bytes show; only a PDF may have text before them."""
    found = next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), "")
    before, magic, _after = head.partition(PDF_MAGIC)
    is_text = b"<" not in before and b"\0" not in before
    return "pdf" if not found and magic and is_text else found


def _holds(file: BinaryIO, wanted: bytes | re.Pattern[bytes]) -> bool:
    pattern = re.compile(re.escape(wanted)) if isinstance(wanted, bytes) else wanted
    return any(pattern.search(chunk) for chunk in _read_overlapping(file))


def _read_overlapping(file: BinaryIO) -> Iterator[bytes]:
    """Yield the file in overlapping pieces, so that no short pattern is cut in two."""
    file.seek(0)
    kept = b""
    while read := file.read(CHUNK):
        yield kept + read
        kept = read[-OVERLAP:]


def _damaged(wanted: str) -> UnfitFile:
    return UnfitFile(
        _("This %(type)s file is damaged or incomplete. Save it again and upload the new one.")
        % {"type": wanted.upper()}
    )


def _protected() -> UnfitFile:
    return UnfitFile(
        _(
            "This file is protected by a password or a sensitivity label, so the reviewer could "
            "not "
            "open it. Remove the protection, or save a copy without it as PDF."
        )
    )


def _check_pdf(file: BinaryIO) -> None:
    """Check by its bytes alone that it has an end and is not protected by a password."""
    if PDF_END not in _read_end(file):
        raise _damaged("pdf")
    if _holds(file, PDF_ENCRYPTED):
        raise _protected()


def _read_end(file: BinaryIO) -> bytes:
    """Return the last PDF_END_WITHIN bytes before any padding."""
    at = file.seek(0, 2)
    tail = b""
    while at and len(tail) < PDF_END_WITHIN:
        start = max(0, at - CHUNK)
        file.seek(start)
        tail = (file.read(at - start) + tail).rstrip(PADDING)
        at = start
    return tail[-PDF_END_WITHIN:]


def _check_image(file: BinaryIO, wanted: str) -> None:
    file.seek(0)
    with Image.open(file, formats=["PNG" if wanted == "png" else "JPEG"]) as image:
        if image.width * image.height > PIXELS_MAX:
            raise UnfitFile(
                _("This image has too many pixels. Save it with at most %(side)d by %(side)d.")
                % {"side": int(PIXELS_MAX**0.5)}
            )
        image.verify()
    file.seek(0)
    if wanted == "jpg" and not jpeg_files.is_whole(file.read()):
        raise _damaged(wanted)


def _check_office(file: BinaryIO, wanted: str) -> None:
    try:
        office_files.check_package(file, wanted)
    except office_files.HasMacros:
        raise UnfitFile(
            _("This file contains macros. Save it without macros, or as PDF.")
        ) from None
    except office_files.TooMuchInside:
        raise UnfitFile(
            _("This file has too much inside it for us to check. Save it as PDF.")
        ) from None
    except office_files.Protected:
        raise _protected() from None
