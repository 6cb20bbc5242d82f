"""Recognising a ZIP as a Word document or workbook by its content types and relationships [R11].

Office Open XML has no fixed main part: desktop Word writes ``word/document.xml``, Word for the web
``word/document2.xml``. The package's relationships lead to it, and its content types say what it is.
"""

import posixpath
import zipfile
from collections.abc import Iterable
from typing import BinaryIO
from xml.etree.ElementTree import Element  # nosec B405 - a type; defusedxml parses

from defusedxml import ElementTree

ZIP_END = b"PK\x05\x06"
ZIP_END_SIZE = 22
ZIP64_LOCATOR = b"PK\x06\x07"
ZIP64_LOCATOR_SIZE = 20
DIRECTORY_MAX = 1_000_000  # bytes; the library reads all of it into memory
ENTRIES_MAX = 5_000
UNPACKED_MAX = 300_000_000  # bytes, as declared
XML_MAX = 262_144  # bytes of a list of parts
FLAG_ENCRYPTED = 1

TYPES = "[content_types].xml"
RELATIONSHIPS = "_rels/.rels"
#: How the relationship to the main part ends, in the transitional and the strict format.
MAIN_PART = "/officeDocument"
#: Type → the content type that the main part must have.
MAIN_CONTENT = {
    "docx": "wordprocessingml.document.main+xml",
    "xlsx": "spreadsheetml.sheet.main+xml",
}

#: First bytes of a compound file: old Office formats, and encrypted new ones.
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: The name, in the directory, of the stream that holds an encrypted document.
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")


class NotOffice(Exception):
    """The file is damaged, or not what its name says."""


class HasMacros(Exception):
    """The file may contain a program."""


class TooMuchInside(Exception):
    """The file contains more than we check."""


class Protected(Exception):
    """A password or a sensitivity label keeps reviewers from opening the file."""


def check_package(file: BinaryIO, wanted: str) -> None:
    """Check a ZIP that should be ``wanted``, "docx" or "xlsx".

    Raise NotOffice, HasMacros, TooMuchInside or Protected; hostile bytes may break the parsers in
    other ways. Read a bounded directory and two bounded lists, and unpack nothing else.
    """
    _check_end(file)
    with zipfile.ZipFile(file) as archive:
        entries = {_normalise(each.filename): each for each in archive.infolist()}
        _check_entries(entries)
        types = _read_list(archive, entries, TYPES)
        _check_macros(entries, types)
        part = _find_main_part(_read_list(archive, entries, RELATIONSHIPS))
        if part not in entries or not _name_content(types, part).endswith(MAIN_CONTENT[wanted]):
            raise NotOffice


def _check_end(file: BinaryIO) -> None:
    """Limit the directory before it is read; Office files have no comment and no ZIP64."""
    size = file.seek(0, 2)
    file.seek(max(0, size - ZIP_END_SIZE - ZIP64_LOCATOR_SIZE))
    tail = file.read()
    end = tail[-ZIP_END_SIZE:]
    is_plain = end.startswith(ZIP_END) and end.endswith(b"\0\0")
    if not is_plain or tail[:-ZIP_END_SIZE].startswith(ZIP64_LOCATOR):
        raise NotOffice
    if int.from_bytes(end[12:16], "little") > DIRECTORY_MAX:
        raise TooMuchInside


def _check_entries(entries: dict[str, zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries.values())
    if len(entries) > ENTRIES_MAX or unpacked > UNPACKED_MAX:
        raise TooMuchInside
    if any(entry.flag_bits & FLAG_ENCRYPTED for entry in entries.values()):
        raise Protected


def _normalise(name: str) -> str:
    """Return the name of a part in lower case with slashes: case is ignored, and some write backslashes."""
    return name.replace("\\", "/").lstrip("/").lower()


def _read_list(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], name: str) -> Element:
    """Parse one of the package's lists; raise an error for a DTD or an entity."""
    if name not in entries:
        raise NotOffice
    with archive.open(entries[name]) as entry:
        content = entry.read(XML_MAX + 1)
    if len(content) > XML_MAX:
        raise NotOffice
    return ElementTree.fromstring(content, forbid_dtd=True)


def _check_macros(entries: Iterable[str], types: Element) -> None:
    named = any(name.endswith("vbaproject.bin") for name in entries)
    values = (value.lower() for element in types.iter() for value in element.attrib.values())
    if named or any("macroenabled" in value or "vbaproject" in value for value in values):
        raise HasMacros


def _find_main_part(relationships: Element) -> str:
    for each in relationships:
        if each.get("Type", "").endswith(MAIN_PART):
            return _normalise(posixpath.normpath("/" + each.get("Target", "").replace("\\", "/")))
    raise NotOffice


def _name_content(types: Element, part: str) -> str:
    """Return the content type of a part: its own, or its extension's."""
    default = ""
    for each in types:
        if _normalise(each.get("PartName", "")) == part:
            return each.get("ContentType", "")
        if each.get("Extension", "").lower() == part.rpartition(".")[2]:
            default = each.get("ContentType", "")
    return default
