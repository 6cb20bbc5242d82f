from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cpor_site.web.addresses import fold_address
from cpor_site.web.model_fields import AddressField
from notifications.models import Message

from ..enums import InvitationState, Language
from .partner import Partner
from .seat import HeldSeat


class InvitationQuerySet(models.QuerySet):
    def unsettled(self):
        """Return those neither accepted, revoked nor replaced; some may have expired."""
        return self.filter(state=InvitationState.OPEN)

    def in_force(self):
        """Return those whose link would work now."""
        return self.unsettled().filter(expires_at__gt=timezone.now())

    def to_address(self, email: str):
        """Return those to ``email``, regardless of case."""
        return self.annotate(address=Lower("email")).filter(address=fold_address(email))


class Invitation(HeldSeat):
    """A seat at a partner, offered to an address [R42]. Only ``invitations`` writes here.

    Only a digest of the link's key is kept: reading this table lets no one join a partner.
    """

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("partner")
    )
    email = AddressField(_("email"))
    language = models.CharField(_("language"), max_length=10, choices=Language)
    key_digest = models.CharField(max_length=64, unique=True, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=InvitationState, default=InvitationState.OPEN
    )
    sendings = models.PositiveSmallIntegerField(_("times sent"), default=0)
    # The newest email with its link; older ones lead nowhere.
    message = models.OneToOneField(
        Message, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    is_undelivered = models.BooleanField(_("mail did not arrive"), default=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("invited by"),
    )
    invited_at = models.DateTimeField(_("invited"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("accepted by"),
    )
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "partner",
                Lower("email"),
                condition=Q(state=InvitationState.OPEN),
                name="invitation_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state=InvitationState.OPEN, settled_at=None)
                | (~Q(state=InvitationState.OPEN) & Q(settled_at__isnull=False)),
                name="invitation_settled_when_not_open",
            ),
        ]
        indexes = [
            # members.has_open_invitation
            models.Index(
                Lower("email"),
                condition=Q(state=InvitationState.OPEN),
                name="invitation_open_address",
            ),
            # The filters of the staff list.
            models.Index(fields=["state", "-id"], name="invitation_by_state"),
            models.Index(
                fields=["-id"], condition=Q(is_undelivered=True), name="invitation_undelivered"
            ),
        ]

    def __str__(self):
        return f"{self.email} → {self.partner}"

    @property
    def has_run_out(self) -> bool:
        """Return whether it is open but too old to be accepted."""
        return self.state == InvitationState.OPEN and self.expires_at <= timezone.now()

    @property
    def is_in_force(self) -> bool:
        return self.state == InvitationState.OPEN and not self.has_run_out

    @property
    def masked_email(self) -> str:
        """Return the address masked for a reader who may not be its owner, but could recognise it."""
        name, _at, domain = self.email.rpartition("@")
        return f"{name[:1]}•••@{domain}"
