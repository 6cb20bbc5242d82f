"""Every address of the admin stands behind the admin's own check (AdminSite.admin_view)."""

import re
from collections.abc import Iterable, Iterator

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, reverse

#: The door itself.
OPEN_BY_NATURE = {"login"}


def find_open_doors(patterns: Iterable[URLPattern | URLResolver], *, users) -> list[str]:
    """Call each view as each of ``users``; return those that answer with more than the way to sign in."""
    return [
        f"{pattern.pattern} ({pattern.name}): {fault}"
        for pattern in _flatten(patterns)
        if pattern.name not in OPEN_BY_NATURE
        for user in users
        for method in ("GET", "POST")
        if (fault := _fault_of(pattern, user=user, method=method))
    ]


def _flatten(patterns) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _flatten(pattern.url_patterns)
        else:
            yield pattern


def _fault_of(pattern: URLPattern, *, user, method: str) -> str:
    request = _make_request(user=user, method=method)
    try:
        response = pattern.callback(request, **_arguments_of(pattern))
    except Http404:
        return ""
    except Exception as error:  # noqa: BLE001 - a view that got this far was let in
        return f"{method} reached the view, which failed with {error!r}"
    if response.status_code == 302 and response.url.startswith(reverse("admin:index")):
        return ""
    return f"{method} answered {response.status_code}"


def _make_request(*, user, method: str) -> HttpRequest:
    request = RequestFactory().generic(method, reverse("admin:index") + "somewhere/")
    request.user, request._dont_enforce_csrf_checks = user or AnonymousUser(), True
    return request


def _arguments_of(pattern: URLPattern) -> dict[str, object]:
    converters = getattr(pattern.pattern, "converters", {})
    groups = re.compile(str(pattern.pattern)).groupindex if not converters else {}
    return dict.fromkeys((*converters, *groups), "1")
