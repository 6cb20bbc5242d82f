"""Mailboxes as written in settings, ``Contoso, Inc. <a@b.example>``, and as headers need them."""

import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import quote
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings

from .addresses import UnusableAddressError, encode_address, read_address

NAME_AND_ADDRESS = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]+)>", re.DOTALL)


class Mailbox(NamedTuple):
    """A name, which can be empty, and an address as people write it and as mail servers need it."""

    name: str
    address: str
    encoded: str

    @property
    def domain(self) -> str:
        """Return the domain in ASCII."""
        return self.encoded.rpartition("@")[2]

    def __str__(self) -> str:
        """Return the header value; Django encodes a name that is not ASCII (RFC 2047)."""
        return f'"{quote(self.name)}" <{self.encoded}>' if self.name else self.encoded


@lru_cache(maxsize=64)
def read_mailbox(written: str) -> Mailbox:
    """Return the mailbox that ``written`` names: an address, alone or in angle brackets after a name.

    The name can contain commas, quotes and any letters, and can already be quoted or encoded. Raises
    UnusableAddressError if there is no address, or for a name with line breaks.
    """
    parts = NAME_AND_ADDRESS.fullmatch(written.strip())
    name, address = (parts["name"], parts["address"]) if parts else ("", written)
    address = read_address(address)
    return Mailbox(_read_name(name.strip()), address, encode_address(address))


def read_support_address() -> str:
    """Return only the address of OPERATOR_SUPPORT_EMAIL, as shown on pages and in emails."""
    try:
        return read_mailbox(settings.OPERATOR_SUPPORT_EMAIL).address
    except UnusableAddressError:  # cpor.E009 says so; the page must not fail over it
        return settings.OPERATOR_SUPPORT_EMAIL


def _read_name(written: str) -> str:
    if written.startswith('"') and written.endswith('"') and len(written) > 1:
        written = re.sub(r"\\(.)", r"\1", written[1:-1])
    try:
        name = str(make_header(decode_header(written)))
    except (HeaderParseError, LookupError, UnicodeError):
        name = written
    if not name.isprintable():
        raise UnusableAddressError(f"no name of a sender: {name!r}")
    return name
