"""A mediation as one side knows it: never who the others are, nor that the customer is asked [R33]."""

import datetime as dt

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from ..enums import CaseOutcome, CaseStatus
from ..models import CaseSide


class Stage(TextChoices):
    """Where a mediation stands for a side. Being decided looks the same while the customer is asked."""

    HEARING = "hearing", _("Statements are being collected")
    DECIDING = "deciding", _("The reviewers are deciding")
    WON = "won", _("Decided for you")
    LOST = "lost", _("Not decided for you")
    DISPUTED = "disputed", _("Being decided again after a dispute")
    WON_FINALLY = "won-finally", _("Decided for you: final")
    LOST_FINALLY = "lost-finally", _("Not decided for you: final")
    OVER = "over", _("Ended without a change")
    LEFT = "left", _("No longer about your claim")


#: Nothing is contested any more for the side.
SETTLED = (Stage.OVER, Stage.LEFT)
#: The decision is known.
TOLD = (Stage.WON, Stage.LOST, Stage.DISPUTED, Stage.WON_FINALLY, Stage.LOST_FINALLY)


def find_stage(side: CaseSide, *, now: dt.datetime) -> Stage:
    """Return where the side's case stands for it at ``now``."""
    case = side.case
    if side.left_at is not None and (case.decided_at is None or side.left_at < case.decided_at):
        return Stage.LEFT
    if case.decided_at is None:
        return _find_undecided(side, now=now)
    has_won = case.winner_id == side.partner_id
    if case.status == CaseStatus.DISPUTED:
        return Stage.DISPUTED
    if case.status == CaseStatus.DECIDED:
        return Stage.WON if has_won else Stage.LOST
    if case.closed_at is not None and case.outcome != CaseOutcome.CARRIED_OUT:
        return Stage.OVER
    return Stage.WON_FINALLY if has_won else Stage.LOST_FINALLY


def _find_undecided(side: CaseSide, *, now: dt.datetime) -> Stage:
    case = side.case
    if case.closed_at is not None:
        return Stage.OVER
    return Stage.HEARING if case.takes_statements(at=now) else Stage.DECIDING
