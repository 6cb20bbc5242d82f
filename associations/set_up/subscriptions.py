"""Subscriptions as a kind of import: one row for each, found by its ID [R9], [R60]."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..enums import Channel, ImportKind, RowOutcome, SubscriptionState
from ..imports.cells import read_choice, read_date, read_id, read_number, read_plain
from ..imports.kinds import Column, Kind, Row, Run
from ..imports.rows import Plan, RowError
from ..models import Association, Product, RowReason, Subscription, Tenant
from ..usage.attention import look_again_at_subscriptions
from .differences import list_changes

#: Fields of a subscription that a row sets, besides its ID.
FIELDS = ("tenant_id", "product_id", "channel", "state", "sold_seats", "ends_on")
COLUMNS = (
    Column(
        "subscription_id",
        gettext_lazy("The subscription's ID: 32 digits and letters from a to f."),
        "c4d0a7b2-91e3-4f58-8a6d-07b5e2f1c934",
        is_required=True,
    ),
    Column(
        "tenant_id",
        gettext_lazy("The Tenant ID of a customer that is here already."),
        "8a5c1f0e-3b7d-4e62-9c41-d2f6a7b80913",
        is_required=True,
    ),
    Column(
        "product",
        gettext_lazy("The product's code; empty if it is not one of the catalogue's products."),
        "sales",
    ),
    Column(
        "channel",
        gettext_lazy("How it was bought:"),
        Channel.WEB_DIRECT,
        is_required=True,
        choices=tuple(Channel.values),
    ),
    Column(
        "state",
        gettext_lazy("Its state:"),
        SubscriptionState.ACTIVE,
        is_required=True,
        choices=tuple(SubscriptionState.values),
    ),
    Column("sold_seats", gettext_lazy("The number of seats sold."), "250", is_required=True),
    Column(
        "ends_on",
        gettext_lazy("Its last day, such as 2027-06-30; empty if it has no end."),
        "2027-06-30",
        is_in_header=False,
    ),
)


@dataclass(frozen=True, slots=True)
class SubscriptionRow(Row):
    subscription_id: uuid.UUID
    tenant_id: uuid.UUID
    product: str
    channel: str
    state: str
    sold_seats: int
    ends_on: dt.date | None

    @property
    def key(self) -> str:
        return str(self.subscription_id)


@dataclass(frozen=True)
class _Known:
    """What a batch names: primary keys by ID or code, and the subscriptions that are there."""

    tenants: dict[uuid.UUID, int]
    products: dict[str, int]
    present: dict[uuid.UUID, dict] = field(default_factory=dict)
    claimed: set[uuid.UUID] = field(default_factory=set)

    @property
    def names(self) -> dict[int | None, str]:
        return {None: "", **{pk: code for code, pk in self.products.items()}}


class SubscriptionKind(Kind):
    code = ImportKind.SUBSCRIPTIONS
    about = gettext_lazy(
        "One row for each subscription of a customer. Customers must be here first."
    )
    columns = COLUMNS
    permissions = ("associations.add_subscription", "associations.change_subscription")
    view_permissions = ("associations.view_subscription",)

    def read(self, fields: dict[str, str], run: Run) -> SubscriptionRow:
        return SubscriptionRow(
            read_id(fields, "subscription_id"),
            read_id(fields, "tenant_id"),
            read_plain(fields["product"]).lower(),
            read_choice(fields, "channel", Channel),
            read_choice(fields, "state", SubscriptionState),
            read_number(fields, "sold_seats"),
            read_date(fields, "ends_on"),
        )

    def look_up(self, rows: Iterable[SubscriptionRow], run: Run) -> _Known:  # type: ignore[override]
        rows = list(rows)
        ids = {row.subscription_id for row in rows}
        found = Subscription.objects.filter(subscription_id__in=ids)
        present = {
            each["subscription_id"]: each for each in found.values("subscription_id", *FIELDS)
        }
        # Few rows name a subscription that is there; only of those can a claim stand in the way.
        claimed = Association.objects.filter(subscription__subscription_id__in=list(present))
        ids_of_claimed = claimed.values_list("subscription__subscription_id", flat=True)
        return _Known(
            _find_tenants(rows, run),
            dict(Product.objects.values_list("code", "pk")),
            present,
            set(ids_of_claimed) if present else set(),
        )

    def place(self, row: SubscriptionRow, found: _Known, run: Run) -> Plan:  # type: ignore[override]
        if row.tenant_id not in found.tenants:
            raise RowError(RowReason.UNKNOWN_TENANT, column="tenant_id", value=row.tenant_id)
        if row.product and row.product not in found.products:
            raise RowError(RowReason.UNKNOWN_PRODUCT, column="product", value=row.product)
        new = {
            "subscription_id": row.subscription_id,
            "tenant_id": found.tenants[row.tenant_id],
            "product_id": found.products.get(row.product),
            **{name: getattr(row, name) for name in FIELDS[2:]},
        }
        old = found.present.get(row.subscription_id)
        if old and "ends_on" not in run.file.columns:
            new["ends_on"] = old["ends_on"]  # a column that is left out erases nothing
        if old is None:
            return Plan(RowOutcome.NEW, new, title=_title(row))
        if old == new:
            return Plan(RowOutcome.SAME, new)
        _require_changeable(row, old, new, found)
        return Plan(RowOutcome.CHANGED, new, _title(row), _list_changes(old, new, found))

    def save(self, plans: list[Plan], run: Run) -> list[tuple[Plan, RowError]]:
        Subscription.objects.bulk_create(
            # In one order, so that two imports of the same rows wait for each other and never deadlock.
            sorted((Subscription(**plan.what) for plan in plans), key=_by_id),
            batch_size=self.batch,
            update_conflicts=True,
            unique_fields=["subscription_id"],
            # Never the customer, even if another import adds the subscription concurrently.
            update_fields=[name.removesuffix("_id") for name in FIELDS[1:]],
        )
        changed = [
            plan.what["subscription_id"] for plan in plans if plan.outcome == RowOutcome.CHANGED
        ]
        if changed:
            look_again_at_subscriptions(changed)
        return []


def _find_tenants(rows: list[SubscriptionRow], run: Run) -> dict[uuid.UUID, int]:
    """Return the customers that the rows name, by Tenant ID; a file names the same ones again and again."""
    known: dict[uuid.UUID, int] = run.memory.setdefault("tenants", {})
    unknown = {row.tenant_id for row in rows} - known.keys()
    if unknown:
        tenants = Tenant.objects.filter(tenant_id__in=unknown)
        known.update(tenants.values_list("tenant_id", "pk"))
    return known


def _by_id(subscription: Subscription) -> uuid.UUID:
    return subscription.subscription_id


def _title(row: SubscriptionRow) -> str:
    return f"{row.product or '–'} {row.subscription_id}"


def _require_changeable(row: SubscriptionRow, old: dict, new: dict, found: _Known) -> None:
    """Refuse what names the slot of a claim: the customer, and the product once it is claimed."""
    if old["tenant_id"] != new["tenant_id"]:
        words = _("This subscription belongs to another customer, which an import cannot change.")
        raise RowError(RowReason.IN_WORDS, column="tenant_id", value=row.tenant_id, words=words)
    if old["product_id"] != new["product_id"] and row.subscription_id in found.claimed:
        words = _("This subscription is claimed as another product, so the product stays.")
        raise RowError(RowReason.IN_WORDS, column="product", value=row.product, words=words)


def _list_changes(old: dict, new: dict, found: _Known) -> list[tuple[str, str, str]]:
    names = found.names
    shown = [
        {"product": names.get(each["product_id"], ""), **{name: each[name] for name in FIELDS[2:]}}
        for each in (old, new)
    ]
    return list_changes(*shown)


SUBSCRIPTIONS = SubscriptionKind()
