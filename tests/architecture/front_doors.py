"""What someone who is not signed in gets at each of the project's addresses."""

import re
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

#: Others' addresses, by the module they are included from; their doors are their makers' matter.
THIRD_PARTIES = {"allauth.urls", "notifications.urls"}
REFUSALS = {403, 404, 405}
IN_ROUTE = re.compile(r"<(?:\w+:)?(\w+)>")
IN_REGEX = re.compile(r"\(\?P<\w+>(\w+)?[^)]*\)")


def list_addresses(
    patterns: Iterable[URLPattern | URLResolver], values: dict[str, object], *, start: str = "/"
) -> Iterator[str]:
    """Yield an address of every view of ours; ``values`` fills in the arguments by name.

    Raises KeyError for an argument without a value: it must name something that exists, since a
    view that looks before it asks who is there says 404 about all else.
    """
    for pattern in patterns:
        place = start + _fill(pattern, values)
        if not isinstance(pattern, URLResolver):
            yield place
        elif getattr(pattern.urlconf_name, "__name__", "") not in THIRD_PARTIES:
            yield from list_addresses(pattern.url_patterns, values, start=place)


def find_open(client: Client, addresses: Iterable[str]) -> dict[str, int]:
    """Return address → status of each that lets ``client`` in by GET."""
    answers = {address: fetch(client, address) for address in addresses}
    return {place: answer.status_code for place, answer in answers.items() if _lets_in(answer)}


def fetch(client: Client, address: str) -> HttpResponseBase:
    """Get a page to its end: a file that is sent stays open until then."""
    answer = client.get(address)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer


def _lets_in(answer) -> bool:
    if answer.status_code in REFUSALS:
        return False
    doors = (resolve_url(settings.LOGIN_URL), reverse("admin:login"))
    target = answer.headers.get("Location", "")
    # Signing out leads to the admin's start, which itself leads to a door.
    return answer.status_code != 302 or not (
        target.startswith(doors) or target == reverse("admin:index")
    )


def _fill(pattern: URLPattern | URLResolver, values: dict[str, object]) -> str:
    text = str(pattern.pattern)
    if hasattr(pattern.pattern, "_route"):
        return IN_ROUTE.sub(lambda found: str(values[found[1]]), text)
    # Admin's own regular expressions: the first of a choice, or anything.
    return IN_REGEX.sub(lambda found: found[1] or "anything", text.strip("^$"))
