from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cpor_site.web.model_fields import NameField

from .partner import Location


class Program(models.Model):
    """An incentive program that a location can be enrolled in (section 2). Codes are stable."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = NameField(_("name"), max_length=100)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        ordering = ["name"]

    def __str__(self):
        return self.name


class Enrollment(models.Model):
    """A location's membership of a program, first to last day inclusive."""

    location = models.ForeignKey(
        Location, on_delete=models.CASCADE, related_name="enrollments", verbose_name=_("location")
    )
    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="enrollments", verbose_name=_("program")
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(
        _("last day"), help_text=_("Usually 30 June, the fiscal year's end.")
    )

    class Meta:
        verbose_name = _("enrollment")
        verbose_name_plural = _("enrollments")
        ordering = ["location", "program", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["location", "program", "starts_on"], name="enrollment_once_per_start"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="enrollment_ends_after_start"
            ),
        ]

    def __str__(self):
        return f"{self.location} – {self.program}"

    def is_in_force_on(self, day) -> bool:
        """Return whether it is in force on ``day``, a date at the location."""
        return self.starts_on <= day <= self.ends_on and self.program.is_active
