"""What to show when a request does not end as the person intended; what they typed is kept.

The session expired before the form was sent, the form is out of date, what they worked on was removed, or
the address only accepts forms.
"""

import logging
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.cache import add_never_cache_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from .kept_form import came_from_here, keep_form

FOUND, BAD_REQUEST, FORBIDDEN, NOT_FOUND, NOT_ALLOWED = 302, 400, 403, 404, 405

logger = logging.getLogger(__name__)


class DeadEndMiddleware(MiddlewareMixin):
    """Explains what a bare redirect, status or error would leave unclear."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if request.method == "POST" and _asks_to_sign_in(request, response):
            return _ask_to_sign_in(request, response)
        if request.method == "GET" and response.status_code == NOT_ALLOWED:
            return _explain(request, response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for rows that disappeared between two reads, and for values that no column can hold.

        Views refuse what they know about; these are races with a colleague, and numbers or texts that none
        of our pages sends.
        """
        if isinstance(error, ObjectDoesNotExist):
            logger.warning("removed during a request: %s", error, exc_info=error)
            return _show_kept(request, "gone.html", status=NOT_FOUND)
        if isinstance(error, DataError | OverflowError):
            logger.warning("refused by the database: %s", error, exc_info=error)
            return _show_kept(request, "unfit.html", status=BAD_REQUEST)
        return None


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without a valid token (CSRF_FAILURE_VIEW); one from our own pages can be sent again."""
    if came_from_here(request):
        return _show_kept(request, "403_csrf.html", status=FORBIDDEN)
    return render(request, "403_csrf.html", status=FORBIDDEN)


def _show_kept(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    kept = keep_form(request) if request.method == "POST" else None
    return _show(request, template, {"kept": kept}, status=status)


def _show(request: HttpRequest, template: str, context: dict, *, status: int) -> HttpResponse:
    response = render(request, template, context, status=status)
    add_never_cache_headers(response)
    return response


def _asks_to_sign_in(request: HttpRequest, response: HttpResponseBase) -> bool:
    if response.status_code != FOUND:
        return False
    target = urlsplit(response.headers["Location"])
    is_sign_in = target.path == resolve_url(settings.LOGIN_URL)
    return is_sign_in and parse_qs(target.query).get("next") == [request.get_full_path()]


def _ask_to_sign_in(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Show what was typed, to send again after signing in; otherwise redirect to the form's page."""
    back = _find_form_page(request)
    sign_in_url = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}"
    kept = keep_form(request) if came_from_here(request) else None
    if kept and kept.fields:
        context = {"sign_in_url": sign_in_url, "kept": kept}
        return _show(request, "signed_out.html", context, status=FORBIDDEN)
    words = _(
        "You were signed out before this was sent, so nothing was done. Sign in, then send it "
        "again."
    )
    messages.warning(request, words)
    response.headers["Location"] = sign_in_url
    return response


def _find_form_page(request: HttpRequest) -> str:
    """Return the page that sent the form: the form's own address may not show a page."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
        return request.get_full_path()
    parts = urlsplit(page)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _explain(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    """Return the same refusal with an explanation and a next step."""
    explained = render(request, "405.html", status=NOT_ALLOWED)
    for name, value in response.headers.items():
        if name != "Content-Type" and name not in explained.headers:
            explained.headers[name] = value
    return explained
