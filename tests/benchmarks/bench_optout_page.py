"""The customer's page (GET) against a Django view of the same server and size without queries.

Both are asked in turns, so that the ratio holds on a busy machine too. The server is gunicorn with
one sync worker and the connection pool, as in production.
"""

import http.client
import statistics
import time

from tests.benchmarks import Row
from tests.servers.site import SiteProcess

TARGET = 0.3
ROUNDS, REQUESTS, WARM_UP = 9, 120, 40


def run(database_url: str) -> list[Row]:
    """Measure on an empty or migrated PostgreSQL."""
    address = _make_open_request()
    env = {"DATABASE_URL": database_url, "DATABASE_POOL": "true", "LOG_LEVEL": "WARNING"}
    server = SiteProcess(
        env=env, application="tests.benchmarks.opt_out_site:application", threads=1
    )
    with server as site:
        plain = _find_plain_page(site.port, size=len(_fetch(site.port, address)))
        for each in (address, plain):
            _measure_rate(site.port, each, requests=WARM_UP)
        rates = [
            (_measure_rate(site.port, address), _measure_rate(site.port, plain))
            for _ in range(ROUNDS)
        ]
    ours, bare = (statistics.median(side) for side in zip(*rates, strict=True))
    ratio = statistics.median(one / other for one, other in rates)
    print(f"opt-out page {ours:.0f} requests/s, plain view {bare:.0f}, medians of {ROUNDS}")
    return [Row("opt-out page, of a view without queries", ratio, TARGET)]


def _make_open_request() -> str:
    """Bring a claim of two products to the customer by the real functions; return its address."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.db import connection
    from django.urls import reverse

    from associations import notices
    from associations.enums import Status
    from tests import cast

    if connection.vendor != "postgresql":
        raise RuntimeError(f"the benchmark runs on PostgreSQL, not {connection.vendor}")
    partner = cast.make_partner()
    actor = cast.make_member(partner)
    draft = cast.make_draft(partner, actor, cast.make_tenant())
    claim = cast.walk(draft, Status.APPROVED, actor=actor, reviewer=cast.make_reviewer())
    return reverse("associations:opt-out", args=[notices.in_force(claim).get().token])


def _find_plain_page(port: int, *, size: int) -> str:
    """The address of a plain page of exactly ``size`` bytes."""
    filling = size - len(_fetch(port, "/plain/0/"))
    address = f"/plain/{filling}/"
    if len(_fetch(port, address)) != size:
        raise RuntimeError("the two pages differ in size")
    return address


def _measure_rate(port: int, address: str, *, requests: int = REQUESTS) -> float:
    """Requests per second, one after another."""
    started = time.perf_counter()
    for _ in range(requests):
        _fetch(port, address)
    return requests / (time.perf_counter() - started)


def _fetch(port: int, address: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", address)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise RuntimeError(f"{address}: {answer.status}")
    return body
