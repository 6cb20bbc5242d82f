import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
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


def make_storage_path(_usage_import: "UsageImport", _filename: str) -> str:
    """Return a random path for a file that waits to be loaded."""
    return f"usage/{uuid.uuid4().hex}.csv"


class UsageImport(models.Model):
    """A usage file that was uploaded, and the result of loading it [R38].

    ``rows_done`` counts the rows that were saved or found to have errors. It is written in one
    transaction with each batch of rows, so that an interrupted load continues where it stopped.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        LOADING = "loading", _("Loading")
        DONE = "done", _("Done")
        FAILED = "failed", _("Could not be loaded")

    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    file = models.FileField(_("stored file"), upload_to=make_storage_path, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    loaded_at = models.DateTimeField(_("loaded"), default=timezone.now, editable=False)
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("loaded by"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    touched_at = models.DateTimeField(_("last activity"), default=timezone.now, editable=False)
    bytes_done = models.PositiveBigIntegerField(_("bytes read"), default=0)
    rows_done = models.PositiveIntegerField(_("rows read"), default=0)
    rows_new = models.PositiveIntegerField(_("new rows"), default=0)
    rows_changed = models.PositiveIntegerField(_("changed rows"), default=0)
    rows_same = models.PositiveIntegerField(_("unchanged rows"), default=0)
    rows_bad = models.PositiveIntegerField(_("rows with errors"), default=0)

    class Meta:
        verbose_name = _("usage file")
        verbose_name_plural = _("usage files")
        ordering = ["-id"]
        permissions = [("load_usage", "May load usage files")]
        indexes = [
            models.Index(
                fields=["touched_at"],
                condition=models.Q(state__in=("waiting", "loading")),
                name="usage_import_unfinished",
            )
        ]

    def __str__(self):
        return self.name

    @property
    def is_finished(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)

    def count_unlisted(self) -> int:
        """Return how many rows with errors were counted but not kept: those after the first thousand."""
        return max(0, self.rows_bad - self.problems.count())


class UsageProblem(models.Model):
    """Why a line of a usage file, or the whole file, could not be loaded [R38]."""

    class Reason(models.TextChoices):
        """Labels may contain ``%(column)s`` and ``%(value)s``; ``describe`` fills them in.

        The field does not list them as choices, so that a sentence can change without a migration.
        """

        EMPTY_FILE = "empty-file", _("The file is empty. Its first line must name the columns.")
        MISSING_COLUMNS = (
            "missing-columns",
            _("These columns are missing from the first line: %(value)s."),
        )
        UNKNOWN_COLUMNS = (
            "unknown-columns",
            _("The first line has columns that are not part of the format: %(value)s."),
        )
        REPEATED_COLUMNS = (
            "repeated-columns",
            _("The first line repeats these columns: %(value)s."),
        )
        FILE_LOST = (
            "file-lost",
            _(
                "The file is no longer stored. The rows counted here were kept; load the file "
                "again."
            ),
        )
        GAVE_UP = (
            "gave-up",
            _(
                "Loading was interrupted several times. The rows counted here were kept; load the "
                "file again."
            ),
        )
        NOT_UTF8 = (
            "not-utf-8",
            _("This is not UTF-8 text. Save the file as “CSV UTF-8” and load it again."),
        )
        NUL = "nul", _("The line contains NUL characters, which are not text.")
        TOO_LONG = "too-long", _("The line is longer than %(value)s bytes.")
        QUOTES = "quotes", _("A quotation mark is not closed, or is inside a value.")
        FIELD_COUNT = (
            "field-count",
            _("The line does not have one value for each column; it has %(value)s."),
        )
        MISSING_VALUE = "missing-value", _("%(column)s is empty.")
        MONTH = (
            "month",
            _("“%(value)s” is not a month. Write months as 2026-10, starting from 2000-01."),
        )
        MONTH_AHEAD = "month-ahead", _("The month %(value)s is in the future.")
        NO_SUBJECT = (
            "no-subject",
            _("Enter tenant_id and product for a workload, or subscription_id for a subscription."),
        )
        MIXED = (
            "mixed",
            _("%(column)s must be empty: a line is about either a workload or a subscription."),
        )
        BAD_ID = "bad-id", _("%(column)s: “%(value)s” is not an ID of 32 hexadecimal digits.")
        NOT_A_NUMBER = (
            "not-a-number",
            _("%(column)s: “%(value)s” is not a whole number. Write digits only."),
        )
        NEGATIVE = "negative", _("%(column)s: %(value)s is below zero.")
        TOO_LARGE = "too-large", _("%(column)s: %(value)s is too large.")
        ASSIGNED_OVER_SOLD = (
            "assigned-over-sold",
            _("More seats are assigned than sold (%(value)s)."),
        )
        ACTIVE_OVER_ASSIGNED = (
            "active-over-assigned",
            _("More seats are active than assigned (%(value)s)."),
        )
        UNKNOWN_TENANT = "unknown-tenant", _("No customer has the Tenant ID %(value)s.")
        UNKNOWN_PRODUCT = "unknown-product", _("No product has the code “%(value)s”.")
        NOT_A_WORKLOAD = (
            "not-a-workload",
            _("“%(value)s” is not a workload. Enter the subscription_id instead."),
        )
        UNKNOWN_SUBSCRIPTION = ("unknown-subscription", _("No subscription has the ID %(value)s."))
        DUPLICATE = (
            "duplicate",
            _(
                "Line %(value)s already has this month for the same product, and that line was "
                "used."
            ),
        )

    usage_import = models.ForeignKey(
        UsageImport, on_delete=models.CASCADE, related_name="problems", verbose_name=_("usage file")
    )
    line = models.PositiveIntegerField(_("line"))
    reason = models.CharField(_("reason"), max_length=30)
    column = models.CharField(_("column"), max_length=30, blank=True)
    value = models.CharField(_("value"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("row with errors")
        verbose_name_plural = _("rows with errors")
        ordering = ["line", "id"]

    def __str__(self):
        return f"{self.line}: {self.describe()}"

    def describe(self) -> str:
        """Say what is wrong and how to fix it, in the active language."""
        words = str(self.Reason(self.reason).label)
        return words % {"column": self.column, "value": self.value}
