"""Every address that the project answers at, as its resolver has them."""

import re
from collections.abc import Iterable, Iterator

from django.urls import Resolver404, URLPattern, URLResolver, resolve


def list_routes(patterns: Iterable[URLPattern | URLResolver], *, start: str = "") -> Iterator[str]:
    """Yield the route of every view, spelled as ``ResolverMatch.route`` has it."""
    for pattern in patterns:
        route = _join(start, str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from list_routes(pattern.url_patterns, start=route)
        else:
            yield route


def _join(start: str, rest: str) -> str:
    return start + (rest.removeprefix("^") if start else rest)


def find_route(address: str) -> str | None:
    """The route that answers at an address, or None where none does."""
    try:
        return resolve(address.partition("?")[0]).route
    except Resolver404:
        return None


def find_undeclared(routes: Iterable[str], declared: Iterable[tuple[str, str]]) -> list[str]:
    """Routes that lack a line of the table, as "METHOD route"; ``declared`` is (method, address)."""
    known = {(method, find_route(address)) for method, address in declared}
    return sorted(
        f"{method} {route}"
        for route in set(routes)
        for method in ("GET", "POST")
        if (method, route) not in known
    )


def propose_address(route: str, values: dict[str, str]) -> str:
    """A first line for the table: the route with names in braces where the world has values."""
    app_model = re.match(r"admin/(\w+)/(\w+)/", route)
    model = app_model[2] if app_model else ""
    names = {"object_id": model, "pk": model, "id": "user", "reference": "in-official"}

    def fill(found: re.Match) -> str:
        name = names.get(found[1], found[1])
        return "{" + name + "}" if name in values else "anything"

    text = re.sub(r"\(\?P<\w+>(\w+)?[^)]*\)", lambda found: found[1] or "anything", route)
    text = re.sub(r"<(?:\w+:)?(\w+)>", fill, text)
    return "/" + re.sub(r"[\^$\\?]", "", text)
