"""The shared cache. The site works without it: it holds only rate limits and lists of choices."""

import functools
import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnectionError
from redis.exceptions import TimeoutError as NoAnswerError
from redis.retry import Retry

logger = logging.getLogger(__name__)

#: How long a page waits for the cache, once, before it continues without it.
WAIT_BRIEFLY = {
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    "retry": Retry(NoBackoff(), retries=0),
}


def forgive(method: Callable, answer: Callable[..., Any]) -> Callable:
    """Wrap a client's ``method``; if Redis is unreachable, return ``answer`` to the same arguments."""

    @functools.wraps(method)
    def forgiving(client, *args, **kwargs):
        try:
            return method(client, *args, **kwargs)
        except (NoConnectionError, NoAnswerError) as error:
            logger.warning("the cache cannot be reached: %s", error)
            return answer(*args, **kwargs)

    return forgiving


class ForgetfulClient(RedisCacheClient):
    """Finds nothing and keeps nothing while Redis is away; rate limits then count no one."""

    get = forgive(RedisCacheClient.get, lambda _key, default=None: default)
    add = forgive(RedisCacheClient.add, lambda *_args, **_kwargs: True)
    set = forgive(RedisCacheClient.set, lambda *_args, **_kwargs: None)
    delete = forgive(RedisCacheClient.delete, lambda *_args, **_kwargs: False)
    get_many = forgive(RedisCacheClient.get_many, lambda *_args, **_kwargs: {})
    incr = forgive(RedisCacheClient.incr, lambda _key, delta=1: delta)
    has_key = forgive(RedisCacheClient.has_key, lambda *_args, **_kwargs: False)


class ForgetfulRedisCache(RedisCache):
    def __init__(self, server, params):
        params["OPTIONS"] = {**WAIT_BRIEFLY, **params.get("OPTIONS", {})}
        super().__init__(server, params)
        self._class = ForgetfulClient
