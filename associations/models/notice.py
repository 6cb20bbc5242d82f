import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cpor_site.model_fields import AddressField, PersonNameField
from partners.enums import Language

from .. import clock
from ..enums import ContactRole, NoticeStatus
from .claim import Claim


def make_token() -> str:
    """192 random bits: a capability that is looked up, never computed, so no key rotation kills it."""
    return secrets.token_urlsafe(24)


class CustomerNotice(models.Model):
    """A notice sent to one contact, with its own opt-out link and its exact text [R20], [R21]."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="notices")
    role = models.CharField(max_length=10, choices=ContactRole)
    name = PersonNameField(_("name"), max_length=150)
    email = AddressField(_("email"))
    language = models.CharField(_("language"), max_length=10, choices=Language)
    token = models.CharField(max_length=64, unique=True, default=make_token, editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=NoticeStatus, default=NoticeStatus.QUEUED
    )
    created_at = models.DateTimeField(_("queued"), default=clock.now, editable=False)
    sent_at = models.DateTimeField(_("accepted by the mail server"), null=True)
    failure = models.TextField(_("failure"), blank=True)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    text = models.TextField(_("text as sent"), blank=True)
    html = models.TextField(_("HTML as sent"), blank=True)

    class Meta:
        verbose_name = _("customer notice")
        verbose_name_plural = _("customer notices")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "role"],
                condition=~Q(status=NoticeStatus.REPLACED),
                name="notice_one_in_force_per_role",
            )
        ]

    def __str__(self):
        return f"{self.claim.reference} {self.email}"

    @property
    def message_key(self) -> str:
        """The outbox key of the mail that carries this notice."""
        return f"customer-notice:{self.pk}"
