"""How a long drain keeps its speed: each chunk starts at its place in the partial index [R29]."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from associations.finalisation import bulk
from associations.finalisation.bulk import lock_due
from associations.finalisation.sweep import finalise_due
from tests.benchmarks.finalisation_data import SWEPT, fill

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_the_next_chunk_neither_reads_nor_sorts_what_comes_after_it():
    fill(total=5_000, due=2_000)
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        first = lock_due(SWEPT, size=10)
        second = lock_due(SWEPT, after=first, size=10)

    assert first.ids + second.ids == list(range(1, 21))
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + captured[-1]["sql"])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using claim_due_approved" in plan
    assert "Sort" not in plan
    assert "ROW(due_at, id) > ROW(" in plan.split("Filter")[0]


SUBSCRIPTIONS = """
    INSERT INTO associations_subscription (subscription_id, tenant_id, product_id, channel, state,
      sold_seats, ends_on)
    SELECT gen_random_uuid(), t.id, NULL, 'web-direct', 'active', 10, '2026-05-01'
    FROM associations_tenant t, generate_series(1, 400) n
"""


def test_the_statement_that_makes_a_chunk_official_reads_no_table_whole():
    """Opt-outs wait for it, however many notices and subscriptions there are."""
    fill(total=8_000, due=1_000)
    with connection.cursor() as cursor:
        cursor.execute(SUBSCRIPTIONS)
        cursor.execute("VACUUM ANALYZE associations_subscription")
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        chunk = lock_due(SWEPT, size=400).ids
        assert bulk.make_official(chunk, at=SWEPT) == set()
        transaction.set_rollback(True)

    assert bulk.LOOK_UP in [each["sql"] for each in captured]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(bulk.LOOK_UP)
        cursor.execute("EXPLAIN " + captured[-1]["sql"])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using associations_subscription_pkey" in plan
    assert "Seq Scan" not in plan


def test_a_full_chunk_does_not_wait_for_the_disk():
    """The customers of its claims would wait with it. The setting ends with the transaction."""
    fill(total=100, due=25)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")  # the server of the tests has it off
    with CaptureQueriesContext(connection) as captured:
        finalise_due(at=SWEPT, chunk=10)

    said = "\n".join(query["sql"] for query in captured)
    chunks = [each for each in said.split("COMMIT") if "INSERT INTO" in each]
    assert ["SET LOCAL synchronous_commit = off" in each for each in chunks] == [True, True, False]
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)
        cursor.execute("RESET synchronous_commit")
