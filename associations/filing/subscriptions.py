"""Which subscription a Dynamics product is claimed through, and what is wrong with one [R9].

Each error says which rule is broken and what to do. Nothing here reveals anything about other tenants: an
unknown ID and one of another tenant get the same answer.
"""

import datetime as dt
import uuid

from django.utils.translation import gettext_lazy as _

from cpor_site.web.identifiers import read_identifier

from ..claims.lifecycle import LifecycleError
from ..claims.subscription_ends import is_over
from ..enums import Channel, SolutionArea, SubscriptionState
from ..models import Claim, Product, Subscription, Tenant


class UnfitSubscription(LifecycleError):
    """A product that cannot be claimed like this; ``code`` names the rule of R9.

    ``covering`` is the partner's claim that already covers it, if the reader may see that claim.
    """

    def __init__(self, code: str, words, covering: Claim | None = None):
        self.code = code
        self.covering = covering
        super().__init__(words)


def find_live(
    tenant: Tenant, *, now: dt.datetime, among: list[Subscription] | None = None
) -> list[Subscription]:
    """Return the tenant's Dynamics subscriptions that could be claimed, by product."""
    if among is None:
        among = read_subscriptions(tenant)
    live = [each for each in among if _is_claimable(each, now=now)]
    return sorted(live, key=lambda each: (each.product_id or 0, each.pk))


def read_subscriptions(tenant: Tenant) -> list[Subscription]:
    """Return all subscriptions of the tenant, with their products; one query."""
    return list(tenant.subscriptions.select_related("product").order_by("pk"))


def find_subscription(
    tenant: Tenant,
    product: Product,
    typed: str = "",
    *,
    now: dt.datetime,
    among: list[Subscription] | None = None,
) -> Subscription:
    """Return the subscription through which to claim ``product`` [R9].

    ``typed`` is an ID as a person typed it; without one, the product's only live subscription is used.
    ``among`` are the tenant's subscriptions if they have been read. Raise UnfitSubscription.
    """
    if among is None:
        among = read_subscriptions(tenant)
    of_product = [each for each in among if each.product_id == product.pk]
    typed = read_identifier(typed)
    if typed:
        return _find_typed(tenant, product, typed, among, now=now)
    live = [each for each in of_product if _is_claimable(each, now=now)]
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
    raise _explain_none(tenant, product, of_product, now=now)


def _is_claimable(subscription: Subscription, *, now: dt.datetime) -> bool:
    try:
        require_claimable(subscription, now=now)
    except UnfitSubscription:
        return False
    return True


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


def _find_typed(
    tenant: Tenant, product: Product, typed: str, among: list[Subscription], *, now: dt.datetime
) -> Subscription:
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
    found = next((each for each in among if each.subscription_id == wanted), None)
    if found is None:
        raise UnfitSubscription(
            "not-tenants",
            _("This subscription does not belong to %(customer)s. Check the ID with the customer.")
            % {"customer": tenant},
        )
    require_claimable(found, now=now)
    if found.product_id != product.pk:
        raise _wrong_product(tenant, product, found, among)
    return found


def _wrong_product(
    tenant: Tenant, product: Product, found: Subscription, among: list[Subscription]
) -> UnfitSubscription:
    if not any(each.product_id == product.pk for each in among):
        return _not_in_tenant(tenant, product)
    return UnfitSubscription(
        "other-product",
        _("This is a subscription of %(found)s. Enter the ID of a subscription of %(product)s.")
        % {"found": found.product, "product": product},
    )


def _explain_none(
    tenant: Tenant, product: Product, of_product: list[Subscription], *, now: dt.datetime
) -> UnfitSubscription:
    """Return what is wrong with the tenant's subscription of the product, or that there is none."""
    try:
        for nearest in of_product[:1]:
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
