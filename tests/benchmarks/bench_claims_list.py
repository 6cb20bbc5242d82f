"""The partner's claims list: one with 1,000,000 claims against one with 1,000, at any page.

    python -m tests.benchmarks --only claims_list

Each page is the whole view, from session to HTML, by a signed-in test client; large and small take
turns, so that the ratio holds on a busy machine too.
"""

import hashlib
import os
import random
import statistics
import time
from functools import partial

from tests.benchmarks import Row
from tests.benchmarks.claims_data import analyze, indexes_built_afterwards, make_partner, set_up

LARGE, SMALL = int(os.environ.get("CPOR_BENCH_TOTAL", "1000000")), 1_000
ROUNDS = 60
CEILING, MAX_QUERIES = 1.4, 8


def run(database_url: str) -> list[Row]:
    """Measure on an empty PostgreSQL that the settings lead to already."""
    set_up()
    with indexes_built_afterwards():
        people = {size: make_partner(size) for size in (LARGE, SMALL)}
    analyze()
    rows = []
    for name, query in _find_views(people).items():
        rows += compare(name, query, people)
    return rows


def _find_views(people) -> dict[str, dict]:
    """Name → for each partner the query of the address; the middle and last page by their cursors."""
    views = {}
    for title, query in (
        ("newest", {}),
        ("status filter", {"status": "official"}),
        ("by deadline", {"sort": "deadline"}),
    ):
        for place, share in (("first", None), ("middle", 0.5), ("last", 1)):
            views[f"claims list, {title}, {place} page"] = {
                size: query | _cursor_at(user, query, share) for size, user in people.items()
            }
    one = hashlib.md5(b"7", usedforsecurity=False).hexdigest()  # both have a customer named so
    for title, term in (("one customer", one), ("every customer", "customer")):
        views[f"claims list, search for {title}"] = {size: {"q": term} for size in people}
    return views


def _cursor_at(user, query: dict, share: float | None) -> dict[str, str]:
    from associations.claims import visible
    from associations.lists import listing

    if share is None:
        return {}
    claims = visible.claims_visible_to(user)
    if "status" in query:
        claims = claims.filter(status=query["status"])
    sort = query.get("sort", "newest")
    rows = listing.sort_claims(claims, sort=sort)
    place = max(int(rows.count() * share) - listing.PAGE_SIZE, 0)
    claim = rows[place]
    due = claim.due_key if sort == "deadline" else None
    return {"after": str(listing.Cursor(claim.reference, due))}


def compare(
    name: str,
    queries_of: dict,
    people: dict,
    *,
    page="claims/",
    mark=b"claim-link",
    ceiling=CEILING,
    max_queries=MAX_QUERIES,
) -> list[Row]:
    """Open a page of both partners in turns; it must have ``mark``, and as many queries of both."""
    times, counts = {LARGE: [], SMALL: []}, {}
    openers = {size: partial(_open, _sign_in(user, page), mark) for size, user in people.items()}
    for size in (LARGE, SMALL):
        counts[size] = _count_queries(openers[size], queries_of[size])
    for _round in range(ROUNDS):
        for size in random.sample([LARGE, SMALL], 2):
            times[size].append(_time(openers[size], queries_of[size]))
    large, small = (statistics.median(times[size]) for size in (LARGE, SMALL))
    if counts[LARGE] != counts[SMALL]:
        raise RuntimeError(
            f"{name}: {counts[LARGE]} queries for the large, {counts[SMALL]} for the small"
        )
    print(f"{name}: {large * 1000:.1f} ms and {small * 1000:.1f} ms, {counts[LARGE]} queries")
    return [
        Row(name, large / small, ceiling, "x", at_most=True),
        Row(f"{name}, queries", counts[LARGE], max_queries, "", at_most=True),
    ]


def _sign_in(user, page: str):
    from django.test import Client

    client = Client()
    client.force_login(user)
    return partial(client.get, f"{user.memberships.get().partner.get_absolute_url()}{page}")


def _open(get, mark: bytes, query: dict) -> None:
    response = get(query)
    if response.status_code != 200 or mark not in response.content:
        raise RuntimeError(f"{query}: {response.status_code}, no rows on the page")


def _time(open_page, query: dict) -> float:
    started = time.perf_counter()
    open_page(query)
    return time.perf_counter() - started


def _count_queries(open_page, query: dict) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        open_page(query)
    return len(captured)
