"""Small real files of each accepted type, and disguised ones."""

import io
import zipfile

from PIL import Image

from tests.cast import PDF

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
RELATIONSHIPS = "_rels/.rels"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def make_zip(entries: dict[str, bytes], *, comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
        archive.comment = comment
    return out.getvalue()


def make_office(part: str, main: str, **more: bytes) -> bytes:
    types = (
        f'<?xml version="1.0"?><Types><Override PartName="/{part}" ContentType="{main}"/></Types>'
    )
    parts = {"[Content_Types].xml": types.encode(), RELATIONSHIPS: point_to(part), part: b"<x/>"}
    return make_zip({**parts, **more})


def point_to(part: str) -> bytes:
    """The relationships of a package whose main part this is."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
    return (
        f'<Relationships xmlns="{namespace}">'
        f'<Relationship Id="rId1" Type="{kind}" Target="{part}"/></Relationships>'
    ).encode()


def make_docx(**more: bytes) -> bytes:
    return make_office("word/document.xml", WORD, **more)


def make_xlsx(**more: bytes) -> bytes:
    return make_office("xl/workbook.xml", SHEET, **more)


def make_image(kind: str, size=(8, 8)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind)
    return out.getvalue()


GOOD = {
    "letter.pdf": PDF,
    "letter.docx": make_docx(),
    "hours.xlsx": make_xlsx(),
    "scan.png": make_image("PNG"),
    "scan.jpg": make_image("JPEG"),
    "SCAN.JPEG": make_image("JPEG"),
    "download.jfif": make_image("JPEG"),
}


def make_compound(*streams: str) -> bytes:
    """The look of an OLE compound file: its signature, and a directory that names these streams."""
    directory = b"".join(name.encode("utf-16-le").ljust(64, b"\0") + bytes(64) for name in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_500) + directory + bytes(512)


def make_photo(**options) -> bytes:
    """A JPEG with enough in it to be cut in half."""
    out = io.BytesIO()
    Image.effect_noise((96, 96), 80).convert("RGB").save(out, "JPEG", **options)
    return out.getvalue()
