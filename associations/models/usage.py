import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .. import clock
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


def make_storage_path(_usage_import: "UsageImport", _filename: str) -> str:
    """Where a file waits to be loaded: under a name nobody chose."""
    return f"usage/{uuid.uuid4().hex}.csv"


class UsageImport(models.Model):
    """A file of usage that was loaded, and what came of it [R38].

    ``rows_done`` counts the rows that are settled, for better or worse; each batch of rows is
    written together with it, so that a load cut short goes on where it stopped.
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
    loaded_at = models.DateTimeField(_("loaded"), default=clock.now, editable=False)
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("loaded by"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    touched_at = models.DateTimeField(_("last sign of life"), default=clock.now, editable=False)
    bytes_done = models.PositiveBigIntegerField(_("bytes read"), default=0)
    rows_done = models.PositiveIntegerField(_("rows read"), default=0)
    rows_new = models.PositiveIntegerField(_("new rows"), default=0)
    rows_changed = models.PositiveIntegerField(_("changed rows"), default=0)
    rows_same = models.PositiveIntegerField(_("unchanged rows"), default=0)
    rows_bad = models.PositiveIntegerField(_("bad rows"), default=0)

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
        """Return how many bad rows are counted and not kept: those after the first thousand."""
        return max(0, self.rows_bad - self.problems.count())


class UsageProblem(models.Model):
    """Why one line of a usage file, or the file, could not be loaded [R38]."""

    class Reason(models.TextChoices):
        """Labels may hold ``%(column)s`` and ``%(value)s``; ``describe`` fills them in.

        The field does not name them as its choices: a sentence may change without a migration.
        """

        EMPTY_FILE = "empty-file", _("The file is empty. Its first line must name the columns.")
        MISSING_COLUMNS = "missing-columns", _("The first line lacks these columns: %(value)s.")
        UNKNOWN_COLUMNS = (
            "unknown-columns",
            _("The first line names columns the format does not have: %(value)s."),
        )
        REPEATED_COLUMNS = (
            "repeated-columns",
            _("The first line names these columns more than once: %(value)s."),
        )
        FILE_LOST = (
            "file-lost",
            _("The file is no longer here. What was counted is kept; load the file again."),
        )
        GAVE_UP = (
            "gave-up",
            _("Loading broke off several times. What was counted is kept; load it again."),
        )
        NOT_UTF8 = (
            "not-utf-8",
            _("This is not UTF-8 text. Save the file as “CSV UTF-8” and load it again."),
        )
        NUL = "nul", _("The line holds characters that no text has (NUL).")
        TOO_LONG = "too-long", _("The line is longer than %(value)s bytes.")
        QUOTES = "quotes", _("A quotation mark is opened and not closed, or stands inside a value.")
        FIELD_COUNT = (
            "field-count",
            _("The line has not one value for each column; it has %(value)s."),
        )
        MISSING_VALUE = "missing-value", _("%(column)s is empty.")
        MONTH = "month", _("“%(value)s” is no month. Write it as 2026-10, from 2000-01 on.")
        MONTH_AHEAD = "month-ahead", _("The month %(value)s lies in the future.")
        NO_SUBJECT = (
            "no-subject",
            _("Give tenant_id and product for a workload, or subscription_id for a subscription."),
        )
        MIXED = (
            "mixed",
            _("%(column)s is too much: a line is about a workload or a subscription."),
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
            _("“%(value)s” is no workload. Give the subscription_id instead."),
        )
        UNKNOWN_SUBSCRIPTION = (
            "unknown-subscription",
            _("No subscription has the ID %(value)s."),
        )
        DUPLICATE = (
            "duplicate",
            _("The same month of the same product is on line %(value)s already; that one counts."),
        )

    usage_import = models.ForeignKey(
        UsageImport, on_delete=models.CASCADE, related_name="problems", verbose_name=_("usage file")
    )
    line = models.PositiveIntegerField(_("line"))
    reason = models.CharField(_("reason"), max_length=30)
    column = models.CharField(_("column"), max_length=30, blank=True)
    value = models.CharField(_("value"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("bad row")
        verbose_name_plural = _("bad rows")
        ordering = ["line", "id"]

    def __str__(self):
        return f"{self.line}: {self.describe()}"

    def describe(self) -> str:
        """What is wrong and what to do, in the reader's language."""
        words = str(self.Reason(self.reason).label)
        return words % {"column": self.column, "value": self.value}
