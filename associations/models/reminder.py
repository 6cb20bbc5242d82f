from django.db import models

from ..enums import ReminderKind
from .claim import Claim


class Reminder(models.Model):
    """A record that someone was reminded of a claim's deadline, written with the email: once per window.

    ``opened_at`` is the claim's ``window_opened_at`` at that time: the next window has a reminder of its own.
    """

    claim = models.ForeignKey(
        Claim,
        on_delete=models.CASCADE,
        related_name="reminders",
        db_index=False,  # the constraint starts with it
    )
    kind = models.CharField(max_length=20, choices=ReminderKind)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "kind", "opened_at"], name="reminder_once_per_window"
            )
        ]

    def __str__(self):
        return f"{self.claim_id}: {self.kind}"
