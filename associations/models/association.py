import datetime as dt

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from partners.models import Partner

from ..enums import AssociationStatus, ParkedReason
from ..references import make_association_reference
from .catalogue import Product
from .claim import Claim
from .tenant import Subscription, Tenant

#: The day of a product whose figures need attention now, and that of one that never does.
ATTENTION_NOW = dt.date(2000, 1, 1)
NO_ATTENTION = dt.date(9999, 1, 1)


def make_attention_key() -> Coalesce:
    """Return the expression by which the usage overview sorts; its index must have the same."""
    return Coalesce(F("needs_attention_from"), Value(NO_ATTENTION, output_field=models.DateField()))


class Association(models.Model):
    """One product (workload or subscription) of a claim. Only ``lifecycle`` writes ``status``.

    ``slot_key`` names what only one partner may hold: a tenant's workload, or a subscription; the
    revenue association of a subscription is a separate slot.
    """

    reference = models.CharField(max_length=12, default=make_association_reference, editable=False)
    claim = models.ForeignKey(
        Claim, on_delete=models.CASCADE, related_name="associations", db_index=False
    )
    partner = models.ForeignKey(
        Partner,
        on_delete=models.PROTECT,
        related_name="associations",
        verbose_name=_("partner"),
        db_index=False,
    )
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("product"),
        db_index=False,
    )
    subscription = models.ForeignKey(
        Subscription,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="associations",
        verbose_name=_("subscription"),
    )
    slot_key = models.CharField(max_length=120, editable=False)
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=AssociationStatus,
        default=AssociationStatus.PROPOSED,
        editable=False,
    )
    opted_out_at = models.DateTimeField(null=True, editable=False)
    official_at = models.DateTimeField(_("official since"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    parked_reason = models.CharField(
        _("reason for the hold"), max_length=20, choices=ParkedReason, blank=True, editable=False
    )

    parked_since = models.DateTimeField(_("on hold since"), null=True, editable=False)
    look_again_at = models.DateTimeField(_("checked again from"), null=True, editable=False)
    #: Only ``usage.attention`` writes it; None until it has looked at the product.
    needs_attention_from = models.DateField(null=True, editable=False)

    class Meta:
        verbose_name = _("association")
        verbose_name_plural = _("associations")
        ordering = ["product__position", "id"]
        constraints = [
            # The indexes below start with what foreign keys would index again; each extra one slows
            # finalisation down.
            models.UniqueConstraint(fields=["reference"], name="association_reference_once"),
            models.UniqueConstraint(
                fields=["claim", "slot_key"], name="association_once_per_claim"
            ),
        ]
        indexes = [
            models.Index(fields=["slot_key", "status"], name="association_by_slot"),
            models.Index(fields=["partner", "status", "id"], name="association_by_partner"),
            models.Index(fields=["partner", "product", "claim"], name="association_by_product"),
            # What is on hold: a few rows in a million, checked by every sweep.
            models.Index(
                fields=["claim"], name="association_parked", condition=~Q(parked_reason="")
            ),
            # The usage overview, what needs attention first; and what is still to be looked at for it.
            models.Index(
                F("partner"),
                make_attention_key(),
                F("id"),
                name="association_by_attention",
                condition=Q(status=AssociationStatus.OFFICIAL),
            ),
            models.Index(
                fields=["id"],
                name="association_not_looked_at",
                condition=Q(status=AssociationStatus.OFFICIAL, needs_attention_from=None),
            ),
        ]

    def __str__(self):
        return f"{self.product} ({self.reference})"

    def get_usage_url(self):
        return reverse("associations:usage", args=[self.reference])

    @property
    def location_id(self) -> int:
        """Return the claim's location, for the rules of section 11."""
        return self.claim.location_id


class SlotHolding(models.Model):
    """Who holds a slot, from when to when [R30].

    The conditional constraint ensures that only one partner holds a slot; several official
    associations of that partner (pre-sales, then usage in a later claim [R32]) share one holding.
    """

    slot_key = models.CharField(max_length=120)
    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, related_name="slot_holdings", db_index=False
    )
    held_since = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("slot holding")
        verbose_name_plural = _("slot holdings")
        constraints = [
            models.UniqueConstraint(
                fields=["slot_key"], condition=Q(released_at=None), name="slot_held_by_one_partner"
            )
        ]
        indexes = [models.Index(fields=["partner", "slot_key"], name="slot_holding_by_partner")]

    def __str__(self):
        return self.slot_key
