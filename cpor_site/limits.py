"""Rate limits of pages whose address is their key: links that customers and invited people got by mail.

Nobody who acts normally meets them: they are for programs that try links, or hammer one. They count
by windows of a minute (``counters``), so that they cost no query. Sign-in and reset have allauth's own
(ACCOUNT_RATE_LIMITS), sending invitations has ``partners.invitation_limits``.
"""

import functools
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from associations.customer_language import render_for_customer

from .client_address import find_address
from .counters import MINUTE, count, find_wait, name_counter, read_counter


def limit_rate(action: str, *, looks: int, acts: int, misses: int = 30) -> Callable:
    """Limit ``view(request, token)``, each number for a minute and one network address.

    ``looks`` (GET, HEAD) and ``acts`` (POST) count for one link; ``misses`` counts links that do not
    exist, whichever they were: a 404 of the view. Past a limit the answer is 429 with Retry-After, and
    the view is not called.
    """

    def decorate(view):
        @functools.wraps(view)
        def limited(request, token):
            address = find_address(request)
            amount = acts if request.method == "POST" else looks
            verb = "act" if request.method == "POST" else "look"
            missed = name_counter(action, "miss", address)
            is_over = count(name_counter(action, verb, address, token)) > amount
            if is_over or read_counter(missed) > misses:
                return too_many_requests(request, seconds=find_wait())
            response = view(request, token)
            if response.status_code == 404:  # noqa: PLR2004 - not found
                count(missed)
            return response

        return limited

    return decorate


def too_many_requests(request: HttpRequest, *, seconds: int = MINUTE) -> HttpResponse:
    """Say how long to wait; the answer to whoever meets a rate limit, ours or allauth's."""
    response = render_for_customer(request, "429.html", seconds=seconds)
    response.headers["Cache-Control"] = "no-store"
    return ask_to_wait(response, seconds=seconds)


def ask_to_wait(response: HttpResponse, *, seconds: int) -> HttpResponse:
    """Make ``response`` one that says to programs, too, how long to wait."""
    response.status_code = 429
    response.headers["Retry-After"] = str(seconds)
    return response
