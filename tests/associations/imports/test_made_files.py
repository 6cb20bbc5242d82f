"""Made files of every kind, each with its report as people read it [R38], [R47], [R60].

The reports are in ``reports.txt``. Rewrite it with ``CPOR_WRITE_REPORTS=1`` (and ``-n0``), and read the diff.
Files of one family meet the same world, one after the other: what each writes is taken back.
"""

import os
from pathlib import Path

import pytest

from associations.enums import RowOutcome
from associations.importable import KINDS
from associations.models import (
    Association,
    Claim,
    Subscription,
    Tenant,
    TenantDomain,
    WorkloadUsage,
)
from partners.models import Enrollment, Invitation, Location, Partner
from tests import cast

from .made_dialects import DIALECTS
from .made_tables import TABLES
from .made_workbooks import WORKBOOKS
from .world import count, run

pytestmark = [
    pytest.mark.django_db,
    # openpyxl warns of what it leaves out; it is said by the report.
    pytest.mark.filterwarnings("ignore::UserWarning:openpyxl"),
]
REPORTS = Path(__file__).parent / "reports.txt"
MADE = {
    **TABLES,
    **{f"csv: {name}": made for name, made in DIALECTS.items()},
    **{f"xlsx: {name}": made for name, made in WORKBOOKS.items()},
}
WRITTEN = (
    *(Partner, Location, Enrollment, Invitation, Tenant, TenantDomain),
    *(Subscription, WorkloadUsage, Claim, Association),
)


def describe(file):
    """The report as text: state and counts, then a line for each row that is shown."""
    new, changed, same, bad = count(file)
    lines = [f"{file.state}: {new} new, {changed} changed, {same} same, {bad} bad"]
    for row in file.rows.order_by("line", "pk"):
        if row.outcome == RowOutcome.BAD:
            lines.append(f"  {row.line} {row.describe()}")
        else:
            changes = "; ".join(f"{column}: {old!r} → {now!r}" for column, old, now in row.changes)
            lines.append(
                f"  {row.line} {row.outcome} {row.title}{' | ' if changes else ''}{changes}"
            )
    return "\n".join(lines)


def read_reports():
    blocks = REPORTS.read_text().split("\n\n") if REPORTS.exists() else []
    return dict(block.rstrip("\n").split("\n", 1) for block in blocks if block.strip())


def write_reports(new):
    reports = read_reports() | new
    blocks = [f"[{each}]\n{reports[f'[{each}]']}" for each in MADE if f"[{each}]" in reports]
    REPORTS.write_text("\n\n".join(blocks) + "\n")


def list_family(family):
    return [name for name in MADE if name.startswith(f"{family}: ")]


def count_written():
    return [each.objects.count() for each in WRITTEN]


@pytest.mark.parametrize("family", [*KINDS, "csv", "xlsx"])
def test_a_made_file_has_its_report_and_a_check_saves_nothing(world, family):
    before, reports, saved = count_written(), {}, {}
    for name in list_family(family):
        with cast.undone():
            reports[f"[{name}]"] = describe(run(world, *MADE[name]))
            if count_written() != before:
                saved[name] = count_written()

    if os.environ.get("CPOR_WRITE_REPORTS"):
        write_reports(reports)
    expected = read_reports()
    assert reports == {name: expected.get(name) for name in reports}
    assert not saved


def test_there_is_no_report_of_a_file_that_is_gone():
    assert set(read_reports()) == {f"[{name}]" for name in MADE}
    assert len(MADE) >= 80


@pytest.mark.parametrize("family", ["partners", "people", "customers", "subscriptions", "claims"])
def test_loading_does_what_the_check_said_and_twice_changes_nothing(world, family):
    for name in list_family(family):
        with cast.undone():
            checked = describe(run(world, *MADE[name]))
            loaded = run(world, *MADE[name], is_trial=False)
            said = describe(loaded)
            again = run(world, *MADE[name], is_trial=False)

        assert said.partition(":")[2] == checked.partition(":")[2], name
        new, changed, same, bad = count(loaded)
        assert count(again) == (0, 0, new + changed + same, bad), name
