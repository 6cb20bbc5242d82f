"""The customer's page (GET) against a Django view of the same server and size without queries.

They are asked in turns, so that the ratio holds on a busy machine too. The server is gunicorn with
one worker of threads and the connection pool, as in production. The view renders the same frame around
other words; a page without any frame is measured for information.
"""

import http.client
import secrets
import statistics
import time

from tests.benchmarks import Row
from tests.servers.site import SiteProcess

TARGET = 0.2
ROUNDS, REQUESTS, WARM_UP = 9, 120, 40


def run(database_url: str) -> list[Row]:
    """Measure on an empty or migrated PostgreSQL."""
    address = _make_open_request()
    env = {"DATABASE_URL": database_url, "DATABASE_POOL_SIZE": "8", "LOG_LEVEL": "WARNING"}
    env["BEHIND_PROXY"] = "true"
    server = SiteProcess(
        env=env, application="tests.benchmarks.opt_out_site:application", threads=32
    )
    with server as site:
        size = len(_fetch(site.port, address))
        pages = [address, *(_find_page(site.port, kind, size=size) for kind in ("framed", "bare"))]
        for page in pages:
            _measure_rate(site.port, page, requests=WARM_UP)
        rounds = [[_measure_rate(site.port, page) for page in pages] for _ in range(ROUNDS)]
    ours, framed, bare = (statistics.median(side) for side in zip(*rounds, strict=True))
    ratio = statistics.median(one / other for one, other, _bare in rounds)
    print(f"{ours:.0f} requests/s; without queries {framed:.0f}; without a frame too {bare:.0f}")
    return [Row("opt-out page, of a view without queries", ratio, TARGET)]


def _make_open_request() -> str:
    """Bring a claim of two products to the customer by the real functions; return its address."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.db import connection
    from django.urls import reverse

    from associations.customer import notices
    from associations.enums import Status
    from tests import cast

    if connection.vendor != "postgresql":
        raise RuntimeError(f"the benchmark runs on PostgreSQL, not {connection.vendor}")
    partner = cast.make_partner()
    actor = cast.make_member(partner)
    draft = cast.make_draft(partner, actor, cast.make_tenant())
    claim = cast.walk(draft, Status.APPROVED, actor=actor, reviewer=cast.make_reviewer())
    return reverse("associations:opt-out", args=[notices.in_force(claim).get().token])


def _find_page(port: int, kind: str, *, size: int) -> str:
    """The address of a page of exactly ``size`` bytes."""
    filling = size - len(_fetch(port, f"/{kind}/0/"))
    address = f"/{kind}/{filling}/"
    if len(_fetch(port, address)) != size:
        raise RuntimeError("the pages differ in size")
    return address


def _measure_rate(port: int, address: str, *, requests: int = REQUESTS) -> float:
    """Requests per second, one after another."""
    started = time.perf_counter()
    for _ in range(requests):
        _fetch(port, address)
    return requests / (time.perf_counter() - started)


def _fetch(port: int, address: str) -> bytes:
    """Get a page, each time from another place, as customers do: no one meets the rate limit."""
    place = f"10.0.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", address, headers={"X-Forwarded-For": place})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise RuntimeError(f"{address}: {answer.status}")
    return body
