"""Slots: what only one partner may hold (section 2, R30)."""

from . import clock
from .enums import Activity
from .models import Association, Product, SlotHolding, Subscription, Tenant


def make_slot_key(
    *, tenant: Tenant, product: Product, subscription: Subscription | None, activity: str
) -> str:
    """Name the slot: tenant + workload, or subscription; revenue association has one of its own."""
    if subscription is None:
        return f"workload:{tenant.tenant_id}:{product.code}"
    kind = "revenue" if activity == Activity.REVENUE else "subscription"
    return f"{kind}:{subscription.subscription_id}"


def find_holder(slot_key: str) -> SlotHolding | None:
    return SlotHolding.objects.filter(slot_key=slot_key, released_at=None).first()


def take_slot(association: Association) -> bool:
    """Hold the association's slot for its partner; False where another partner holds it.

    The partner may hold it already, by a claim for the other activity [R32]. Under contention the
    database's constraint raises IntegrityError for the loser.
    """
    holding = _lock_holding(association.slot_key)
    if holding is None:
        SlotHolding.objects.create(
            slot_key=association.slot_key, partner_id=association.partner_id, held_since=clock.now()
        )
        return True
    return holding.partner_id == association.partner_id


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
