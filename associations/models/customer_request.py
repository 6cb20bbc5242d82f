from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cpor_site.web.model_fields import DomainField, IdField, NameField
from partners.models import Partner

from ..enums import CustomerRequestState
from .claim import Claim


class CustomerRequest(models.Model):
    """A partner's request to add a customer whom the operator does not know [R58].

    The draft waits for it; discarding the draft leaves the request behind, withdrawn.
    """

    claim = models.ForeignKey(
        Claim, null=True, on_delete=models.SET_NULL, related_name="customer_requests"
    )
    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="+", verbose_name=_("partner")
    )
    organisation = NameField(_("organisation"), max_length=200)
    domain = DomainField(_("domain"), max_length=253)
    tenant_id = IdField(_("Tenant ID"))
    note = models.TextField(_("how this can be checked"), blank=True)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=CustomerRequestState,
        default=CustomerRequestState.OPEN,
        editable=False,
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("requested by"),
    )
    asked_at = models.DateTimeField(_("requested"), default=timezone.now)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True)
    answer = models.TextField(_("message to the partner"), blank=True)

    class Meta:
        verbose_name = _("requested customer")
        verbose_name_plural = _("requested customers")
        ordering = ["-pk"]
        default_permissions = ("view",)
        permissions = [("answer_customerrequest", "May decline customers that partners ask for")]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"],
                condition=Q(state=CustomerRequestState.OPEN),
                name="one_open_customer_request_per_claim",
            )
        ]

    def __str__(self):
        return f"{self.organisation} ({self.domain})"

    @property
    def is_open(self) -> bool:
        return self.state == CustomerRequestState.OPEN

    @property
    def look_at_key(self) -> str:
        """Return the key of its entry under *To look at* [R59]."""
        return f"customer-request:{self.pk}"

    def get_admin_url(self) -> str:
        return reverse("admin:associations_customerrequest_change", args=[self.pk])
