"""Links that people got by email, as they come back: with what stood behind them in the text [R22].

Mail programs and people take a bracket, a quotation mark, a full stop or a blank for a part of the address,
leave over pieces of an encoding (``=3D``, ``&gt;``), and add characters that nobody sees.
"""

import functools
import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, register_converter

from .identifiers import read_identifier

#: Letters in ``secrets.token_urlsafe`` of 24 bytes (customers' links) and 32 (invitations).
LENGTHS = (32, 43)
RUN = re.compile(r"[A-Za-z0-9_-]+")


def read_token(text: str) -> str:
    """Return the token at the begin of ``text``, or "".

    Hyphens and underscores may be a part of it, so those behind a whole one are taken off by its length.
    """
    found = RUN.search(read_identifier(text))
    token = found[0] if found else ""
    return next((token[:whole] for whole in LENGTHS if not token[whole:].strip("-_")), token)


class TokenConverter:
    """``<link_token:…>``: one segment of an address, read as a token."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return read_token(value)

    def to_url(self, value: str) -> str:
        return value


class StrayConverter:
    """``<stray:…>``: whatever else stands behind a link, or the slash that is missing."""

    regex = r"(?:[^A-Za-z0-9][\s\S]*)?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(TokenConverter, "link_token")
register_converter(StrayConverter, "stray")


def link_paths(route: str, view: Callable[..., HttpResponseBase], *, name: str) -> list[URLPattern]:
    """Return the addresses of a link's page: ``route``, and with more behind it.

    ``route`` ends without a slash. The name leads to the address as it is meant.
    """

    @functools.wraps(view)
    def ignoring(request: HttpRequest, stray: str, **parts) -> HttpResponseBase:
        return view(request, **parts)

    return [path(f"{route}/", view, name=name), path(f"{route}<stray:stray>", ignoring, name=name)]


class KeyConverter(StrayConverter):
    """``<allauth_key:…>``: what a key in a link of allauth's consists of."""

    regex = r"[-:\w]+"


class BehindKeyConverter(StrayConverter):
    """``<behind_key:…>``: what stands behind it, other than the slash that belongs there."""

    regex = r"(?:[^-:\w/][\s\S]*|/[\s\S]+)"


register_converter(KeyConverter, "allauth_key")
register_converter(BehindKeyConverter, "behind_key")


def lead_to_link(request: HttpRequest, page: str, key: str, stray: str) -> HttpResponse:
    """Lead to the same link without what stood behind it."""
    return HttpResponse(status=302, headers={"Location": f"/accounts/{page}/{key}/"})


#: Before allauth's own, which take the rest for a part of the key, or know no such page.
allauth_links = [
    path(f"accounts/{page}/<allauth_key:key><behind_key:stray>", lead_to_link, {"page": page})
    for page in ("confirm-email", "password/reset/key")
]
