"""Rate limits for pages whose address is the key: links emailed to customers and invited people.

Normal use never reaches them: they are for programs that guess links, or hammer one. They count per
minute (``counters``), so they cost no query. Sign-in and reset have allauth's own limits
(ACCOUNT_RATE_LIMITS); for sending invitations see ``partners.people.invitation_limits``.
"""

import functools
import math
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from cpor_site.web.customer_language import render_for_customer

from .client_address import find_address
from .counters import MINUTE, count, find_wait, name_counter
from .kept_form import keep_form

#: allauth does not say how long its limits last. Seconds by page name, for those that can last longer
#: than a minute (ACCOUNT_RATE_LIMITS).
ALLAUTH_WAITS = {"account_reset_password": 5 * MINUTE}


def limit_rate(action: str, *, looks: int, acts: int, misses: int = 30) -> Callable:
    """Limit ``view(request, token)``; each number is per minute and network address [R22].

    ``looks`` (GET, HEAD) and ``acts`` (POST) count per link, and beyond them the view is not called.
    ``misses`` counts dead links of any kind: a 404 from the view. That limit stops only dead links, so that
    a live one works whatever else came from its network: an office or a mobile network is one address.
    Beyond a limit the response is 429 with Retry-After.
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
    """Render the response of every rate limit, ours or allauth's: how long to wait, and what was typed."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    seconds = max(seconds, ALLAUTH_WAITS.get(name, 0))
    kept = keep_form(request) if request.method == "POST" else None
    minutes = math.ceil(seconds / MINUTE)
    response = render_for_customer(request, "429.html", seconds=seconds, minutes=minutes, kept=kept)
    response.headers["Cache-Control"] = "no-store"
    return ask_to_wait(response, seconds=seconds)


def ask_to_wait(response: HttpResponse, *, seconds: int) -> HttpResponse:
    """Add Retry-After to ``response``, which tells programs how long to wait."""
    response.status_code = 429
    response.headers["Retry-After"] = str(seconds)
    return response
