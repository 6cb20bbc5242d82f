import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..enums import AccessKind, Role
from .partner import Location, Partner


class AppendOnlyQuerySet(models.QuerySet):
    """Rows are written once. Only a database administrator can delete them."""

    def update(self, **_values):
        raise TypeError("The access record is append-only.")

    def delete(self):
        raise TypeError("The access record is append-only.")


class AccessRecord(models.Model):
    """Who signed in, changed permissions, or viewed or exported data, and when [R40].

    Written only by ``access_record.record_access``. ``subject`` describes in words what it was about, so
    that the row never changes its meaning: an address, a claim with its file, an association with product
    and customer; never a secret, never a figure. ``partner`` is empty if staff without a partner sign in,
    ``location`` if the row is not about one of the partner's locations.
    """

    #: Identifies the row in addresses: its number would reveal how much happens at all partners.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)
    kind = models.CharField(_("what"), max_length=20, choices=AccessKind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("who"),
    )
    partner = models.ForeignKey(
        Partner,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("partner"),
        db_index=False,
    )
    location = models.ForeignKey(
        Location,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("location"),
        db_index=False,
    )
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("person it was done to"),
        db_index=False,
    )
    subject = models.CharField(_("with what"), max_length=500, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role, blank=True)
    scope = models.TextField(
        _("chosen locations"), blank=True, help_text=_("Empty where the role is for all locations.")
    )

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("access record")
        ordering = ["-id"]
        # Each of the page's filters reads its rows in order, and no more than a page.
        indexes = [
            models.Index(fields=["partner", "-id"], name="access_by_partner"),
            models.Index(fields=["partner", "user", "-id"], name="access_by_person"),
            models.Index(fields=["partner", "kind", "-id"], name="access_by_kind"),
            models.Index(fields=["kind", "-id"], name="access_by_kind_everywhere"),
        ]

    def __str__(self):
        return f"{self.user or '–'}: {self.get_kind_display()} {self.subject}".strip()

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise TypeError("The access record is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("The access record is append-only.")
