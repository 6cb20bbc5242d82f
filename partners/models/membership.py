from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..enums import Role
from .partner import Location, Partner


class Membership(models.Model):
    """A person's role at a partner, for all its locations or the chosen ones [R41]."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="memberships",
        verbose_name=_("person"),
    )
    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("partner")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    has_all_locations = models.BooleanField(_("all locations"), default=True)
    locations = models.ManyToManyField(
        Location,
        blank=True,
        related_name="+",
        verbose_name=_("chosen locations"),
        help_text=_("Counts only where “all locations” is not ticked."),
    )

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["partner", "user"]
        constraints = [
            models.UniqueConstraint(fields=["user", "partner"], name="membership_once_per_partner")
        ]

    def __str__(self):
        return f"{self.user} – {self.partner}"

    @property
    def is_incentives_admin(self) -> bool:
        return self.role == Role.INCENTIVES_ADMIN
