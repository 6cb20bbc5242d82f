"""The rows of usage files (docs/usage-files.md): values in, rows or named errors out [R38].

Nothing here queries the database.
"""

import datetime as dt
import re
import uuid
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from ..imports.cells import read_id, read_number, read_plain, require, require_empty
from ..imports.kinds import Column, Row
from ..imports.rows import RowError
from ..models import RowReason

FIRST_MONTH = dt.date(2000, 1, 1)

WORKLOAD_COLUMNS = ("tenant_id", "product", "active_users", "paid_units")
SUBSCRIPTION_COLUMNS = ("subscription_id", "sold_seats", "assigned_seats", "active_seats")
COLUMNS = (
    Column("month", _("The month, such as 2026-10."), "2026-10", is_required=True),
    Column(
        "tenant_id",
        _("The customer's Tenant ID, for a workload."),
        "8a5c1f0e-3b7d-4e62-9c41-d2f6a7b80913",
    ),
    Column("product", _("The code of the workload."), "teams"),
    Column("active_users", _("Monthly active users of the workload."), "812"),
    Column("paid_units", _("Paid available units of the workload."), "1000"),
    Column("subscription_id", _("The ID of the subscription, instead of a workload.")),
    Column("sold_seats", _("Sold (available) seats of the subscription.")),
    Column("assigned_seats", _("Seats that are assigned to people.")),
    Column("active_seats", _("Assigned seats that are used.")),
)

_MONTH = re.compile(r"(\d{4})-(\d\d)(?:-01)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class WorkloadRow(Row):
    month: dt.date
    tenant_id: uuid.UUID
    product: str
    values: tuple[int, int]

    @property
    def key(self) -> str:
        return f"{self.tenant_id}/{self.product}/{self.month}"


@dataclass(frozen=True, slots=True)
class SubscriptionRow(Row):
    month: dt.date
    subscription_id: uuid.UUID
    values: tuple[int, int, int]

    @property
    def key(self) -> str:
        return f"{self.subscription_id}/{self.month}"


def read_row(fields: dict[str, str], *, today: dt.date) -> WorkloadRow | SubscriptionRow:
    """Return the row of a usage file; raise RowError. ``today`` decides which months are in the future."""
    fields = {name: read_plain(value) for name, value in fields.items()}
    month = _read_month(fields, today=today)
    if fields["subscription_id"]:
        require_empty(fields, WORKLOAD_COLUMNS)
        return SubscriptionRow(month, read_id(fields, "subscription_id"), _read_seats(fields))
    if not fields["tenant_id"] and not fields["product"]:
        raise RowError(RowReason.NO_SUBJECT)
    require_empty(fields, SUBSCRIPTION_COLUMNS)
    return WorkloadRow(
        month,
        read_id(fields, "tenant_id"),
        require(fields, "product").lower(),
        (read_number(fields, "active_users"), read_number(fields, "paid_units")),
    )


def _read_month(fields: dict[str, str], *, today: dt.date) -> dt.date:
    text = require(fields, "month")
    found = _MONTH.fullmatch(text)
    try:
        month = dt.date(int(found[1]), int(found[2]), 1) if found else dt.date.min
    except ValueError:
        month = dt.date.min
    if month < FIRST_MONTH:
        raise RowError(RowReason.MONTH, value=text)
    if month > today:
        raise RowError(RowReason.MONTH_AHEAD, value=text)
    return month


def _read_seats(fields: dict[str, str]) -> tuple[int, int, int]:
    sold, assigned, active = (read_number(fields, name) for name in SUBSCRIPTION_COLUMNS[1:])
    if assigned > sold:
        raise RowError(RowReason.ASSIGNED_OVER_SOLD, value=f"{assigned} > {sold}")
    if active > assigned:
        raise RowError(RowReason.ACTIVE_OVER_ASSIGNED, value=f"{active} > {assigned}")
    return sold, assigned, active
