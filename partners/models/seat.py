import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..enums import Role
from .partner import Location


class HeldSeat(models.Model):
    """A role for all locations of a partner or for chosen ones [R41], held by or offered to a person."""

    #: Identifies the row in addresses: its number would reveal how many there are at all partners.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
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
        abstract = True

    @property
    def is_incentives_admin(self) -> bool:
        return self.role == Role.INCENTIVES_ADMIN
