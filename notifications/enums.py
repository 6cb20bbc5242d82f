from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """The state of an email; only ``outcomes`` and ``leases`` change it."""

    QUEUED = "queued", _("Queued")
    IN_FLIGHT = "in-flight", _("Being sent")
    SENT = "sent", _("Accepted by the mail server")
    FAILED = "failed", _("Could not be sent")
    BOUNCED = "bounced", _("Bounced")
    CANCELLED = "cancelled", _("No longer needed")


WAITING = (State.QUEUED, State.IN_FLIGHT)
#: These no longer change by themselves.
SETTLED = (State.SENT, State.FAILED, State.BOUNCED, State.CANCELLED)
NOT_SENT = (State.FAILED, State.BOUNCED, State.CANCELLED)


class LookAtKind(models.TextChoices):
    """What staff must see in admin, since no email can be relied on to tell them [R59]."""

    EMAIL_REFUSED = "email-refused", _("The mail server refuses our email")
    BOUNCE_UNMATCHED = "bounce-unmatched", _("A bounce that matches no email")
    CONTACT_BOUNCED = "contact-bounced", _("A registered contact cannot be reached")
    WRONG_PERSON = "wrong-person", _("A notice reached the wrong person")
    CONTACT_UNCONFIRMED = "contact-unconfirmed", _("A contact must be confirmed")
    CLAIM_SET_ASIDE = "claim-set-aside", _("A claim could not become official")
    CUSTOMER_ASKED_FOR = "customer-asked-for", _("A partner asked for a customer")
    PART_GAVE_UP = "part-gave-up", _("A part of the system keeps stopping")
