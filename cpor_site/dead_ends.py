"""Ways on for people whose session ended under their hands, or who opened what only takes a form."""

from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

FOUND, NOT_ALLOWED = 302, 405


class DeadEndMiddleware:
    """Says in words what a bare redirect or status would leave to be guessed."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method == "POST" and _asks_to_sign_in(request, response):
            _lead_back(request, response)
        elif request.method == "GET" and response.status_code == NOT_ALLOWED:
            return _explain(request, response)
        return response


def _asks_to_sign_in(request: HttpRequest, response: HttpResponseBase) -> bool:
    if response.status_code != FOUND:
        return False
    target = urlsplit(response.headers["Location"])
    is_sign_in = target.path == resolve_url(settings.LOGIN_URL)
    return is_sign_in and parse_qs(target.query).get("next") == [request.get_full_path()]


def _lead_back(request: HttpRequest, response: HttpResponseBase) -> None:
    """Say that nothing was done, and lead to the page of the form: its own address may show nothing."""
    words = _(
        "You were signed out before this was sent: nothing was done. Sign in, then send it again."
    )
    messages.warning(request, words)
    page = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()):
        parts = urlsplit(page)
        back = f"{parts.path}?{parts.query}" if parts.query else parts.path
        response.headers["Location"] = (
            f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}"
        )


def _explain(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    """The same refusal with words and a way on."""
    explained = render(request, "405.html", status=NOT_ALLOWED)
    for name, value in response.headers.items():
        if name != "Content-Type" and name not in explained.headers:
            explained.headers[name] = value
    return explained
