"""What every page behind a customer's link does: language, headers, limits, the dead link page [R22], [R25].

Such pages work without an account, cookies or JavaScript. GET and HEAD never change anything: mail
programs and scanners follow links.

No CSRF check: it protects what a browser sends along by itself (cookies), and these pages use none.
The random token in the address is the whole authority; anyone who has it does not need to forge a form.
"""

import datetime as dt
import functools
import re
from collections.abc import Callable
from typing import Protocol

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt

from cpor_site.web.customer_language import list_other_languages, read_language
from cpor_site.web.limits import limit_rate
from cpor_site.web.request_text import read_form

from ..customer.optout import UnknownLink

#: What a token can look like; anything else is not looked up.
TOKEN = re.compile(r"[A-Za-z0-9_-]{8,64}")

#: An address that is a capability must not leak to other sites, caches or search engines.
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


class CustomerLink(Protocol):
    """What a token leads to; ``language`` is that of the email the link was in."""

    @property
    def language(self) -> str: ...


class SeeOther(HttpResponseRedirect):
    """After a POST: fetch the page, so that reloading it sends nothing again."""

    status_code = 303


class LinkRequest(HttpRequest):
    """A request as ``customer_page`` passes it on; for types only, never instantiated."""

    arrived_at: dt.datetime


def customer_page(*methods: str, find: Callable[..., CustomerLink | None]) -> Callable:
    """Turn ``view(request, link)`` into a link's page: its language, headers, and dead link page [R25].

    ``find(token, at=…)`` returns the link, or None if it must reveal nothing. The time of arrival is
    recorded before anything else can make the request wait [R31].
    """

    def decorate(view):
        @limit_rate("customer", looks=240, acts=30)
        def answer(request, token):
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            return _answer(view, request, token, find=find)

        @csrf_exempt
        @functools.wraps(view)
        def page(request, token):
            request.arrived_at = timezone.now()
            return _protect(answer(request, token))

        return page

    return decorate


def _answer(view, request: LinkRequest, token: str, *, find) -> HttpResponse:
    read_form(request)
    link = find(token, at=request.arrived_at) if TOKEN.fullmatch(token) else None
    language = read_language(request, otherwise=link.language if link else request.LANGUAGE_CODE)
    with translation.override(language):
        try:
            response = view(request, link) if link else _show_dead_link(request)
        except UnknownLink:  # replaced or withdrawn while the person read the page
            response = _show_dead_link(request)
    response.headers["Content-Language"] = language
    return response


def _protect(response: HttpResponse) -> HttpResponse:
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


def _show_dead_link(request: HttpRequest) -> HttpResponse:
    """Show the same page for every link that does not work, whatever the reason [R25]."""
    context = {"other_languages": list_other_languages()}
    return render(request, "associations/opt_out_unknown.html", context, status=404)


def make_address(request: HttpRequest, name: str, token: str, **query: str) -> str:
    """Return an address of a link that keeps the language the reader chose."""
    chosen = read_language(request, otherwise="")
    query |= {"lang": chosen} if chosen else {}
    start = reverse(f"associations:{name}", args=[token])
    return f"{start}?{urlencode(query)}" if query else start
