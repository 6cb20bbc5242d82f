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
    holding = find_holder(association.slot_key)
    if holding is None:
        SlotHolding.objects.create(
            slot_key=association.slot_key, partner_id=association.partner_id, held_since=clock.now()
        )
        return True
    return holding.partner_id == association.partner_id


def release_slot(association: Association) -> None:
    """Give the slot up unless another official association of the same partner rests on it."""
    rests = Association.objects.filter(
        slot_key=association.slot_key,
        partner_id=association.partner_id,
        status="official",
    ).exclude(pk=association.pk)
    if not rests.exists():
        SlotHolding.objects.filter(
            slot_key=association.slot_key, partner_id=association.partner_id, released_at=None
        ).update(released_at=clock.now())
