"""Rate limits of pages whose address is their key: links that customers and invited people got by mail.

Nobody who acts normally meets them: they are for programs that try links, or hammer one. They count
by windows of a minute (``counters``), so that they cost no query. Sign-in and reset have allauth's own
(ACCOUNT_RATE_LIMITS), sending invitations has ``partners.invitation_limits``.
"""

import functools
import math
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from cpor_site.web.customer_language import render_for_customer

from .client_address import find_address
from .counters import MINUTE, count, find_wait, name_counter
from .kept_form import keep_form

#: allauth does not say how long its limits last. Seconds, where it may be more than a minute
#: (ACCOUNT_RATE_LIMITS), by the name of the page.
ALLAUTH_WAITS = {"account_reset_password": 5 * MINUTE}


def limit_rate(action: str, *, looks: int, acts: int, misses: int = 30) -> Callable:
    """Limit ``view(request, token)``, each number for a minute and one network address [R22].

    ``looks`` (GET, HEAD) and ``acts`` (POST) count for one link, and the view is not called past them.
    ``misses`` counts dead links, whichever they were: a 404 of the view. That limit is for dead links only,
    so that a live one is answered whatever else came from its network: an office or a mobile network is one
    address. Past a limit the answer is 429 with Retry-After.
    """

    def decorate(view):
        @functools.wraps(view)
        def limited(request, token):
            address = find_address(request)
            amount = acts if request.method == "POST" else looks
            verb = "act" if request.method == "POST" else "look"
            if count(name_counter(action, verb, address, token)) > amount:
                return too_many_requests(request, seconds=find_wait())
            response = view(request, token)
            is_dead = response.status_code == 404  # noqa: PLR2004 - not found
            if is_dead and count(name_counter(action, "miss", address)) > misses:
                return too_many_requests(request, seconds=find_wait())
            return response

        return limited

    return decorate


def too_many_requests(request: HttpRequest, *, seconds: int = MINUTE) -> HttpResponse:
    """Say how long to wait, and keep what was typed; the answer of every rate limit, ours or allauth's."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    seconds = max(seconds, ALLAUTH_WAITS.get(name, 0))
    kept = keep_form(request) if request.method == "POST" else None
    minutes = math.ceil(seconds / MINUTE)
    response = render_for_customer(request, "429.html", seconds=seconds, minutes=minutes, kept=kept)
    response.headers["Cache-Control"] = "no-store"
    return ask_to_wait(response, seconds=seconds)


def ask_to_wait(response: HttpResponse, *, seconds: int) -> HttpResponse:
    """Make ``response`` one that says to programs, too, how long to wait."""
    response.status_code = 429
    response.headers["Retry-After"] = str(seconds)
    return response
