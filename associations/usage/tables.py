"""Matching rows of usage files with the tables: look-ups and upserts of whole batches."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, models

from ..imports.rows import RowError
from ..models import (
    Product,
    RowReason,
    Subscription,
    SubscriptionUsage,
    Tenant,
    WorkloadUsage,
)
from .file_format import SubscriptionRow, WorkloadRow

KEYS = {
    WorkloadUsage: ("tenant_id", "product_id", "month"),
    SubscriptionUsage: ("subscription_id", "month"),
}
VALUES = {
    WorkloadUsage: ("active_users", "paid_units"),
    SubscriptionUsage: ("sold_seats", "assigned_seats", "active_seats"),
}
WRITTEN_AT_ONCE = 1_000
#: Keys as rows of values: the unique index finds each one, whatever the file's order.
SELECT_BY_KEY = "SELECT * FROM {table} WHERE ({columns}) IN (VALUES {rows})"


@dataclass(frozen=True, slots=True)
class Found:
    """A row of the file whose tenant and product, or subscription, are known."""

    model: type[models.Model]
    key: tuple
    values: tuple[int, ...]


@dataclass(frozen=True)
class Subjects:
    """What a batch is about: primary keys by the IDs in the file."""

    tenants: dict[uuid.UUID, int]
    products: dict[str, Product]
    subscriptions: dict[uuid.UUID, int]

    def locate(self, row: WorkloadRow | SubscriptionRow) -> Found:
        """Find what a row is about. Raise RowError for an unknown tenant, product or subscription."""
        if isinstance(row, SubscriptionRow):
            return self._locate_subscription(row)
        if row.tenant_id not in self.tenants:
            raise RowError(RowReason.UNKNOWN_TENANT, value=row.tenant_id)
        product = self.products.get(row.product)
        if product is None:
            raise RowError(RowReason.UNKNOWN_PRODUCT, value=row.product)
        if not product.is_workload:
            raise RowError(RowReason.NOT_A_WORKLOAD, value=row.product)
        key = (self.tenants[row.tenant_id], product.pk, row.month)
        return Found(WorkloadUsage, key, row.values)

    def _locate_subscription(self, row: SubscriptionRow) -> Found:
        if row.subscription_id not in self.subscriptions:
            raise RowError(RowReason.UNKNOWN_SUBSCRIPTION, value=row.subscription_id)
        key = (self.subscriptions[row.subscription_id], row.month)
        return Found(SubscriptionUsage, key, row.values)


def find_subjects(rows: Iterable[WorkloadRow | SubscriptionRow]) -> Subjects:
    """Look up everything that the rows name, with at most one query for each table."""
    tenants, codes, subscriptions = set(), set(), set()
    for row in rows:
        if isinstance(row, WorkloadRow):
            tenants.add(row.tenant_id)
            codes.add(row.product)
        elif isinstance(row, SubscriptionRow):
            subscriptions.add(row.subscription_id)
    return Subjects(
        _find_keys(Tenant, "tenant_id", tenants),
        {each.code: each for each in Product.objects.filter(code__in=codes)} if codes else {},
        _find_keys(Subscription, "subscription_id", subscriptions),
    )


def save_found(rows: Iterable[Found]) -> None:
    """Insert or update rows, with one statement for each table."""
    by_model: dict[type[models.Model], list[Found]] = {model: [] for model in KEYS}
    for row in rows:
        by_model[row.model].append(row)
    for model, found in by_model.items():
        model._default_manager.bulk_create(
            [_make(row) for row in in_locking_order(found)],
            batch_size=WRITTEN_AT_ONCE,
            update_conflicts=True,
            unique_fields=KEYS[model],
            update_fields=VALUES[model],
        )


def in_locking_order(rows: Iterable[Found]) -> list[Found]:
    """Sort by key, so that two loads of the same rows wait for each other and never deadlock."""
    return sorted(rows, key=lambda row: row.key)


def find_present(rows: Iterable[Found]) -> dict[tuple, tuple]:
    """Return the values that are stored now, by model and key, with one query for each table."""
    present: dict[tuple, tuple] = {}
    for model in KEYS:
        these = [row for row in rows if row.model is model]
        if these:
            found = _read_present(these, model=model)
            present |= {(model, *key): values for key, values in found.items()}
    return present


def _make(row: Found) -> models.Model:
    names = (*KEYS[row.model], *VALUES[row.model])
    return row.model(**dict(zip(names, (*row.key, *row.values), strict=True)))


def _read_present(rows: list[Found], *, model) -> dict[tuple, tuple]:
    keys, values = KEYS[model], VALUES[model]
    statement = SELECT_BY_KEY.format(
        table=model._meta.db_table,
        columns=", ".join(keys),
        rows=", ".join([f"({', '.join(['%s'] * len(keys))})"] * len(rows)),
    )
    adapt = connection.ops.adapt_datefield_value
    parameters = [part for row in rows for part in (*row.key[:-1], adapt(row.key[-1]))]
    return {
        tuple(getattr(each, name) for name in keys): tuple(getattr(each, name) for name in values)
        for each in model.objects.raw(statement, parameters)
    }


def _find_keys(model, field: str, wanted: set[uuid.UUID]) -> dict[uuid.UUID, int]:
    if not wanted:
        return {}
    return dict(model.objects.filter(**{f"{field}__in": wanted}).values_list(field, "pk"))
