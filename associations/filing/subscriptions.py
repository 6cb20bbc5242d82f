"""Which subscription a Dynamics product is claimed through, and what is wrong with one [R9].

Each error says which rule is broken and what to do. Nothing here reveals anything about other tenants: an
unknown ID and one of another tenant get the same answer.
"""

import datetime as dt
import uuid
from collections.abc import Collection

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cpor_site.web.identifiers import read_identifier

from ..claims.lifecycle import LifecycleError
from ..claims.slots import find_shared_parts, make_slot_key
from ..claims.subscription_ends import find_local_day, is_over, is_over_on
from ..claims.visible import claims_visible_to, is_blocked, rivals_of
from ..enums import AssociationStatus, Channel, SolutionArea, SubscriptionState
from ..models import Association, Claim, Product, Subscription, Tenant

LIVE_STATES = (SubscriptionState.ACTIVE, SubscriptionState.GRACE)


class UnfitSubscription(LifecycleError):
    """A product that cannot be claimed like this; ``code`` names the rule of R9.

    ``covering`` is the partner's claim that already covers it, if the reader may see that claim.
    """

    def __init__(self, code: str, words, covering: Claim | None = None):
        self.code = code
        self.covering = covering
        super().__init__(words)


def find_live(tenant: Tenant, *, now: dt.datetime) -> QuerySet[Subscription]:
    """Return the tenant's Dynamics subscriptions that could be claimed: live, not bought through CSP."""
    return (
        Subscription.objects.filter(tenant=tenant, state__in=LIVE_STATES)
        .exclude(is_over_on(find_local_day(tenant, now)))
        .filter(product__solution_area=SolutionArea.BUSINESS_APPLICATIONS)
        .exclude(channel=Channel.CSP)
        .select_related("product")
        .order_by("product", "pk")
    )


def find_subscription(
    tenant: Tenant, product: Product, typed: str = "", *, now: dt.datetime
) -> Subscription:
    """Return the subscription through which to claim ``product`` [R9].

    ``typed`` is an ID as a person typed it; without one, the product's only live subscription is used.
    Raise UnfitSubscription.
    """
    typed = read_identifier(typed)
    if typed:
        return _find_typed(tenant, product, typed, now=now)
    live = list(find_live(tenant, now=now).filter(product=product))
    if len(live) == 1:
        return live[0]
    if live:
        raise UnfitSubscription(
            "several",
            _(
                "%(customer)s has %(count)d subscriptions of %(product)s. Choose one or enter its "
                "ID."
            )
            % {"customer": tenant, "count": len(live), "product": product},
        )
    raise _explain_none(tenant, product, now=now)


def require_claimable(subscription: Subscription, *, now: dt.datetime) -> None:
    """Raise UnfitSubscription if the subscription's kind or state rules out a claim [R9]."""
    product = subscription.product
    if product is None or product.solution_area != SolutionArea.BUSINESS_APPLICATIONS:
        raise UnfitSubscription(
            "not-dynamics",
            _("This is not a Dynamics subscription. Ask the customer for the right ID."),
        )
    if subscription.channel == Channel.CSP:
        raise UnfitSubscription(
            "csp",
            _(
                "This subscription was bought through CSP, where the reseller is already recorded. "
                "Only those bought by volume licensing or web direct can be claimed."
            ),
        )
    _require_live(subscription, now=now)


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
    own = _find_own(claim, [slot], now=now)
    if own:
        covering = _find_seen(own, reader)
        raise UnfitSubscription("own", _describe_own(claim, product, own, covering), covering)


def find_own_products(claim: Claim, *, now: dt.datetime) -> list[str]:
    """Return the claim's products that its partner now holds or claims through another claim [R32].

    A rejected claim asks for nothing, so what it covered may be claimed again; a dispute must then not
    bring it back.
    """
    asked_for = claim.associations.filter(status=AssociationStatus.PROPOSED)
    own = _find_own(claim, asked_for.values_list("slot_key", flat=True), now=now)
    return sorted({str(each.product) for each in own})


