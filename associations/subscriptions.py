"""Which subscription a Dynamics product is claimed through, and what is wrong with one [R9].

Each error says which of the rules it breaks and what to do. Nothing here tells of other tenants: an
unknown ID and one of another tenant are answered alike.
"""

import uuid

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from . import clock
from .enums import Activity, Channel, SolutionArea, SubscriptionState
from .lifecycle import LifecycleError
from .models import Association, Claim, Product, Subscription, Tenant
from .queries import rivals_of
from .slots import make_slot_key

#: What an activity consists of: two claims of a partner on one slot must not share a part [R32].
PARTS_OF = {
    Activity.USAGE: {Activity.USAGE},
    Activity.PRESALES: {Activity.PRESALES},
    Activity.PRESALES_AND_USAGE: {Activity.USAGE, Activity.PRESALES},
    Activity.REVENUE: {Activity.REVENUE},
}
LIVE_STATES = (SubscriptionState.ACTIVE, SubscriptionState.GRACE)


class UnfitSubscription(LifecycleError):
    """A product that cannot be claimed in this way; ``code`` names the rule of R9."""

    def __init__(self, code: str, words):
        self.code = code
        super().__init__(words)


def find_live(tenant: Tenant) -> QuerySet[Subscription]:
    """The tenant's Dynamics subscriptions that could be claimed: live, not bought through CSP."""
    return (
        Subscription.objects.filter(tenant=tenant, state__in=LIVE_STATES)
        .filter(
            Q(ends_on=None)
            | Q(ends_on__gte=clock.now().date())
            | Q(state=SubscriptionState.GRACE)  # grace is what follows the last day
        )
        .filter(product__solution_area=SolutionArea.BUSINESS_APPLICATIONS)
        .exclude(channel=Channel.CSP)
        .select_related("product")
        .order_by("product", "pk")
    )


def find_subscription(tenant: Tenant, product: Product, typed: str = "") -> Subscription:
    """The subscription to claim ``product`` through [R9].

    ``typed`` is an ID as a person wrote it; without one, the only live subscription of the product
    is taken. Raises UnfitSubscription.
    """
    if typed.strip():
        return _find_typed(tenant, product, typed.strip())
    live = list(find_live(tenant).filter(product=product))
    if len(live) == 1:
        return live[0]
    if live:
        raise UnfitSubscription(
            "several",
            _("%(customer)s has %(count)d subscriptions of %(product)s. Choose one or type its ID.")
            % {"customer": tenant, "count": len(live), "product": product},
        )
    raise _explain_none(tenant, product)


def require_claimable(subscription: Subscription) -> None:
    """Raise UnfitSubscription where a subscription's kind or state forbids a claim [R9]."""
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
                "This subscription was bought through CSP, where the reseller is on record. "
                "Only those bought by volume licensing or web direct can be claimed."
            ),
        )
    _require_live(subscription)


def require_not_own(claim: Claim, product: Product, subscription: Subscription | None) -> None:
    """Raise UnfitSubscription where the partner has this already, for this activity [R9], [R32]."""
    if claim.tenant is None:
        return
    slot = make_slot_key(
        tenant=claim.tenant, product=product, subscription=subscription, activity=claim.activity
    )
    taken = (
        Association.objects.filter(rivals_of(), slot_key=slot, partner_id=claim.partner_id)
        .exclude(claim_id=claim.pk)
        .values_list("claim__activity", flat=True)
    )
    parts = PARTS_OF[Activity(claim.activity)]
    shared = set().union(*(parts & PARTS_OF[Activity(each)] for each in taken))
    if shared:
        names = ", ".join(sorted(str(part.label) for part in shared))
        raise UnfitSubscription(
            "own",
            _("%(product)s is already yours: your company holds or claims it for %(activity)s.")
            % {"product": product, "activity": names},
        )


def find_unfit(claim: Claim) -> dict[str, str]:
    """Products of the claim that could not be chosen any more: name → why.

    Subscriptions change while a draft waits, and a colleague may have claimed the same meanwhile.
    """
    unfit = {}
    for association in claim.associations.select_related("product", "subscription__product"):
        try:
            if association.subscription:
                require_claimable(association.subscription)
            require_not_own(claim, association.product, association.subscription)
        except UnfitSubscription as error:
            unfit[str(association.product)] = str(error)
    return unfit


def _find_typed(tenant: Tenant, product: Product, typed: str) -> Subscription:
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
    found = Subscription.objects.filter(tenant=tenant, subscription_id=wanted).first()
    if found is None:
        raise UnfitSubscription(
            "not-tenants",
            _("This subscription does not belong to %(customer)s. Check the ID with the customer.")
            % {"customer": tenant},
        )
    require_claimable(found)
    if found.product_id != product.pk:
        raise _wrong_product(tenant, product, found)
    return found


def _wrong_product(tenant: Tenant, product: Product, found: Subscription) -> UnfitSubscription:
    if not tenant.subscriptions.filter(product=product).exists():
        return _not_in_tenant(tenant, product)
    return UnfitSubscription(
        "other-product",
        _("This is a subscription of %(found)s. Type the ID of one of %(product)s.")
        % {"found": found.product, "product": product},
    )


def _explain_none(tenant: Tenant, product: Product) -> UnfitSubscription:
    """Say what is wrong with the one there is, or that there is none."""
    nearest = tenant.subscriptions.filter(product=product).select_related("product").first()
    try:
        if nearest is not None:
            require_claimable(nearest)
    except UnfitSubscription as error:
        return error
    return _not_in_tenant(tenant, product)


def _not_in_tenant(tenant: Tenant, product: Product) -> UnfitSubscription:
    return UnfitSubscription(
        "not-in-tenant",
        _("%(customer)s has no subscription of %(product)s. Untick it, or check the Tenant ID.")
        % {"customer": tenant, "product": product},
    )


def _require_live(subscription: Subscription) -> None:
    if subscription.state == SubscriptionState.NOT_PROVISIONED:
        raise UnfitSubscription(
            "not-provisioned",
            _(
                "This subscription is not provisioned yet. Claim it when the customer's "
                "administrator has set it up."
            ),
        )
    is_over = subscription.ends_on is not None and subscription.ends_on < clock.now().date()
    is_in_grace = subscription.state == SubscriptionState.GRACE
    if (is_over and not is_in_grace) or not subscription.is_live:
        raise UnfitSubscription(
            "not-live",
            _(
                "This subscription is neither active nor in its grace period. Ask the customer to "
                "renew it, or claim another one."
            ),
        )
