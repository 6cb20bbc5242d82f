"""Usage as a kind of import: a row is a workload or a subscription in one month [R38]."""

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from ..enums import ImportKind, RowOutcome
from ..imports.kinds import Kind, Run
from ..imports.rows import Plan, RowError
from . import attention
from .file_format import COLUMNS, SubscriptionRow, WorkloadRow, read_row
from .tables import Found, Subjects, find_present, find_subjects, save_found

UsageRow = WorkloadRow | SubscriptionRow


class _Known(NamedTuple):
    """What the rows are about, and the figures that are stored for it."""

    subjects: Subjects
    present: dict[tuple, tuple]


class UsageKind(Kind):
    """Usage files are loaded without a preview: figures replace older ones, and nothing depends on them."""

    code = ImportKind.USAGE
    columns = COLUMNS
    about = _(
        "One row for each month of a workload or a subscription. Valid rows are saved right away; rows "
        "with errors are listed."
    )
    permissions = ("associations.load_usage",)
    is_checked_first = False
    at_once_bytes = 200_000

    def read(self, fields: dict[str, str], run: Run) -> UsageRow:
        return read_row(fields, today=run.now.date())

    def look_up(self, rows: Iterable[UsageRow], run: Run) -> _Known:  # type: ignore[override]
        rows = list(rows)
        subjects = find_subjects(rows)
        return _Known(subjects, find_present(_list_found(rows, subjects)))

    def place(self, row: UsageRow, found: _Known, run: Run) -> Plan:  # type: ignore[override]
        place = found.subjects.locate(row)
        values = found.present.get((place.model, *place.key))
        if values is None:
            return Plan(RowOutcome.NEW, (place, row))
        is_same = values == place.values
        return Plan(RowOutcome.SAME if is_same else RowOutcome.CHANGED, (place, row))

    def save(self, plans: list[Plan], run: Run) -> list[tuple[Plan, RowError]]:
        today = run.now.date()
        save_found([place for place, _row in (plan.what for plan in plans)])
        rows = [row for _place, row in (plan.what for plan in plans)]
        locked = attention.look_at_figures(rows, today=today) if rows else set()
        # Waiting for them here, with other rows locked, could end in a deadlock.
        transaction.on_commit(partial(attention.look_at_locked, locked, today=today))
        return []


def _list_found(rows: Iterable[UsageRow], subjects: Subjects) -> list[Found]:
    found = []
    for row in rows:
        try:
            found.append(subjects.locate(row))
        except RowError:
            continue  # ``place`` says so
    return found


USAGE = UsageKind()