def find_unfit(claim: Claim, *, now: dt.datetime, reader=None) -> dict[str, UnfitSubscription]:
    """Return the claim's products that could no longer be chosen: name → why.

    Subscriptions change while a draft waits, and a colleague may have claimed the same.
    """
    unfit = {}
    for association in claim.associations.select_related(
        "product", "subscription__product", "subscription__tenant"
    ):
        try:
            if association.subscription:
                require_claimable(association.subscription, now=now)
            require_not_own(
                claim, association.product, association.subscription, reader=reader, now=now
            )
        except UnfitSubscription as error:
            unfit[str(association.product)] = error
    return unfit


def _find_own(claim: Claim, slots: Collection[str], *, now: dt.datetime) -> list[Association]:
    """Return the partner's associations of other claims in these slots for part of the claim's activity.

    One that was set aside for a reason that may last does not prevent its partner from filing again.
    """
    others = (
        Association.objects.filter(
            rivals_of(now=now), slot_key__in=slots, partner_id=claim.partner_id
        )
        .exclude(claim_id=claim.pk)
        .exclude(is_blocked())
        .select_related("claim", "product")
    )
    return [each for each in others if find_shared_parts(claim.activity, each.claim.activity)]


def _find_seen(own: list[Association], reader) -> Claim | None:
    if reader is None:
        return None
    seen = claims_visible_to(reader).filter(pk__in=[each.claim_id for each in own])
    return seen.order_by("pk").first()


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


def _find_typed(tenant: Tenant, product: Product, typed: str, *, now: dt.datetime) -> Subscription:
    try:
        wanted = uuid.UUID(typed)
    except ValueError:
        raise UnfitSubscription(
            "no-id",
            _(
                "“%(typed)s” is not a subscription ID. One looks like "
                "8a5c1f0e-3b7d-4e62-9c41-d2f6a7b80913: 32 digits and letters from a to f."
            )
            % {"typed": typed[:60]},
        ) from None
    known = tenant.subscriptions.select_related("product")
    found = known.filter(subscription_id=wanted).first()
    if found is None:
        raise UnfitSubscription(
            "not-tenants",
            _("This subscription does not belong to %(customer)s. Check the ID with the customer.")
            % {"customer": tenant},
        )
    require_claimable(found, now=now)
    if found.product_id != product.pk:
        raise _wrong_product(tenant, product, found)
    return found


def _wrong_product(tenant: Tenant, product: Product, found: Subscription) -> UnfitSubscription:
    if not tenant.subscriptions.filter(product=product).exists():
        return _not_in_tenant(tenant, product)
    return UnfitSubscription(
        "other-product",
        _("This is a subscription of %(found)s. Enter the ID of a subscription of %(product)s.")
        % {"found": found.product, "product": product},
    )


def _explain_none(tenant: Tenant, product: Product, *, now: dt.datetime) -> UnfitSubscription:
    """Return what is wrong with the tenant's subscription of the product, or that there is none."""
    nearest = tenant.subscriptions.filter(product=product).select_related("product").first()
    try:
        if nearest is not None:
            require_claimable(nearest, now=now)
    except UnfitSubscription as error:
        return error
    return _not_in_tenant(tenant, product)


def _not_in_tenant(tenant: Tenant, product: Product) -> UnfitSubscription:
    return UnfitSubscription(
        "not-in-tenant",
        _(
            "%(customer)s has no subscription of %(product)s. Clear the product, or check the "
            "Tenant ID."
        )
        % {"customer": tenant, "product": product},
    )


def _require_live(subscription: Subscription, *, now: dt.datetime) -> None:
    if subscription.state == SubscriptionState.NOT_PROVISIONED:
        raise UnfitSubscription(
            "not-provisioned",
            _(
                "This subscription is not provisioned yet. Claim it when the customer's "
                "administrator has set it up."
            ),
        )
    if is_over(subscription, at=now) or not subscription.is_live:
        raise UnfitSubscription(
            "not-live",
            _(
                "This subscription is neither active nor in its grace period. Ask the customer to "
                "renew it, or claim another one."
            ),
        )
