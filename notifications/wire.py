"""A mail of two parts as bytes, by hand: one pass over the words, not the generator's many."""

import base64
import hashlib
import time
from email.header import Header
from email.utils import formataddr, formatdate

from django.conf import settings
from django.core.mail import BadHeaderError
from django.core.mail.message import sanitize_address

from .rendering import Rendered

LONGEST_LINE = 998  # octets without the line end (RFC 5322, 2.1.1)
SHORT = 76


def mail_bytes(
    addresses: dict[str, str], headers: dict[str, str], rendered: Rendered, *, linesep: str
) -> bytes:
    """Return the mail: ``addresses`` are headers ready to print, ``headers`` are words to encode.

    Raises BadHeaderError for a line break in either.
    """
    boundary = make_boundary(rendered)
    lines = [
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        f"Date: {formatdate(time.time(), localtime=settings.EMAIL_USE_LOCALTIME)}",
        *(_line(name, value) for name, value in addresses.items()),
        *(_line(name, encode_words(name, value)) for name, value in headers.items()),
        "",
        *_part(rendered.text, "plain", boundary=boundary),
        *_part(rendered.html, "html", boundary=boundary),
        f"--{boundary}--",
        "",
    ]
    return "\n".join(lines).replace("\n", linesep).encode()


def make_boundary(rendered: Rendered) -> str:
    """Return a line that cannot stand in the words, whatever was typed: it is their own digest."""
    return "=_" + hashlib.sha256(f"{rendered.text}\0{rendered.html}".encode()).hexdigest()[:32]


def address_header(name: str, address: str) -> str:
    """Return ``name <address>``, encoded where it is not ASCII (RFC 2047, IDNA)."""
    if name.isascii() and address.isascii():
        return formataddr((name, address))
    return sanitize_address((name, address), "utf-8")


def encode_words(name: str, value: str) -> str:
    """Return a header's value: short ASCII as it is, else encoded and folded (RFC 2047).

    Raises BadHeaderError for a line break: it would begin another header.
    """
    if "\n" in value or "\r" in value:
        raise BadHeaderError(f"a line break in {name}: {value!r}")
    is_plain = value.isascii() and value.isprintable()
    if is_plain and len(name) + len(value) < SHORT:
        return value
    return Header(value, "us-ascii" if is_plain else "utf-8", header_name=name).encode()


def _line(name, value) -> str:
    """One header; a line break in it must be a fold."""
    if "\r" in value or "\n" in value.replace("\n ", ""):
        raise BadHeaderError(f"a line break in {name}: {value!r}")
    return f"{name}: {value}"


def _part(content, subtype, *, boundary) -> list[str]:
    """One part of the body: as it is (8bit) where its lines are short enough, else in base64."""
    encoding, content = "8bit", content.replace("\r\n", "\n").replace("\r", "\n")
    if max(map(len, content.encode().split(b"\n"))) > LONGEST_LINE:
        encoding, content = "base64", base64.encodebytes(content.encode()).decode()
    return [
        f"--{boundary}",
        f"Content-Type: text/{subtype}; charset=utf-8",
        f"Content-Transfer-Encoding: {encoding}",
        "",
        content,
    ]
