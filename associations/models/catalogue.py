from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partners.models import Program

from ..enums import DayKind, SolutionArea, Window


class Product(models.Model):
    """A workload (Microsoft 365) or a Dynamics product (Business Applications). Codes are stable."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    solution_area = models.CharField(_("solution area"), max_length=30, choices=SolutionArea)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Clear to stop new claims; existing claims keep it.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["solution_area", "position", "name"]

    def __str__(self):
        return self.name

    @property
    def is_workload(self) -> bool:
        return self.solution_area == SolutionArea.MICROSOFT_365


class TimeLimit(models.Model):
    """How long a window stays open, for a program or (without one) for all others [R4].

    A change applies only to windows that open later: every computed deadline is stored.
    """

    window = models.CharField(_("window"), max_length=30, choices=Window)
    program = models.ForeignKey(
        Program,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="time_limits",
        verbose_name=_("program"),
        help_text=_("Leave empty to apply to every program that has no limit of its own."),
    )
    days = models.PositiveSmallIntegerField(_("days"), validators=[MinValueValidator(1)])
    day_kind = models.CharField(
        _("kind of days"), max_length=10, choices=DayKind, default=DayKind.BUSINESS
    )

    class Meta:
        verbose_name = _("time limit")
        verbose_name_plural = _("time limits")
        ordering = ["window", "program"]
        constraints = [
            models.UniqueConstraint(
                fields=["window", "program"], name="time_limit_once_per_program"
            ),
            models.UniqueConstraint(
                fields=["window"], condition=Q(program=None), name="time_limit_one_default"
            ),
            models.CheckConstraint(condition=Q(days__gte=1), name="time_limit_at_least_a_day"),
        ]

    def __str__(self):
        return f"{self.get_window_display()}: {self.days} {self.get_day_kind_display()}"
