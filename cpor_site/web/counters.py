"""Counting how often something is done: only in the cache, by clock windows, without a query.

While the cache is away no one is counted (``cache.ForgetfulClient``). Names are hashed: some contain a
link's token or a person's address.
"""

import hashlib
import math
from collections.abc import Mapping
from time import time

from django.core.cache import cache

MINUTE = 60  # seconds
HOUR = 60 * MINUTE


def name_counter(*parts: str, window: int = MINUTE) -> str:
    """Return the key of this window's counter; ``window`` is in seconds."""
    number = int(time() // window)
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"limit:{window}:{number}:{digest}"


def count(name: str, *, window: int = MINUTE) -> int:
    """Count one more; return how many there are now."""
    if cache.add(name, 1, timeout=2 * window):
        return 1
    try:
        return cache.incr(name)
    except ValueError:  # evicted between the two calls
        return 1


def read_counter(name: str) -> int:
    return cache.get(name, 0)


def find_wait(*, window: int = MINUTE) -> int:
    """Return the seconds until a new window begins."""
    return math.ceil(window - time() % window)


def take_turns(action: str, allowed: Mapping[str, int], *, window: int = HOUR) -> str:
    """Count ``action`` once for each name in ``allowed``, provided all are within their number.

    Returns the first name that has reached its number, and then counts for none; otherwise "".
    """
    counters = {who: name_counter(action, who, window=window) for who in allowed}
    for who, counter in counters.items():
        if read_counter(counter) >= allowed[who]:
            return who
    for counter in counters.values():
        count(counter, window=window)
    return ""
