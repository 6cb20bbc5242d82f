"""What a request is answered while the database cannot be reached: 503, with what was typed.

The page asks the database for nothing: no session, no account, no message.
"""

import sys

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.cache import add_never_cache_headers
from django.views.defaults import server_error

from associations.customer_language import render_for_customer
from partners.access import SECRET_NAME, list_kept_values

#: Seconds after which a program may try again; a restart of the database takes about as long.
RETRY_AFTER = 10


def answer_fault(request: HttpRequest) -> HttpResponse:
    """Answer a request that failed by an exception of ours; Django logs it and calls this (handler500)."""
    if isinstance(sys.exception(), (OperationalError, InterfaceError)):
        return render_outage(request)
    return server_error(request)


def render_outage(request: HttpRequest) -> HttpResponse:
    """Offer to send again what was typed, or to copy it where files or a password went with it."""
    kept, has_files, has_secrets = _read_typed(request)
    is_whole = not has_files and not has_secrets
    context = {
        "is_sent": request.method == "POST",
        "kept": kept if is_whole else [],
        "is_whole": is_whole,
        "to_copy": [] if is_whole else [value for _name, value in kept if " " in value.strip()],
        "has_files": has_files,
        # Customers' pages work without cookies, and this one sets none.
        "has_csrf_cookie": settings.CSRF_COOKIE_NAME in request.COOKIES,
        "address": request.get_full_path(),
    }
    response = render_for_customer(request, "503.html", **context)
    response.status_code = 503
    response.headers["Retry-After"] = str(RETRY_AFTER)
    add_never_cache_headers(response)
    return response


def _read_typed(request: HttpRequest) -> tuple[list[tuple[str, str]], bool, bool]:
    """Return what can be said back of the form, and whether it had files, and passwords or codes."""
    if request.method != "POST":
        return [], False, False
    try:
        names = set(request.POST) - {"csrfmiddlewaretoken"}
        has_secrets = any(SECRET_NAME.search(name) for name in names)
        return list_kept_values(request), bool(request.FILES), has_secrets
    except (UnreadablePostError, MultiPartParserError, SuspiciousOperation):
        return [], False, False
