"""The partner's claims list: one with 1,000,000 claims against one with 1,000, at any page.

    python -m tests.benchmarks --only claims_list

Each page is the whole view, from session to HTML, by a signed-in test client; large and small take
turns, so that the ratio holds on a busy machine too.
"""

import contextlib
import hashlib
import os
import random
import statistics
import time
from functools import partial

from tests.benchmarks import Row

LARGE, SMALL = int(os.environ.get("CPOR_BENCH_TOTAL", "1000000")), 1_000
ROUNDS = 60
CEILING, MAX_QUERIES = 1.4, 8
#: Of 100 claims, so many stand at each status: most are settled, as in life.
SHARES = {
    "editing": 3,
    "submitted": 3,
    "under-review": 3,
    "action-required": 2,
    "approved": 10,
    "official": 50,
    "rejected": 14,
    "dispute": 1,
    "rejected-final": 4,
    "ended": 10,
}
WITH_CLOCK = ("submitted", "under-review", "action-required", "approved", "rejected", "dispute")


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


def set_up() -> None:
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    if connection.vendor != "postgresql":
        raise RuntimeError(f"the benchmark runs on PostgreSQL, not {connection.vendor}")


@contextlib.contextmanager
def indexes_built_afterwards():
    """Loading a million rows into their indexes one by one takes minutes; building them, seconds."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(PLAIN_INDEXES)
        found = cursor.fetchall()
        cursor.execute(
            "SET session_replication_role = replica"
        )  # no foreign keys row by row either
        for name, _definition in found:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _name, definition in found:
            cursor.execute(definition)
        cursor.execute("SET session_replication_role = DEFAULT")


def make_partner(size: int):
    """A partner with ``size`` claims of two products, a customer for each five claims."""
    from tests import cast

    partner = cast.make_partner(f"Partner of {size}")
    user = cast.make_member(partner, email=f"clerk{size}@partner.example")
    execute(TENANTS, size=size)
    execute(
        CLAIMS.format(status=_status_expression()),
        size=size,
        partner=partner.pk,
        place=partner.locations.get().pk,
        user=user.pk,
        clocks=list(WITH_CLOCK),
    )
    for code in ("teams", "exchange-online"):
        execute(ASSOCIATIONS, partner=partner.pk, product=cast.product(code).pk)
    return user


def execute(statement: str, **params) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def _status_expression() -> str:
    """The status of the n-th claim, spread so that neighbours differ."""
    branches, below = [], 0
    for status, share in SHARES.items():
        below += share
        branches.append(f"WHEN (n * 37) %% 100 < {below} THEN '{status}'")
    return f"CASE {' '.join(branches)} END"


PLAIN_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid::regclass::text IN ('associations_claim', 'associations_association',
                                   'associations_tenant')
  AND NOT indisunique
"""

TENANTS = """
INSERT INTO associations_tenant (tenant_id, name, country, country_part, time_zone, language)
SELECT gen_random_uuid(), 'Customer ' || md5(n::text) || ' of ' || %(size)s, 'BR', '',
       'America/Sao_Paulo', 'en'
FROM generate_series(1, %(size)s / 5) AS n
"""

CLAIMS = """
WITH last AS (SELECT max(id) AS id FROM associations_tenant), made AS (
    SELECT n, {status} AS status, last.id - n %% (%(size)s / 5) AS tenant_id
    FROM generate_series(1, %(size)s) AS n, last
)
INSERT INTO associations_claim (
    reference, partner_id, location_id, tenant_id, status, customer_domain, solution_area, activity,
    name, solution_seller, revenue_customer_name, isv_product, created_by_id, filing_key, typed,
    revision, created_at, updated_at, due_at, due_time_zone, turn, is_parked, information_reasons,
    reviewer_message, rejection_reason, history_length, history_hash
)
SELECT upper(substr(md5(%(size)s || ' ' || n), 1, 12)), %(partner)s, %(place)s, tenant_id, status,
       'customer.example', 'microsoft-365', 'usage', 'Rollout ' || n, '', '', '', %(user)s,
       gen_random_uuid(), '{{}}', 0, now(), now(),
       CASE WHEN status = ANY(%(clocks)s) THEN date_trunc('day', now()) + n %% 30 * interval '1 day'
       END,
       CASE WHEN status = ANY(%(clocks)s) THEN 'America/Sao_Paulo' ELSE '' END,
       CASE status WHEN 'approved' THEN 'customer' WHEN 'action-required' THEN 'partner'
           WHEN 'rejected' THEN 'partner' ELSE 'staff' END,
       false, '[]', '', CASE WHEN status = 'rejected' THEN 'insufficient-poe' ELSE '' END, 0, ''
FROM made
"""

ASSOCIATIONS = """
INSERT INTO associations_association
    (reference, claim_id, partner_id, tenant_id, product_id, slot_key, status, parked_reason)
SELECT upper(substr(md5(id || ' ' || %(product)s), 1, 12)), id, partner_id, tenant_id, %(product)s,
       tenant_id || '/' || %(product)s || '/' || id, 'proposed', ''
FROM associations_claim WHERE partner_id = %(partner)s
"""


def analyze() -> None:
    """As autovacuum does in life."""
    execute("VACUUM ANALYZE")


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
