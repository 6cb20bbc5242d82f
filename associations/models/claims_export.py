import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models import Partner


def make_export_path(export: "ClaimsExport", _filename: str) -> str:
    """Return the path of the file that this attempt writes."""
    return f"exports/{export.key.hex}-{export.attempts}.xlsx"


class ClaimsExport(models.Model):
    """A filtered claims list that a person asked for as an XLSX file, and how far it is [R46].

    Only that person may open it, and only while they may see the same locations as when it was written.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        WRITING = "writing", _("Being written")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Could not be written")

    class Failure(models.TextChoices):
        """Why there is no file. The field does not list them, so that a sentence can change alone."""

        TOO_MANY = (
            "too-many",
            _("A spreadsheet can't hold so many claims. Narrow the filter, or export as CSV."),
        )
        NO_ACCESS = (
            "no-access",
            _("Your access to these claims ended before the file was written. Export again."),
        )
        GAVE_UP = (
            "gave-up",
            _("Writing the file was interrupted several times. Export again, or as CSV."),
        )

    OPEN_STATES = (State.WAITING, State.WRITING)

    #: Stands for the export in addresses.
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="+")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    requested_at = models.DateTimeField(_("requested"), default=timezone.now, editable=False)
    #: The filter, as the address of the list has it: name → value.
    chosen = models.JSONField(default=dict)
    language = models.CharField(max_length=10)

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    failure = models.CharField(max_length=20, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    touched_at = models.DateTimeField(_("last activity"), default=timezone.now, editable=False)
    rows_total = models.PositiveIntegerField(_("claims"), default=0)
    rows_done = models.PositiveIntegerField(_("claims written"), default=0)
    #: Keys of the locations whose claims the person could see when it was written; None for all.
    locations = models.JSONField(null=True)
    file = models.FileField(_("file"), upload_to=make_export_path, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)

    class Meta:
        verbose_name = _("claims export")
        verbose_name_plural = _("claims exports")
        ordering = ["-id"]
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["touched_at"],
                condition=Q(state__in=("waiting", "writing")),
                name="claims_export_open",
            )
        ]

    def __str__(self):
        return str(self.key)

    def get_absolute_url(self) -> str:
        return reverse("associations:claims-xlsx", args=[self.partner.key, self.key])

    @property
    def is_finished(self) -> bool:
        return self.state not in self.OPEN_STATES

    def describe_failure(self) -> str:
        """Say why there is no file, in the active language."""
        return str(self.Failure(self.failure).label)
