"""Where a mediation case stands, in words for staff: status, deadline, and what happens next."""

import datetime as dt

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...claims.deadlines import Calendar, find_operators_calendar, read_calendar
from ...display.sentences import describe_deadline
from ...display.turns import describe_business_days_left
from ...enums import Actor, CaseStatus
from ...models import MediationCase
from ..review.sla import SLA_ICONS, Sla, SlaClock

#: Status → with whom the case is, as the colour of its mark, and its icon.
LOOKS = {
    CaseStatus.HEARING: ("partner", "comment"),
    CaseStatus.ASKING: ("customer", "building"),
    CaseStatus.DECIDING: ("reviewers", "scale"),
    CaseStatus.DECIDED: ("partner", "clock"),
    CaseStatus.DISPUTED: ("reviewers", "flag"),
    CaseStatus.HANDOVER: ("official", "arrow-right"),
    CaseStatus.CLOSED: ("closed", "check"),
}

NEXT: dict[str, str | Promise] = {
    CaseStatus.HEARING: gettext_lazy(
        "All sides can add proof and a statement until the deadline. After that, a review lead decides."
    ),
    CaseStatus.ASKING: gettext_lazy(
        "The customer can answer until the deadline, and the newest answer decides. Without one, a "
        "review lead decides."
    ),
    CaseStatus.DECIDING: gettext_lazy("A review lead decides, or asks the customer first."),
    CaseStatus.DECIDED: gettext_lazy(
        "A side that lost can dispute the decision until the deadline. After that, it is carried out."
    ),
    CaseStatus.DISPUTED: gettext_lazy("A review lead reads the dispute and decides again."),
    CaseStatus.HANDOVER: gettext_lazy(
        "The holder keeps the product until the winner's claim becomes official; then it changes hands."
    ),
    CaseStatus.CLOSED: gettext_lazy("Nothing: the mediation is closed."),
}
NOT_TOLD = gettext_lazy("The sides are about to be told. The deadline will then be set.")

READER_WORDS = gettext_lazy(
    "You can read mediations. If a decision is needed, ask someone in the group “Review lead”."
)


def describe_case(case: MediationCase, clock: SlaClock, *, mediates: bool) -> dict:
    """Return the look of the case's status, its deadline in words, and whether staff are late."""
    look, icon = LOOKS[CaseStatus(case.status)]
    state = find_state(case, clock)
    return {
        "look": "yours" if mediates and case.is_decidable else look,
        "icon": icon,
        "deadline": describe_until(case, now=clock.now),
        "sla": state,
        "sla_icon": SLA_ICONS[state] if state else "",
        "next": describe_next(case),
    }


def describe_next(case: MediationCase) -> str | Promise:
    """Say what happens next, and who does it."""
    is_told = case.status != CaseStatus.HEARING or case.window_opened_at is not None
    return NEXT[case.status] if is_told else NOT_TOLD


def describe_until(case: MediationCase, *, now: dt.datetime) -> str:
    """Say until when the case stays where it is, and how long that is [R6]; "" if no limit runs."""
    if case.due_at is None:
        return ""
    calendar = _find_calendar(case)
    until = _("until %(deadline)s") % {
        "deadline": describe_deadline(case.due_at, calendar.time_zone)
    }
    return f"{until} · {describe_business_days_left(case.due_at, calendar, now=now)}"


def _find_calendar(case: MediationCase) -> Calendar:
    """Return the customer's calendar while it is asked, else the operator's, which counts for all sides."""
    if case.status != CaseStatus.ASKING:
        return find_operators_calendar()
    return read_calendar(case.tenant)


def find_state(case: MediationCase, clock: SlaClock) -> Sla | None:
    """Return whether staff are late with the case; None while they have nothing to decide."""
    return clock.state_at(case.due_at) if case.is_decidable else None


def describe_winner(case: MediationCase) -> str:
    """Say for whom the case was decided; "" if it was not."""
    return name_winner(case.winner) if case.decided_at else ""


def name_winner(partner: object | None) -> str:
    """Say for whom a decision is."""
    if partner is None:
        return _("Decided for none of the sides")
    return _("Decided for %(partner)s") % {"partner": partner}


def name_decider(case: MediationCase) -> str:
    """Name who decided: a person, or the customer by its answer."""
    if case.decider == Actor.CUSTOMER or case.decided_by is None:
        return str(Actor.CUSTOMER.label)
    return str(case.decided_by)
