import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models import Partner

from ..enums import ImportKind, RowOutcome
from .row_reasons import RowReason


def make_storage_path(_import_file: "ImportFile", _filename: str) -> str:
    """Return a random path for a file that waits to be checked or loaded."""
    return f"imports/{uuid.uuid4().hex}"


class ImportFile(models.Model):
    """A table that was uploaded to be imported, and the result [R38], [R47], [R60].

    Most kinds are checked first and imported once a person has seen the preview; usage is loaded
    right away. ``rows_done`` counts the rows that were checked or saved, or found to have errors. It is
    written in one transaction with each batch of rows, so that an interrupted run continues where it
    stopped.
    """

    class State(models.TextChoices):
        TO_CHECK = "to-check", _("Waiting to be checked")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked, not imported yet")
        DISCARDED = "discarded", _("Not imported")
        WAITING = "waiting", _("Waiting")
        LOADING = "loading", _("Loading")
        DONE = "done", _("Done")
        FAILED = "failed", _("Could not be loaded")

    #: In these there is nothing left to do or decide.
    FINISHED_STATES = (State.DONE, State.FAILED, State.DISCARDED)

    kind = models.CharField(
        _("contents"), max_length=20, choices=ImportKind, default=ImportKind.USAGE, editable=False
    )
    #: Stands for the file in addresses of a partner's pages.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    #: The partner for which a file of claims is filed; empty for what staff import.
    partner = models.ForeignKey(
        Partner,
        null=True,
        on_delete=models.CASCADE,
        related_name="import_files",
        editable=False,
    )
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
    #: The columns of its header, in their order.
    columns = models.JSONField(default=list, blank=True, editable=False)
    bytes_done = models.PositiveBigIntegerField(_("bytes read"), default=0)
    rows_done = models.PositiveIntegerField(_("rows read"), default=0)
    rows_new = models.PositiveIntegerField(_("new rows"), default=0)
    rows_changed = models.PositiveIntegerField(_("changed rows"), default=0)
    rows_same = models.PositiveIntegerField(_("unchanged rows"), default=0)
    rows_bad = models.PositiveIntegerField(_("rows with errors"), default=0)

    class Meta:
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")
        ordering = ["-id"]
        permissions = [("load_usage", "May load usage files")]
        indexes = [
            models.Index(
                fields=["touched_at"],
                condition=models.Q(state__in=("to-check", "checking", "waiting", "loading")),
                name="import_file_unfinished",
            ),
            models.Index(fields=["kind", "-id"], name="import_file_by_kind"),
        ]

    def __str__(self):
        return self.name

    @property
    def is_finished(self) -> bool:
        """Is there nothing left to do or decide, so that the file need not be kept?"""
        return self.state in self.FINISHED_STATES

    @property
    def is_running(self) -> bool:
        """Is a process at work on it, or about to be?"""
        return not self.is_finished and self.state != self.State.CHECKED

    @property
    def is_trial(self) -> bool:
        """Is it only being checked, with nothing saved?"""
        return self.state in (self.State.TO_CHECK, self.State.CHECKING, self.State.CHECKED)

    @property
    def rows_to_save(self) -> int:
        """How many rows of a checked file would change something."""
        return self.rows_new + self.rows_changed

    @property
    def problems(self) -> "models.QuerySet[ImportRow]":
        """The rows with errors that were kept."""
        return self.rows.filter(outcome=RowOutcome.BAD)

    def count_unlisted(self) -> int:
        """Return how many rows with errors were counted but not kept: those after the first few thousand."""
        return max(0, self.rows_bad - self.problems.count())


class ImportRow(models.Model):
    """A row of a file worth showing: one with errors, or one that adds or changes something.

    ``cells`` are the row's values as written, so that rows with errors can be handed back. ``changes`` are
    column, old and new value of what a row changes.
    """

    Reason = RowReason

    import_file = models.ForeignKey(
        ImportFile, on_delete=models.CASCADE, related_name="rows", verbose_name=_("imported file")
    )
    line = models.PositiveIntegerField(_("line"))
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=RowOutcome, default=RowOutcome.BAD
    )
    title = models.CharField(_("record"), max_length=200, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=30, blank=True)
    column = models.CharField(_("column"), max_length=30, blank=True)
    value = models.CharField(_("value"), max_length=120, blank=True)
    words = models.TextField(blank=True, default="")
    cells = models.JSONField(default=list, blank=True)
    changes = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("row of an imported file")
        verbose_name_plural = _("rows of imported files")
        ordering = ["line", "id"]

    def __str__(self):
        return f"{self.line}: {self.title or self.describe()}"

    def describe(self) -> str:
        """Say what is wrong and how to fix it, in the active language."""
        if not self.reason:
            return ""
        label = str(self.Reason(self.reason).label)
        if not self.column:
            label = label.removeprefix("%(column)s: ")
        return label % {"column": self.column, "value": self.value, "words": self.words}
