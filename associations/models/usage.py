from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .. import clock
from .association import Association
from .catalogue import Product
from .tenant import Subscription, Tenant


class WorkloadUsage(models.Model):
    """A workload of a tenant in one month [R36]. ``month`` is its first day."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    month = models.DateField(_("month"))
    active_users = models.PositiveIntegerField(_("monthly active users"))
    paid_units = models.PositiveIntegerField(_("paid available units"))

    class Meta:
        verbose_name = _("workload usage")
        verbose_name_plural = _("workload usage")
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "product", "month"], name="workload_usage_once_a_month"
            )
        ]

    def __str__(self):
        return f"{self.product} {self.month:%Y-%m}"


class SubscriptionUsage(models.Model):
    """The seats of a subscription in one month [R36]. ``month`` is its first day."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="usage")
    month = models.DateField(_("month"))
    sold_seats = models.PositiveIntegerField(_("sold seats"))
    assigned_seats = models.PositiveIntegerField(_("assigned seats"))
    active_seats = models.PositiveIntegerField(_("active seats"))

    class Meta:
        verbose_name = _("subscription usage")
        verbose_name_plural = _("subscription usage")
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "month"], name="subscription_usage_once_a_month"
            )
        ]

    def __str__(self):
        return f"{self.subscription} {self.month:%Y-%m}"

    @property
    def active_percent(self) -> float | None:
        """Active seats in percent of the sold ones; None where nothing was sold."""
        return 100 * self.active_seats / self.sold_seats if self.sold_seats else None


class UsageImport(models.Model):
    """A file of usage that was loaded: what came of it, line by line where it went wrong [R38]."""

    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    loaded_at = models.DateTimeField(_("loaded"), default=clock.now, editable=False)
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    rows_new = models.PositiveIntegerField(_("new rows"), default=0)
    rows_changed = models.PositiveIntegerField(_("changed rows"), default=0)
    rows_same = models.PositiveIntegerField(_("unchanged rows"), default=0)
    rows_bad = models.PositiveIntegerField(_("bad rows"), default=0)
    problems = models.JSONField(_("problems"), default=list)

    class Meta:
        verbose_name = _("usage file")
        verbose_name_plural = _("usage files")
        ordering = ["-id"]
        permissions = [("load_usage", "May load usage files")]

    def __str__(self):
        return self.name


class UsageAccess(models.Model):
    """Who looked at, or took away, a customer's usage data, and when [R40]."""

    class Kind(models.TextChoices):
        VIEWED = "viewed", _("Viewed")
        EXPORTED = "exported", _("Exported")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    association = models.ForeignKey(
        Association, on_delete=models.PROTECT, related_name="usage_accesses"
    )
    kind = models.CharField(_("what"), max_length=10, choices=Kind)
    at = models.DateTimeField(_("when"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("look at usage data")
        verbose_name_plural = _("looks at usage data")
        ordering = ["-id"]
        indexes = [models.Index(fields=["association", "-id"], name="usage_access_by_subject")]

    def __str__(self):
        return f"{self.user} {self.kind} {self.association_id}"
