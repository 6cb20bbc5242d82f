from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a mail stands; only ``outcomes`` and ``leases`` change it."""

    QUEUED = "queued", _("Queued")
    IN_FLIGHT = "in-flight", _("Being sent")
    SENT = "sent", _("Accepted by the mail server")
    FAILED = "failed", _("Could not be sent")
    BOUNCED = "bounced", _("Bounced")
    CANCELLED = "cancelled", _("Not needed any more")


WAITING = (State.QUEUED, State.IN_FLIGHT)
#: Nothing more happens to these by itself.
SETTLED = (State.SENT, State.FAILED, State.BOUNCED, State.CANCELLED)
NOT_SENT = (State.FAILED, State.BOUNCED, State.CANCELLED)
