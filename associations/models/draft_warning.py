from django.db import models

from .claim import Claim


class DraftWarning(models.Model):
    """That a draft's owner was told when it will be removed, unless it is touched before.

    ``touched_at`` is when the draft was last changed as they were told: a later change voids it.
    """

    claim = models.OneToOneField(Claim, on_delete=models.CASCADE, related_name="warning")
    touched_at = models.DateTimeField()
    due_at = models.DateTimeField()

    def __str__(self):
        return f"{self.claim_id}: {self.due_at:%Y-%m-%d}"
