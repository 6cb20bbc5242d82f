"""Small real files of each accepted type, and disguised ones."""

import io
import zipfile

from PIL import Image

from tests.cast import PDF

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
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
    return make_zip({"[Content_Types].xml": types.encode(), part: b"<x/>", **more})


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
}
