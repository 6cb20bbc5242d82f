"""What a partner claims already: no two of its claims cover the same product for the same activity [R32]."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ..claims.slots import find_shared_parts, make_slot_key
from ..claims.visible import claims_visible_to, is_blocked, rivals_of
from ..enums import AssociationStatus
from ..models import Association, Claim, Product, Subscription
from .subscriptions import UnfitSubscription, require_claimable


def require_not_own(
    claim: Claim,
    product: Product,
    subscription: Subscription | None,
    *,
    now: dt.datetime,
    reader=None,
) -> None:
    """Raise UnfitSubscription if the partner already has this for this activity [R9], [R32].

    The error names the claim that covers the product if ``reader`` may see that claim [R43].
    """
    if claim.tenant is None:
        return
    slot = make_slot_key(
        tenant=claim.tenant, product=product, subscription=subscription, activity=claim.activity
    )
    own = read_own(claim.partner_id, [slot], now=now, reader=reader)
    own.require_none(claim, product, slot)


@dataclass(frozen=True)
class OwnAssociations:
    """What a partner holds or claims in some slots, and which of these claims a reader may see."""

    associations: list[Association]
    seen: dict[int, Claim]

    def require_none(self, claim: Claim, product: Product, slot: str) -> None:
        """Raise UnfitSubscription if another claim covers this slot for part of the claim's activity."""
        own = _keep_sharing(claim, [each for each in self.associations if each.slot_key == slot])
        if own:
            covering = min(
                (self.seen[each.claim_id] for each in own if each.claim_id in self.seen),
                key=lambda claim: claim.pk,
                default=None,
            )
            raise UnfitSubscription("own", _describe_own(claim, product, own, covering), covering)


def read_own(
    partner_id: int, slots: Collection[str], *, now: dt.datetime, reader=None
) -> OwnAssociations:
    """Read what the partner holds or claims in these slots: one query, and one for what the reader sees."""
    own = list(_find_own(partner_id, slots, now=now))
    if reader is None or not own:
        return OwnAssociations(own, {})
    seen = claims_visible_to(reader).filter(pk__in={each.claim_id for each in own})
    return OwnAssociations(own, seen.in_bulk())


def find_own_products(claim: Claim, *, now: dt.datetime) -> list[str]:
    """Return the claim's products that its partner now holds or claims through another claim [R32].

    A rejected claim asks for nothing, so what it covered may be claimed again; a dispute must then not
    bring it back.
    """
    asked_for = claim.associations.filter(status=AssociationStatus.PROPOSED)
    own = _find_own(claim.partner_id, asked_for.values_list("slot_key", flat=True), now=now)
    return sorted({str(each.product) for each in _keep_sharing(claim, own)})


def read_products(claim: Claim) -> list[Association]:
    """Return the claim's products with all that ``find_unfit`` looks at; one query."""
    read = ("product", "subscription__product", "subscription__tenant")
    return list(claim.associations.select_related(*read))


def find_unfit(
    claim: Claim, rows: Collection[Association], *, now: dt.datetime, reader=None
) -> dict[str, UnfitSubscription]:
    """Return those of the claim's products (``read_products``) that can no longer be chosen: name → why.

    Subscriptions change while a draft waits, and a colleague may have claimed the same.
    """
    unfit = {}
    slots = [each.slot_key for each in rows]
    own = read_own(claim.partner_id, slots, now=now, reader=reader)
    for association in rows:
        try:
            if association.subscription:
                require_claimable(association.subscription, now=now)
            own.require_none(claim, association.product, association.slot_key)
        except UnfitSubscription as error:
            unfit[str(association.product)] = error
    return unfit


def _find_own(
    partner_id: int, slots: Collection[str] | QuerySet, *, now: dt.datetime
) -> QuerySet[Association]:
    """Return the partner's associations in these slots.

    One that was set aside for a reason that may last does not prevent its partner from filing again.
    """
    own = Association.objects.filter(rivals_of(now=now), slot_key__in=slots, partner_id=partner_id)
    return own.exclude(is_blocked()).select_related("claim", "product")


def _keep_sharing(claim: Claim, own: Iterable[Association]) -> list[Association]:
    """Keep those of other claims whose activity shares a part with this claim's [R32]."""
    return [
        each
        for each in own
        if each.claim_id != claim.pk and find_shared_parts(claim.activity, each.claim.activity)
    ]


def _describe_own(claim: Claim, product: Product, own: list[Association], covering: Claim | None):
    if all(each.status == AssociationStatus.OPTED_OUT for each in own):
        return _(
            "The customer opted out of %(product)s in another claim of your company and can still "
            "take that back. Claim it again once their deadline has passed, or withdraw that claim "
            "first."
        ) % {"product": product}
    shared = set().union(*(find_shared_parts(claim.activity, each.claim.activity) for each in own))
    names = ", ".join(sorted(str(part.label) for part in shared))
    words = _("Another claim of your company already covers %(product)s (%(activity)s).")
    if covering is not None:
        words = _("Your claim %(claim)s already covers %(product)s (%(activity)s).")
    return words % {"claim": covering and covering.reference, "product": product, "activity": names}
