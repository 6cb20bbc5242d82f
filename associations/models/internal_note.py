from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .claim import Claim
from .comment import WORDS_MAX


class InternalNote(models.Model):
    """What staff write to each other about a claim; no partner and no customer ever sees it [R63].

    Written only by ``review.notes``, and never changed.
    """

    claim = models.ForeignKey(
        Claim, on_delete=models.CASCADE, related_name="internal_notes", verbose_name=_("claim")
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("internal note"), max_length=WORDS_MAX)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("internal note")
        verbose_name_plural = _("internal notes")
        ordering = ["created_at", "id"]

    def __str__(self):
        return self.text[:80]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Internal notes are append-only.")
        super().save(*args, **kwargs)
