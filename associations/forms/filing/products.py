"""Page 3: workloads, or Dynamics products with their subscription [R9]."""

from collections.abc import Iterable

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from associations.enums import SolutionArea
from associations.filing import drafts
from associations.filing.drafts import Pick
from associations.filing.own_claims import require_not_own
from associations.filing.subscriptions import (
    UnfitSubscription,
    find_live,
    find_subscription,
    read_subscriptions,
)
from associations.models import Claim, Product, Subscription
from cpor_site.web.form_fields import AS_TYPED, IdentifierField

from .base import FilingForm

CHOOSE_ONE = _("Choose at least one product.")


class ProductsForm(FilingForm):
    """A checkbox per product; for Dynamics products also their subscriptions, or a field for an ID."""

    def configure(self) -> None:
        self.has_subscriptions = self.claim.solution_area == SolutionArea.BUSINESS_APPLICATIONS
        self.chosen = {each.product_id: each.subscription for each in self._read_associations()}
        self.products = list(
            Product.objects.filter(solution_area=self.claim.solution_area).filter(
                Q(is_active=True) | Q(pk__in=self.chosen)
            )
        )
        self.live: dict[int | None, list[Subscription]] = {}
        if self.has_subscriptions and self.claim.tenant:
            tenant, now = self.claim.tenant, timezone.now()
            self.subscriptions = read_subscriptions(tenant)
            for subscription in find_live(tenant, now=now, among=self.subscriptions):
                self.live.setdefault(subscription.product_id, []).append(subscription)
        self.covering: dict[int, Claim] = {}
        for product in self.products:
            self._add_fields(product)

    @property
    def rows(self) -> list[dict]:
        """Return each product with its fields, for the template."""
        return [
            {
                "product": product,
                "pick": self[_pick(product)],
                "known": self[_known(product)] if _known(product) in self.fields else None,
                "typed": self[_typed(product)] if self.has_subscriptions else None,
                "live": self.live.get(product.pk, []),
                "covering": self.covering.get(product.pk),
            }
            for product in self.products
        ]

    def clean(self) -> dict:
        picks = []
        for product in self.products:
            if self.cleaned_data.get(_pick(product)):
                pick = self._clean_pick(product)
                picks += [pick] if pick else []
        if not picks and not self.errors:
            self.add_error(None, CHOOSE_ONE)
        self.cleaned_data["picks"] = picks
        return self.cleaned_data

    def save(self, *, revision: int | None) -> Claim:
        picks = self.cleaned_data["picks"]
        return drafts.choose_products(
            self.claim, picks, actor=self.user, revision=revision, now=timezone.now()
        )

    def _read_associations(self):
        return self.claim.associations.select_related("subscription")

    def _add_fields(self, product: Product) -> None:
        held, is_chosen = self.chosen.get(product.pk), product.pk in self.chosen
        self.fields[_pick(product)] = forms.BooleanField(
            label=product.name, required=False, initial=is_chosen
        )
        if not self.has_subscriptions:
            return
        live = self.live.get(product.pk, [])
        known = {str(each.subscription_id): each for each in live}
        held_id = str(held.subscription_id) if held else ""
        if len(live) > 1:
            self.fields[_known(product)] = forms.ChoiceField(
                label=_("Subscription of %(product)s") % {"product": product},
                required=False,
                choices=[(key, key) for key in known],
                initial=held_id if held_id in known else "",
                widget=forms.RadioSelect,
            )
        typed = held_id if held_id not in known or len(live) == 1 else ""
        only = str(live[0].subscription_id) if len(live) == 1 else ""
        id_field = _make_id_field(product, initial=typed or only)
        id_field.subject = product.name  # type: ignore[attr-defined]  # for the summary of errors
        self.fields[_typed(product)] = id_field

    def _clean_pick(self, product: Product) -> Pick | None:
        field = _typed(product) if self.has_subscriptions else _pick(product)
        typed = self.cleaned_data.get(_typed(product)) or self.cleaned_data.get(_known(product), "")
        if self._is_submitted(product, typed):
            return Pick(product, self.chosen[product.pk])
        now = timezone.now()
        try:
            subscription = None
            if self.has_subscriptions and self.claim.tenant:
                subscription = find_subscription(
                    self.claim.tenant, product, typed, now=now, among=self.subscriptions
                )
            require_not_own(self.claim, product, subscription, reader=self.user, now=now)
        except UnfitSubscription as error:
            self.add_error(field, str(error))
            if error.covering:
                self.covering[product.pk] = error.covering
            return None
        return Pick(product, subscription)

    def _is_submitted(self, product: Product, typed: str) -> bool:
        """Did the claim include exactly this when it was submitted? Then it stays valid."""
        if self.claim.is_draft or product.pk not in self.chosen:
            return False
        held = self.chosen[product.pk]
        return held is None or not typed or typed.strip() == str(held.subscription_id)


def type_products(products: Iterable[Product]) -> dict[str, list[str]]:
    """Return what a browser would send for these products, ready to be kept in a draft."""
    return {_pick(product): ["on"] for product in products if product.is_active}


def _pick(product: Product) -> str:
    return f"pick_{product.code}"


def _known(product: Product) -> str:
    return f"known_{product.code}"


def _typed(product: Product) -> str:
    return f"subscription_{product.code}"


def _make_id_field(product: Product, *, initial: str) -> IdentifierField:
    return IdentifierField(
        label=_("Subscription ID for %(product)s") % {"product": product},
        required=False,
        max_length=100,
        initial=initial,
        widget=forms.TextInput(attrs={**AS_TYPED, "class": "form-control mono"}),
    )
