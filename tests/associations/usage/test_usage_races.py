"""Two loads of the same rows at once [R38]."""

import pytest
from django.db import OperationalError
from django.utils import timezone

from associations.imports.receiving import load_from_disk
from associations.models import WorkloadUsage
from associations.usage import tables
from associations.usage.loading import USAGE
from tests import cast
from tests.associations.usage_files import make_file, workload_line
from tests.concurrency.racing import race

pytestmark = pytest.mark.race

MONTHS = [f"{year}-{month:02}" for year in range(2005, 2025) for month in range(1, 13)]


@pytest.fixture
def loads(monkeypatch):
    """Two files with the same rows in opposite order, each row a statement of its own."""
    monkeypatch.setattr(tables, "WRITTEN_AT_ONCE", 1)
    cast.product("teams")
    tenant = cast.make_tenant()
    lines = [workload_line(tenant, month=month) for month in MONTHS]
    return [
        lambda order=order: load_from_disk(
            make_file(*order), USAGE, name="x.csv", actor=None, now=timezone.now()
        )
        for order in (lines, lines[::-1])
    ]


def test_two_loads_of_the_same_rows_wait_for_each_other(loads):
    outcomes = race(*loads)

    assert [loaded.state for loaded in outcomes] == ["done", "done"]
    assert [loaded.rows_bad for loaded in outcomes] == [0, 0]
    assert WorkloadUsage.objects.count() == len(MONTHS)


def test_without_the_order_they_deadlock(loads, monkeypatch):
    monkeypatch.setattr(tables, "in_locking_order", list)

    outcomes = race(*loads)

    assert [type(outcome) for outcome in outcomes].count(OperationalError) == 1
