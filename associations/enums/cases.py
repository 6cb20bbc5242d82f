"""Mediation cases: their statuses, ends and answers [R33]."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CaseStatus(models.TextChoices):
    """Where a mediation case stands [R33], [R35]; only ``contests`` changes it."""

    HEARING = "hearing", _("Waiting for the statements")
    ASKING = "asking", _("Waiting for the customer")
    DECIDING = "deciding", _("Waiting for the decision")
    DECIDED = "decided", _("Decided; can be disputed")
    DISPUTED = "disputed", _("Decision disputed")
    HANDOVER = "handover", _("Waiting for the handover")
    CLOSED = "closed", pgettext_lazy("mediation", "Closed")


#: No decision has been made; staff can decide in the last two of these.
UNDECIDED_CASES = (CaseStatus.HEARING, CaseStatus.ASKING, CaseStatus.DECIDING)
#: The decision names a holder, but can still change: nothing becomes official by it yet [R35].
UNSETTLED_CASES = (CaseStatus.DECIDED, CaseStatus.DISPUTED)
#: Staff may decide now.
DECIDABLE_CASES = (CaseStatus.DECIDING, CaseStatus.DISPUTED)


class CaseOutcome(models.TextChoices):
    """How a mediation case was closed."""

    CARRIED_OUT = "carried-out", _("The decision was carried out")
    NO_CONTEST = "no-contest", _("Only one partner was left")
    WINNER_LEFT = "winner-left", _("The chosen partner's claim ended; the slot stayed as it was")
    SUBSCRIPTION_ENDED = "subscription-ended", _("The subscription ended")


class CaseChoice(models.TextChoices):
    """What a customer answers about a mediation [R33]."""

    PARTNER = "partner", _("One of the partners")
    NEITHER = "neither", _("None of them")
    OPERATOR = "operator", _("The operator decides")
