from django.db import models


class Heartbeat(models.Model):
    """When a background part was last seen alive, for /statusz."""

    name = models.CharField(max_length=40, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self):
        return self.name
