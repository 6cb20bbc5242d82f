import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .claim import Claim


def storage_path(document: "Document", filename: str) -> str:
    """Return a random path for a file, so that nothing is ever overwritten [R11]."""
    return f"poe/{uuid.uuid4().hex[:2]}/{uuid.uuid4().hex}.{document.extension}"


#: Files that a page can show as an image.
IMAGE_EXTENSIONS = ("png", "jpg", "jpeg")


class Document(models.Model):
    """A file of proof of execution (POE), as uploaded. Never changed, never overwritten."""

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="documents")
    file = models.FileField(_("file"), upload_to=storage_path, max_length=120)
    name = models.CharField(_("name"), max_length=200)
    extension = models.CharField(max_length=5)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("proof")
        verbose_name_plural = _("proof files")
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "name", "version"], name="document_version_once"
            )
        ]

    def __str__(self):
        return self.name

    @property
    def shown_as(self) -> str:
        """Return how a page can show it: as "pdf", as "image", or only as a "download"."""
        if self.extension == "pdf":
            return "pdf"
        return "image" if self.extension in IMAGE_EXTENSIONS else "download"
