"""What the rows of a file of claims are compared with: a fixed number of queries for each chunk [R47]."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from cpor_site.web.addresses import fold_address
from cpor_site.web.identifiers import read_uuid
from partners.models import Location, Partner
from partners.rules import find_membership, locations_of

from ..claims.slots import make_slot_key
from ..enums import SolutionArea
from ..imports.kinds import Run
from ..imports.rows import RowError
from ..models import Claim, Product, RowReason, Subscription, Tenant, TenantDomain
from .bulk_columns import ClaimRow
from .drafts import Pick
from .own_claims import OwnAssociations, read_own
from .programs import describe_missing_enrollment
from .subscriptions import UnfitSubscription, find_subscription

Tenants = dict[tuple[str, uuid.UUID], Tenant]


@dataclass
class Filing:
    """What stays the same for a whole file: who files, from where, and for which products."""

    actor: Any  # the user who uploaded the file
    partner: Partner
    locations: dict[str, Location]
    products: dict[str, Product]
    languages: dict[str, str]
    #: Location, solution area and activity → what is missing there today.
    missing: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def describe_missing(self, row: ClaimRow, *, now: dt.datetime) -> str:
        key = (row.code, row.area, row.activity)
        if key not in self.missing:
            location = self.locations[row.code]
            self.missing[key] = describe_missing_enrollment(
                location, row.area, row.activity, now=now
            )
        return self.missing[key]


@dataclass(frozen=True)
class Known:
    """What the rows of a chunk name."""

    filing: Filing
    tenants: dict[tuple[str, uuid.UUID], Tenant]
    picks: dict[str, list[Pick] | RowError]
    own: OwnAssociations
    filed: set[uuid.UUID]


def look_up(rows: list[ClaimRow], run: Run) -> Known:
    """Read everything that a chunk of rows names."""
    filing = _read_filing(run)
    tenants = _find_tenants(rows)
    subscriptions = _find_subscriptions(rows, tenants)
    picks = {row.key: _pick(row, tenants, subscriptions, filing, now=run.now) for row in rows}
    slots = _list_slots(rows, tenants, picks)
    filed = Claim.objects.filter(
        partner=filing.partner, filing_key__in={row.filing_key for row in rows}
    )
    return Known(
        filing,
        tenants,
        picks,
        read_own(filing.partner.pk, slots, now=run.now, reader=filing.actor),
        set(filed.values_list("filing_key", flat=True)),
    )


def find_partner(run: Run) -> Partner:
    """Return the partner for which a file of claims is filed."""
    if run.file.partner is None:
        raise LookupError("a file of claims without a partner")
    return run.file.partner


def refuse(column: str, value: object, words: object) -> RowError:
    """Return the error of a row in the words of the form."""
    return RowError(RowReason.IN_WORDS, column=column, value=value, words=str(words))


def _read_filing(run: Run) -> Filing:
    """Read once what is the same for a whole file."""
    if "filing" not in run.memory:
        partner, actor = find_partner(run), run.file.loaded_by
        membership = find_membership(actor, partner.pk)
        locations = locations_of(membership) if membership else ()
        products = Product.objects.filter(is_active=True)
        members = partner.memberships.select_related("user")
        prefetch_related_objects(
            [partner], "domains"
        )  # each contact's address is compared with them
        run.memory["filing"] = Filing(
            actor,
            partner,
            {each.partner_code: each for each in locations},
            {each.code: each for each in products},
            {fold_address(each.user.email): each.user.language for each in members},
        )
    return run.memory["filing"]


def _find_tenants(rows: list[ClaimRow]) -> Tenants:
    """Return the customers by domain and Tenant ID, which must belong together [R7]."""
    known = TenantDomain.objects.filter(
        domain__in={row.domain for row in rows},
        tenant__tenant_id__in={row.tenant_id for row in rows},
    ).select_related("tenant")
    return {(each.domain, each.tenant.tenant_id): each.tenant for each in known}


def _find_subscriptions(rows: list[ClaimRow], tenants: Tenants) -> dict[int, list[Subscription]]:
    """Return the subscriptions of the customers for whom the rows claim some."""
    wanted = {
        tenants[row.domain, row.tenant_id].pk
        for row in rows
        if row.area == SolutionArea.BUSINESS_APPLICATIONS and (row.domain, row.tenant_id) in tenants
    }
    by_tenant: dict[int, list[Subscription]] = {pk: [] for pk in wanted}
    known = Subscription.objects.filter(tenant__in=wanted).select_related("product", "tenant")
    for each in known.order_by("pk"):
        by_tenant[each.tenant_id].append(each)
    return by_tenant


def _pick(
    row: ClaimRow,
    tenants: Tenants,
    subscriptions: dict[int, list[Subscription]],
    filing: Filing,
    *,
    now: dt.datetime,
) -> list[Pick] | RowError:
    """Return the products to claim with their subscriptions, or what is wrong with one [R9]."""
    tenant = tenants.get((row.domain, row.tenant_id))
    if tenant is None:
        return []  # ``place`` says so
    if not row.products:
        return RowError(RowReason.MISSING_VALUE, column="products")
    products = [filing.products.get(code) for code in row.products]
    fitting = [each for each in products if each and each.solution_area == row.area]
    if len(fitting) < len(products):
        words = _("Not all of these are codes of products of this solution area.")
        return refuse("products", " ".join(row.products), words)
    if row.area == SolutionArea.BUSINESS_APPLICATIONS:
        return _pick_through(row, tenant, fitting, subscriptions[tenant.pk], now=now)
    if row.subscriptions:
        words = _("Only products of Business Applications are claimed through subscriptions.")
        return refuse("subscription_ids", " ".join(row.subscriptions), words)
    return [Pick(product) for product in fitting]


def _pick_through(
    row: ClaimRow,
    tenant: Tenant,
    products: list[Product],
    among: list[Subscription],
    *,
    now: dt.datetime,
) -> list[Pick] | RowError:
    """Return each product with the subscription through which it is claimed [R9]."""
    typed = _sort_ids(row.subscriptions, products, among)
    if len(typed) < len(row.subscriptions):
        words = _("Enter at most one subscription ID for each product.")
        return refuse("subscription_ids", " ".join(row.subscriptions), words)
    try:
        return [
            Pick(
                each, find_subscription(tenant, each, typed.get(each.pk, ""), now=now, among=among)
            )
            for each in products
        ]
    except UnfitSubscription as error:
        return refuse("products", " ".join(row.products), error)


def _sort_ids(
    typed: Iterable[str], products: list[Product], among: list[Subscription]
) -> dict[int, str]:
    """Return subscription IDs by the product they are of, fewer than ``typed`` if that leaves some over.

    One of no chosen product goes to the first that has no other: ``find_subscription`` then says what is
    wrong with it.
    """
    known: dict[uuid.UUID | None, int | None] = {
        each.subscription_id: each.product_id for each in among
    }
    chosen = [each.pk for each in products]
    sorted_ids: dict[int, str] = {}
    strays = []
    for each in typed:
        product = known.get(_find_uuid(each))
        if product is not None and product in chosen:
            sorted_ids.setdefault(product, each)
        else:
            strays.append(each)
    free = [pk for pk in chosen if pk not in sorted_ids]
    return sorted_ids | dict(zip(free, strays, strict=False))


def _find_uuid(typed: str) -> uuid.UUID | None:
    try:
        return read_uuid(typed)
    except ValueError:
        return None


def _list_slots(
    rows: list[ClaimRow],
    tenants: Tenants,
    picks: dict[str, list[Pick] | RowError],
) -> set[str]:
    slots = set()
    for row in rows:
        tenant, chosen = tenants.get((row.domain, row.tenant_id)), picks[row.key]
        if tenant is not None and not isinstance(chosen, RowError):
            slots |= {make_slot(row, tenant, pick) for pick in chosen}
    return slots


def make_slot(row: ClaimRow, tenant: Tenant, pick: Pick) -> str:
    """Return the slot that a row claims with one of its products."""
    return make_slot_key(
        tenant=tenant, product=pick.product, subscription=pick.subscription, activity=row.activity
    )
