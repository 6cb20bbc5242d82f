from django.db import models

from .claim import Claim


class DraftWarning(models.Model):
    """A record that a draft's owner was told when it will be removed unless it is changed before then.

    ``touched_at`` is when the draft had last been changed at that time: a later change voids the warning.
    """

    claim = models.OneToOneField(Claim, on_delete=models.CASCADE, related_name="warning")
    touched_at = models.DateTimeField()
    due_at = models.DateTimeField()

    def __str__(self):
        return f"{self.claim_id}: {self.due_at:%Y-%m-%d}"
