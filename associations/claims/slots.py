"""Slots: what only one partner may hold at a time (section 2, R30)."""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db.models import QuerySet

from ..enums import Activity, AssociationStatus
from ..models import Association, Product, SlotHolding, Subscription, Tenant

#: The constraint that keeps a slot with one partner [R30].
HELD_BY_ONE = "slot_held_by_one_partner"

#: What an activity consists of: two claims of a partner on one slot must not share a part [R32].
PARTS_OF = {
    Activity.USAGE: {Activity.USAGE},
    Activity.PRESALES: {Activity.PRESALES},
    Activity.PRESALES_AND_USAGE: {Activity.USAGE, Activity.PRESALES},
    Activity.REVENUE: {Activity.REVENUE},
}


def make_slot_key(
    *, tenant: Tenant, product: Product, subscription: Subscription | None, activity: str
) -> str:
    """Return the slot's key: tenant and workload, or subscription; revenue association has its own."""
    if subscription is None:
        return make_workload_key(tenant.tenant_id, product.code)
    incentive, revenue = make_subscription_keys(subscription.subscription_id)
    return revenue if activity == Activity.REVENUE else incentive


def make_workload_key(tenant_id: uuid.UUID, code: str) -> str:
    """Return the key of a workload's slot by the Tenant ID and the product's code."""
    return f"workload:{tenant_id}:{code}"


def make_subscription_keys(subscription_id: uuid.UUID) -> tuple[str, str]:
    """Return the keys of a subscription's two slots: for incentives, and for revenue association."""
    return f"subscription:{subscription_id}", f"revenue:{subscription_id}"


def find_shared_parts(one: str, other: str) -> set[Activity]:
    """Return the parts that two claims' activities share."""
    return PARTS_OF[Activity(one)] & PARTS_OF[Activity(other)]


def list_sharing_activities() -> str:
    """Return the pairs of activities that have a part in common, as values of SQL."""
    pairs = [
        (one, other) for one in PARTS_OF for other in PARTS_OF if find_shared_parts(one, other)
    ]
    return ", ".join(f"('{one.value}', '{other.value}')" for one, other in pairs)


def find_holder(slot_key: str) -> SlotHolding | None:
    return SlotHolding.objects.filter(slot_key=slot_key, released_at=None).first()


def lock_holdings(slot_keys: Iterable[str]) -> set[str]:
    """Lock the current holdings of these slots, in the order of their keys; return the slots held.

    Every caller takes slots in this order, to avoid a deadlock. A free slot is taken by adding a
    holding: under contention the database's constraint raises IntegrityError for the loser.
    """
    held = SlotHolding.objects.select_for_update().filter(
        slot_key__in=list(slot_keys), released_at=None
    )
    return set(held.order_by("slot_key").values_list("slot_key", flat=True))


def find_own_official(association: Association) -> Association | None:
    """Return the partner's official association, of another claim, in the slot of one that waits [R32].

    Lock the holding first (``lock_holdings``) if the answer must still be true afterwards.
    """
    return _find_own(association, Association.objects.filter(status=AssociationStatus.OFFICIAL))


def find_own_ended(association: Association, *, since: dt.datetime) -> Association | None:
    """Return the partner's association in this slot, same activity, that the customer ended after ``since``.

    Only customers end single associations [R24].
    """
    ended = Association.objects.filter(status=AssociationStatus.ENDED, ended_at__gt=since)
    return _find_own(association, ended)


def _find_own(association: Association, among: QuerySet[Association]) -> Association | None:
    """Return the first ``among`` these in the same slot, of the same partner, that shares its activity."""
    own = among.filter(slot_key=association.slot_key, partner_id=association.partner_id)
    activity = association.claim.activity
    shared = (
        each
        for each in own.select_related("claim")
        if find_shared_parts(activity, each.claim.activity)
    )
    return next(shared, None)


def release_all(slot_keys: Iterable[str], *, now: dt.datetime) -> None:
    """Release slots whose holdings the caller has locked, and on which nothing is official any more."""
    held = SlotHolding.objects.filter(slot_key__in=list(slot_keys), released_at=None)
    held.update(released_at=now)


def release_slot(association: Association, *, now: dt.datetime) -> None:
    """Release the slot unless another official association of the same partner needs it."""
    # Locked, so that claims in the same slot are handled one at a time.
    held = SlotHolding.objects.select_for_update().filter(released_at=None)
    holding = held.filter(slot_key=association.slot_key).first()
    rests = Association.objects.filter(
        slot_key=association.slot_key, partner_id=association.partner_id, status="official"
    ).exclude(pk=association.pk)
    if holding and holding.partner_id == association.partner_id and not rests.exists():
        holding.released_at = now
        holding.save(update_fields=["released_at"])
