"""Emailed links as they come back: with whatever followed them in the text [R22].

Email programs and people mistake a bracket, a quotation mark, a full stop or a space for part of the
address, leave pieces of an encoding behind (``=3D``, ``&gt;``), and add invisible characters.
"""

import functools
import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter

from .identifiers import read_identifier

#: Characters in ``secrets.token_urlsafe`` of 24 bytes (customers' links) and 32 (invitations).
LENGTHS = (32, 43)
RUN = re.compile(r"[A-Za-z0-9_-]+")


def read_token(text: str) -> str:
    """Return the token at the beginning of ``text``, or "".

    Hyphens and underscores can be part of it, so trailing ones are cut off by its known length.
    """
    found = RUN.search(read_identifier(text))
    token = found[0] if found else ""
    return next((token[:whole] for whole in LENGTHS if not token[whole:].strip("-_")), token)


class TokenConverter(StringConverter):
    """``<link_token:…>``: one address segment, read as a token."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return read_token(value)


class StrayConverter(StringConverter):
    """``<stray:…>``: whatever else follows a link, or its missing slash."""

    regex = r"(?:[^A-Za-z0-9][\s\S]*)?"


register_converter(TokenConverter, "link_token")
register_converter(StrayConverter, "stray")


def link_paths(route: str, view: Callable[..., HttpResponseBase], *, name: str) -> list[URLPattern]:
    """Return the URL patterns of a link's page: ``route``, and the same with more behind it.

    ``route`` ends without a slash. Reversing the name gives the intended address.
    """

    @functools.wraps(view)
    def ignoring(request: HttpRequest, stray: str, **parts) -> HttpResponseBase:
        return view(request, **parts)

    return [path(f"{route}/", view, name=name), path(f"{route}<stray:stray>", ignoring, name=name)]


class KeyConverter(StringConverter):
    """``<allauth_key:…>``: the key in one of allauth's links."""

    regex = r"[-:\w]+"


class BehindKeyConverter(StringConverter):
    """``<behind_key:…>``: what follows it, other than the slash that belongs there."""

    regex = r"(?:[^-:\w/][\s\S]*|/[\s\S]+)"


register_converter(KeyConverter, "allauth_key")
register_converter(BehindKeyConverter, "behind_key")


def lead_to_link(request: HttpRequest, page: str, key: str, stray: str) -> HttpResponse:
    """Redirect to the same link without what followed it."""
    return HttpResponse(status=302, headers={"Location": f"/accounts/{page}/{key}/"})


#: Before allauth's own, which take the rest for part of the key, or have no such page.
allauth_links = [
    path(f"accounts/{page}/<allauth_key:key><behind_key:stray>", lead_to_link, {"page": page})
    for page in ("confirm-email", "password/reset/key")
]
