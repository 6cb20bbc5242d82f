from django.db import models
from django.utils.translation import gettext_lazy as _

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
