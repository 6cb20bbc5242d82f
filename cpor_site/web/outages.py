"""The response while the database is unreachable: 503, with what was typed.

The page needs nothing from the database: no session, no account, no message.
"""

import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django.views.defaults import server_error

from cpor_site.web.customer_language import render_for_customer

from .kept_form import KeptForm, keep_form

#: Seconds after which a program should try again; about as long as a database restart takes.
RETRY_AFTER = 10


def answer_fault(request: HttpRequest) -> HttpResponse:
    """Answer a request that raised an unhandled exception; Django logs it and calls this (handler500)."""
    if isinstance(sys.exception(), (OperationalError, InterfaceError)):
        return render_outage(request)
    return server_error(request)


def render_outage(request: HttpRequest) -> HttpResponse:
    """Offer to send again what was typed, or to copy it if files or a password were sent along."""
    kept = keep_form(request) if request.method == "POST" else KeptForm([])
    is_whole = not kept.has_files and not kept.has_secrets
    context = {
        "is_sent": request.method == "POST",
        "kept": kept.fields if is_whole else [],
        "is_whole": is_whole,
        "to_copy": [] if is_whole else kept.words,
        "has_files": kept.has_files,
        # Customers' pages work without cookies, and this one sets none.
        "has_csrf_cookie": settings.CSRF_COOKIE_NAME in request.COOKIES,
        "address": request.get_full_path(),
    }
    response = render_for_customer(request, "503.html", **context)
    response.status_code = 503
    response.headers["Retry-After"] = str(RETRY_AFTER)
    add_never_cache_headers(response)
    return response
