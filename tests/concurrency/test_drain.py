"""How a long drain keeps its speed: each chunk starts at its place in the partial index [R29]."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from associations.finalisation import lock_due
from tests.benchmarks.finalisation_data import DUE, fill

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_the_next_chunk_neither_reads_nor_sorts_what_comes_after_it():
    fill(total=5_000, due=2_000)
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        first = lock_due(DUE, None, 10)
        second = lock_due(DUE, first[-1], 10)

    assert [pk for _due_at, pk in first + second] == list(range(1, 21))
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + captured[-1]["sql"])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using claim_due_approved" in plan
    assert "Sort" not in plan
    assert "ROW(due_at, id) > ROW(" in plan.split("Filter")[0]
