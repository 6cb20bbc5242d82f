"""Staff's lists, and the dashboard and members of a large partner: 200,000 claims against 2,000.

    python -m tests.benchmarks --only staff_lists

Both databases are on one server, each behind a gunicorn of its own; a page is asked of both in turns,
so that the ratio holds on a busy machine too. Everything grows with the claims: customers, people,
emails, the access record, and one partner's members.
"""

import http.client
import os
import random
import statistics
import time
from contextlib import ExitStack
from urllib.parse import urlencode

from tests.benchmarks import Row
from tests.servers.site import SiteProcess

LARGE, SMALL = int(os.environ.get("CPOR_BENCH_TOTAL", "200000")), 2_000
ROUNDS = 15
CEILING, MAX_QUERIES = 2.0, 12
SMALL_DATABASE = "bench_staff_lists_small"


def run(database_url: str) -> list[Row]:
    """Measure on an empty PostgreSQL that the settings lead to already."""
    cookies, pages = _fill(database_url)
    counts = {page: _count_queries(cookies, page) for page in pages}
    addresses = [database_url, _small_url(database_url)]
    with ExitStack() as stack:
        large, small = (stack.enter_context(_serve(address)) for address in addresses)
        rows = []
        for page in pages:
            rows += _compare(page, large.port, small.port, cookies, counts[page])
    return rows


def _serve(database_url: str) -> SiteProcess:
    env = {"DATABASE_URL": database_url, "DATABASE_POOL_SIZE": "8", "LOG_LEVEL": "WARNING"}
    return SiteProcess(env=env, threads=2)


def _small_url(database_url: str) -> str:
    return database_url.rpartition("/")[0] + "/" + SMALL_DATABASE


def _fill(database_url: str) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """Fill both databases; return the sessions of staff and member, and the pages to ask for."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    if connection.vendor != "postgresql":
        raise RuntimeError(f"the benchmark runs on PostgreSQL, not {connection.vendor}")
    from tests import cast
    from tests.many_rows import Crowd

    crowd = Crowd.make()
    root = cast.UserFactory(is_staff=True, is_superuser=True)
    cookies = {"staff": _sign_in(root), "member": _sign_in(crowd.person)}
    crowd.grow(SMALL)
    _copy_database(database_url)
    crowd.grow(LARGE)
    return cookies, [*_list_staff_pages(crowd), *_list_member_pages(crowd)]


def _copy_database(database_url: str) -> None:
    """Copy what is there under another name; nothing may be connected to it at that time."""
    import psycopg
    from django.db import connection

    connection.close()
    server, _slash, name = database_url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as session:
        session.execute(f'CREATE DATABASE "{SMALL_DATABASE}" TEMPLATE "{name}"')
    with psycopg.connect(_small_url(database_url), autocommit=True) as session:
        session.execute("VACUUM ANALYZE")


def _sign_in(user) -> str:
    from django.test import Client

    from tests import cast

    client = Client()
    client.force_login(user)
    if user.is_staff:
        session = client.session
        cast.prove_second_factor(session, user)
        session.save()
    return client.session.session_key


def _list_staff_pages(crowd) -> list[tuple[str, str, str]]:
    """(who, title, address); what is searched for is there in both databases."""
    queue, access = "/admin/associations/claim/", "/admin/partners/accessrecord/"
    emails, customers = "/admin/notifications/message/", "/admin/associations/tenant/"
    asked = [
        ("queue, competing", queue, {"competing": "yes", "status": "all"}),
        ("queue, search for a customer", queue, {"q": "c17.crowd.example"}),
        ("queue, search for every customer", queue, {"q": "customer"}),
        ("queue, of no program", queue, {"program": "none"}),
        ("queue, parked", queue, {"parked": "yes"}),
        ("queue, approved", queue, {"status": "approved"}),
        ("access record, search", access, {"q": "person17@crowd"}),
        ("access record, of a kind", access, {"kind__exact": "usage_exported"}),
        ("access record, last page", access, {"p": "older-150"}),
        ("emails", emails, {}),
        ("emails, search", emails, {"q": "person77@mail"}),
        ("emails, search for all", emails, {"q": "person"}),
        ("emails, failed", emails, {"state__exact": "failed"}),
        ("customers, search", customers, {"q": "c17.crowd"}),
        ("customers", customers, {}),
        ("subscriptions, search", "/admin/associations/subscription/", {"q": "customer"}),
        ("people, search", "/admin/partners/user/", {"q": "person17@crowd"}),
        ("a partner", f"/admin/partners/partner/{crowd.partner.pk}/change/", {}),
        ("a person", f"/admin/partners/user/{crowd.person.pk}/change/", {}),
    ]
    return [("staff", title, f"{path}?{urlencode(query)}") for title, path, query in asked]


def _list_member_pages(crowd) -> list[tuple[str, str, str]]:
    start = crowd.partner.get_absolute_url()
    pages = {
        "dashboard": start,
        "members": f"{start}members/",
        "members, search": f"{start}members/?q=person17%40",
        "access record of a partner": f"{start}access/",
    }
    return [("member", title, address) for title, address in pages.items()]


def _compare(page, large: int, small: int, cookies: dict[str, str], queries: int) -> list[Row]:
    who, title, address = page
    times: dict[int, list[float]] = {large: [], small: []}
    for port in times:
        _time(port, address, cookies[who])
    for _round in range(ROUNDS):
        for port in random.sample([large, small], 2):
            times[port].append(_time(port, address, cookies[who]))
    slow, fast = (statistics.median(times[port]) for port in (large, small))
    print(f"{title}: {slow * 1000:.1f} ms and {fast * 1000:.1f} ms, {queries} queries", flush=True)
    return [
        Row(title, slow / fast, CEILING, "x", at_most=True),
        Row(f"{title}, queries", queries, MAX_QUERIES, "", at_most=True),
    ]


def _time(port: int, address: str, session: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        started = time.perf_counter()
        connection.request("GET", address, headers={"Cookie": f"sessionid={session}"})
        answer = connection.getresponse()
        answer.read()
        seconds = time.perf_counter() - started
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise RuntimeError(f"{address}: {answer.status}")
    return seconds


def _count_queries(cookies: dict[str, str], page) -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    who, _title, address = page
    client = Client()
    client.cookies["sessionid"] = cookies[who]
    client.get(address)  # as a process that has served the page before
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len([each for each in captured if "SAVEPOINT" not in each["sql"]])
