"""Rate limits of pages whose address is their key: links that customers and invited people got by mail.

Nobody who acts normally meets them: they are for programs that try links, or hammer one. They count in
the cache alone, by windows of a minute, so that they cost no query; while the cache is away they count
nobody (``cache.ForgetfulClient``). Sign-in and reset have allauth's own (ACCOUNT_RATE_LIMITS).
"""

import functools
import hashlib
import math
from collections.abc import Callable
from time import time

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from associations.customer_language import render_for_customer

from .client_address import find_address

WINDOW = 60  # seconds


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
            missed = _name_counter(action, "miss", address)
            is_over = _count(_name_counter(action, verb, address, token)) > amount
            if is_over or cache.get(missed, 0) > misses:
                return too_many_requests(request, seconds=math.ceil(WINDOW - time() % WINDOW))
            response = view(request, token)
            if response.status_code == 404:  # noqa: PLR2004 - not found
                _count(missed)
            return response

        return limited

    return decorate


def too_many_requests(request: HttpRequest, *, seconds: int = WINDOW) -> HttpResponse:
    """Say how long to wait; the answer to whoever meets a rate limit, ours or allauth's."""
    response = render_for_customer(request, "429.html", seconds=seconds)
    response.status_code = 429
    response.headers["Retry-After"] = str(seconds)
    response.headers["Cache-Control"] = "no-store"
    return response


def _name_counter(*parts: str) -> str:
    """The key of this minute's counter; hashed, since a link's token is a secret."""
    window = int(time() // WINDOW)
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"limit:{window}:{digest}"


def _count(name: str) -> int:
    """Count one more; return how many there are now."""
    if cache.add(name, 1, timeout=2 * WINDOW):
        return 1
    try:
        return cache.incr(name)
    except ValueError:  # thrown out between the two
        return 1
