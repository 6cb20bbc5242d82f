from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .partner import Partner
from .seat import HeldSeat


class Membership(HeldSeat):
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

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["partner", "user"]
        constraints = [
            models.UniqueConstraint(fields=["user", "partner"], name="membership_once_per_partner")
        ]
        indexes = [
            # The filter of the staff list; most roles are for all locations.
            models.Index(
                fields=["-id"],
                condition=models.Q(has_all_locations=False),
                name="membership_chosen_places",
            )
        ]

    def __str__(self):
        return f"{self.user} – {self.partner}"
