import secrets

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cpor_site.web.model_fields import AddressField, PersonNameField
from notifications.models import Message
from partners.enums import Language

from ..enums import ContactRole, NoticeStatus
from .claim import Claim


def make_token() -> str:
    """Return 192 random bits: a capability that is looked up, not computed, so it survives key rotation."""
    return secrets.token_urlsafe(24)


class NoticeQuerySet(models.QuerySet):
    def in_force(self):
        """The notices that no newer one replaced."""
        return self.exclude(status=NoticeStatus.REPLACED)

    def awaited(self):
        """Those in force that the customer's window rests on: to the contacts that the claim names [R57]."""
        return self.in_force().exclude(role=ContactRole.REGISTERED)


class CustomerNotice(models.Model):
    """A notice sent to one contact, with its own opt-out link and its exact text [R20], [R21]."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="notices")
    role = models.CharField(max_length=10, choices=ContactRole)
    name = PersonNameField(_("name"), max_length=150)
    email = AddressField(_("email"))
    language = models.CharField(_("language"), max_length=10, choices=Language)
    # The email that carries it; none only until it is queued, and for a notice that never was.
    message = models.OneToOneField(
        Message, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    token = models.CharField(max_length=64, unique=True, default=make_token, editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=NoticeStatus, default=NoticeStatus.QUEUED
    )
    created_at = models.DateTimeField(_("queued"), default=timezone.now, editable=False)
    sent_at = models.DateTimeField(_("accepted by the mail server"), null=True)
    failure = models.TextField(_("failure"), blank=True)
    # The deadline (exclusive, UTC) that its text names, and the time zone it names it in [R21].
    promised_until = models.DateTimeField(null=True, editable=False)
    promised_time_zone = models.CharField(max_length=64, blank=True, db_default="", editable=False)
    # The reader's answer [R22].
    confirmed_at = models.DateTimeField(null=True, editable=False)
    is_wrong_person = models.BooleanField(db_default=False, editable=False)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    text = models.TextField(_("text as sent"), blank=True)
    html = models.TextField(_("HTML as sent"), blank=True)

    objects = NoticeQuerySet.as_manager()

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
    def is_to_registered(self) -> bool:
        """Does it go to a contact registered by staff, not to one that the claim names [R57]?"""
        return self.role == ContactRole.REGISTERED

    @property
    def signature(self) -> str:
        """Return its reader as history names them: the partner may see only addresses that it gave."""
        return self.name if self.is_to_registered else f"{self.name} <{self.email}>"
