from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..enums import Actor
from .claim import Claim

#: Characters of what partner and staff write to each other about a claim; short enough for an email.
WORDS_MAX = 5_000


class Comment(models.Model):
    """A comment by partner or staff on a claim, visible to both [R18]; without an author, by the site."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    side = models.CharField(max_length=10, choices=Actor)
    text = models.TextField(_("comment"), max_length=WORDS_MAX)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["created_at", "id"]

    def __str__(self):
        return self.text[:80]

    @property
    def signature(self) -> str:
        """Return who wrote it: a person, or the operator."""
        return str(self.author) if self.author else settings.OPERATOR_NAME
