"""Slots: what only one partner may hold (section 2, R30)."""

import datetime as dt
from collections.abc import Iterable

from .. import clock
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
    """Name the slot: tenant + workload, or subscription; revenue association has one of its own."""
    if subscription is None:
        return f"workload:{tenant.tenant_id}:{product.code}"
    kind = "revenue" if activity == Activity.REVENUE else "subscription"
    return f"{kind}:{subscription.subscription_id}"


def find_shared_parts(one: str, other: str) -> set[Activity]:
    """The parts that two claims' activities have in common."""
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
    """Lock the holdings in force of these slots, in the order of their names; return the slots held.

    Everyone takes slots in this order, to avoid a deadlock. A slot that nobody holds is taken by adding a
    holding: under contention the database's constraint raises IntegrityError for the loser.
    """
    held = SlotHolding.objects.select_for_update().filter(
        slot_key__in=list(slot_keys), released_at=None
    )
    return set(held.order_by("slot_key").values_list("slot_key", flat=True))


def find_own_official(association: Association) -> Association | None:
    """What the same partner has on the slot by another claim already, for the same activity [R32].

    Ask only with the holding locked where the answer must still be true afterwards.
    """
    others = (
        Association.objects.filter(
            slot_key=association.slot_key,
            partner_id=association.partner_id,
            status=AssociationStatus.OFFICIAL,
        )
        .exclude(claim_id=association.claim_id)
        .select_related("claim")
    )
    activity = association.claim.activity
    shared = (each for each in others if find_shared_parts(activity, each.claim.activity))
    return next(shared, None)


def find_own_ended(association: Association, *, since: dt.datetime) -> Association | None:
    """What the same partner had on the slot for the same activity, and the customer ended after ``since``.

    Only customers end associations one by one [R24].
    """
    ended = Association.objects.filter(
        slot_key=association.slot_key,
        partner_id=association.partner_id,
        status=AssociationStatus.ENDED,
        ended_at__gt=since,
    ).select_related("claim")
    activity = association.claim.activity
    shared = (each for each in ended if find_shared_parts(activity, each.claim.activity))
    return next(shared, None)


def release_slot(association: Association) -> None:
    """Give the slot up unless another official association of the same partner rests on it."""
    holding = _lock_holding(association.slot_key)
    rests = Association.objects.filter(
        slot_key=association.slot_key,
        partner_id=association.partner_id,
        status="official",
    ).exclude(pk=association.pk)
    if holding and holding.partner_id == association.partner_id and not rests.exists():
        holding.released_at = clock.now()
        holding.save(update_fields=["released_at"])


def _lock_holding(slot_key: str) -> SlotHolding | None:
    """The holding in force, locked: claims that rest on one are settled and ended in turn."""
    return (
        SlotHolding.objects.select_for_update().filter(slot_key=slot_key, released_at=None).first()
    )
