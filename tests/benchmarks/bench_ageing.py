"""The ageing page at a million claims of which 70,000 wait for staff, against a thousand claims.

    python -m tests.benchmarks --only ageing

The page shows counts that are at most a minute old, so that what it costs is mostly the rest of the page;
the counting itself has a row of its own.
"""

import os
import statistics
import time
from contextlib import ExitStack

from tests.benchmarks import Row
from tests.benchmarks import bench_staff_lists as lists

LARGE, SMALL = int(os.environ.get("CPOR_BENCH_TOTAL", "1000000")), 1_000
CEILING, MAX_QUERIES = 1.5, 12
#: Seconds that counting may take, once a minute.
COUNTING = 2.0
ROUNDS = 5
PAGE = ("staff", "ageing page", "/admin/associations/claim/ageing/")


def run(database_url: str) -> list[Row]:
    """Measure on an empty PostgreSQL that the settings lead to already."""
    root, cookies = _fill(database_url)
    seconds, queries = _time_counting(root), lists._count_queries(cookies, PAGE)
    with ExitStack() as stack:
        addresses = [database_url, lists._small_url(database_url)]
        large, small = (stack.enter_context(lists._serve(address)) for address in addresses)
        ratio, _queries = lists._compare(PAGE, large.port, small.port, cookies, queries)
    return [
        Row(ratio.name, ratio.measured, CEILING, "x", at_most=True),
        Row("ageing page, queries", queries, MAX_QUERIES, "", at_most=True),
        Row("counting the open claims", seconds, COUNTING, "s", at_most=True),
    ]


def _fill(database_url: str):
    """Fill both databases; return a superuser and the session of that person."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    from tests import cast
    from tests.many_rows import Crowd

    crowd = Crowd.make()
    root = cast.UserFactory(is_staff=True, is_superuser=True)
    cookies = {"staff": lists._sign_in(root)}
    crowd.grow(SMALL)
    _give_out()
    lists._copy_database(database_url)
    crowd.grow(LARGE)
    _give_out()
    return root, cookies


def _give_out() -> None:
    """Give every claim a program, and each second one the reviewer there is."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(PROGRAMS)
        cursor.execute(REVIEWERS)
        cursor.execute("ANALYZE")


PROGRAMS = """
INSERT INTO associations_claim_programs (claim_id, program_id)
SELECT id, (SELECT min(id) FROM partners_program) FROM associations_claim ON CONFLICT DO NOTHING
"""

REVIEWERS = """
UPDATE associations_claim SET assigned_to_id = (SELECT min(id) FROM partners_user WHERE is_staff)
WHERE status IN ('submitted', 'under-review', 'dispute') AND id % 2 = 0
"""


def _time_counting(root) -> float:
    from django.utils import timezone

    from associations.review.ageing import count_by_age

    times = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        ageing = count_by_age(root, now=timezone.now())
        times.append(time.perf_counter() - started)
    print(f"{ageing.totals.total} open claims counted in {times}", flush=True)
    return statistics.median(times)
