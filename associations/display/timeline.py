"""The steps of a claim, done and to come, and its history in words."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from ..enums import (
    Actor,
    ContactRole,
    EventKind,
    InformationReason,
    ParkedReason,
    RejectionReason,
    Status,
)
from ..models import Claim, Event
from .lanes import describe_stop


class StepState(StrEnum):
    DONE = "done"
    CURRENT = "current"
    TO_DO = "to-do"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Step:
    """A step of a claim; ``at`` is when it was reached."""

    label: str | Promise
    state: StepState
    at: dt.datetime | None = None

    @property
    def icon(self) -> str:
        return STEP_ICONS[self.state]


@dataclass(frozen=True)
class Entry:
    """A row of the history in words: what happened, who did it, when and why.

    ``move`` names the old and the new status, for staff alone.
    """

    what: str
    who: str
    at: dt.datetime
    reasons: list[str]
    words: str
    subjects: list[str]
    is_by_system: bool
    move: str = ""


STEP_ICONS = {
    StepState.DONE: "check-circle",
    StepState.CURRENT: "dot-circle",
    StepState.TO_DO: "circle",
    StepState.STOPPED: "x-circle",
}

FILED = pgettext_lazy("step of a claim", "Submitted")
REVIEWED = pgettext_lazy("step of a claim", "Reviewed")
CUSTOMER = pgettext_lazy("step of a claim", "Customer")
OFFICIAL = pgettext_lazy("step of a claim", "Official")

#: The label of the current step, by status.
CURRENT_LABELS = {
    Status.EDITING: pgettext_lazy("step of a claim", "Draft"),
    Status.SUBMITTED: pgettext_lazy("step of a claim", "Waiting for the review"),
    Status.UNDER_REVIEW: pgettext_lazy("step of a claim", "In review"),
    Status.ACTION_REQUIRED: pgettext_lazy("step of a claim", "More information needed"),
    Status.APPROVED: CUSTOMER,
}

#: The status in which a step is the current one.
STATION_OF = {
    Status.EDITING: 0,
    Status.SUBMITTED: 1,
    Status.UNDER_REVIEW: 1,
    Status.ACTION_REQUIRED: 1,
    Status.APPROVED: 2,
}

#: Labels of rejections that are no judgement of the proof.
REJECTION_STEPS: dict[str, str | Promise] = {
    RejectionReason.PARTNER_REQUEST: gettext_lazy("Withdrawn"),
    RejectionReason.CUSTOMER_OPTED_OUT: gettext_lazy("Customer opted out"),
    RejectionReason.NO_PARTNER_RESPONSE: gettext_lazy("Closed without an answer"),
    RejectionReason.LOST_MEDIATION: RejectionReason.LOST_MEDIATION.label,
}

#: What happened in a change of status, by old and new status.
MOVES_IN_WORDS: dict[tuple[str, str], str | Promise] = {
    (Status.EDITING, Status.SUBMITTED): gettext_lazy("Submitted the claim"),
    (Status.SUBMITTED, Status.UNDER_REVIEW): gettext_lazy("Started the review"),
    (Status.ACTION_REQUIRED, Status.UNDER_REVIEW): gettext_lazy("Answered the request"),
    (Status.DISPUTE, Status.UNDER_REVIEW): gettext_lazy("Started reviewing the dispute"),
    (Status.UNDER_REVIEW, Status.ACTION_REQUIRED): gettext_lazy("Asked for more information"),
    (Status.UNDER_REVIEW, Status.APPROVED): gettext_lazy("Approved the claim"),
    (Status.DISPUTE, Status.APPROVED): gettext_lazy("Accepted the dispute and approved the claim"),
    (Status.APPROVED, Status.OFFICIAL): gettext_lazy("Became official"),
    (Status.REJECTED, Status.DISPUTE): gettext_lazy("Disputed the rejection"),
    (Status.DISPUTE, Status.REJECTED_FINAL): gettext_lazy("Rejected the claim permanently"),
    (Status.OFFICIAL, Status.ENDED): gettext_lazy("Ended the last association"),
}

#: The lists whose codes a history row may contain.
CODE_LISTS = (InformationReason, RejectionReason, ParkedReason, ContactRole)

#: Parts of a claim by their names in edits.
EDITED_PARTS = {
    "products": gettext_lazy("Products"),
    "contacts": gettext_lazy("Contacts"),
    "location": gettext_lazy("Location"),
    "name": gettext_lazy("Claim name"),
    "solution_seller": gettext_lazy("Dynamics solution seller"),
    "revenue_customer_name": gettext_lazy("Customer name"),
    "isv_product": gettext_lazy("ISV product"),
}


def make_steps(claim: Claim, events: list[Event]) -> list[Step]:
    """Return the claim's steps in order, each with the instant at which it was reached.

    ``events`` is the claim's history, in any order. A claim that was stopped shows at which step.
    """
    reached = {
        event.to_status or event.kind: event.at
        for event in sorted(events, key=lambda event: event.number)
        if event.kind in (EventKind.MOVED, EventKind.OPTED_OUT)
    }
    return _WAYS.get(Status(claim.status), _straight_way)(claim, reached)


def tell(event: Event) -> Entry:
    """Put a history row into words, without what only reviewers may see [R57]."""
    codes = [code for code in event.reason_code.split(",") if code]
    return Entry(
        what=_what(event),
        who=event.actor_name or str(Actor(event.actor).label),
        at=event.at,
        reasons=[_name_code(code) for code in codes],
        words="" if event.kind == EventKind.CONTACT_CONFIRMED else event.reason,
        subjects=_name_subjects(event),
        is_by_system=event.actor == Actor.SYSTEM,
    )


def tell_staff(event: Event) -> Entry:
    """Put a history row into words for staff: all of it, with the side that acted and the statuses."""
    side = str(Actor(event.actor).label)
    statuses = [event.from_status, event.to_status] if event.from_status else []
    return replace(
        tell(event),
        who=f"{side}: {event.actor_name}" if event.actor_name else side,
        words=event.reason,
        move=" → ".join(str(Status(each).label) for each in statuses),
    )


def find_ending(events: list[Event]) -> Entry | None:
    """Return who ended the last association of an official claim, when and why; None if no one did."""
    ended = (event for event in events if event.to_status == Status.ENDED)
    return next((tell(event) for event in ended), None)


def is_handed_over(events: list[Event]) -> bool:
    """Did the claim end because its last product was handed over to another partner [R35]?"""
    by_number = {event.number: event for event in events}
    ended = (event.number for event in events if event.to_status == Status.ENDED)
    before = by_number.get(next(ended, 0) - 1)
    return before is not None and before.kind == EventKind.HANDED_OVER


def _straight_way(claim: Claim, reached: dict[str, dt.datetime]) -> list[Step]:
    """Return the usual steps: submitted, reviewed, customer, official."""
    station = 3 if claim.is_parked else STATION_OF.get(Status(claim.status), 3)
    dates = (
        claim.submitted_at,
        reached.get(Status.APPROVED),
        reached.get(Status.OFFICIAL),
        reached.get(Status.OFFICIAL),
    )
    labels = (FILED, REVIEWED, CUSTOMER, OFFICIAL)
    return [
        _step(claim, label, number - (station if claim.status != Status.OFFICIAL else 4), at)
        for number, (label, at) in enumerate(zip(labels, dates, strict=True))
    ]


def _step(claim: Claim, label: str | Promise, distance: int, at: dt.datetime | None) -> Step:
    """Return the step ``distance`` steps after the current one; earlier ones are done."""
    if distance < 0:
        return Step(label, StepState.DONE, at)
    if distance == 0:
        return Step(_name_present(claim), StepState.CURRENT)
    return Step(label, StepState.TO_DO)


def _name_present(claim: Claim) -> str | Promise:
    """Label the current step; the customer's review period starts once the notice is delivered [R21]."""
    return describe_stop(claim) or CURRENT_LABELS[Status(claim.status)]


def _rejected_way(claim: Claim, reached: dict[str, dt.datetime]) -> list[Step]:
    word = REJECTION_STEPS.get(claim.rejection_reason, Status.REJECTED.label)
    steps = [Step(FILED, StepState.DONE, claim.submitted_at)]
    if Status.APPROVED in reached:
        steps.append(Step(REVIEWED, StepState.DONE, reached[Status.APPROVED]))
    at = reached.get(Status.REJECTED)
    if claim.rejection_reason == RejectionReason.CUSTOMER_OPTED_OUT:
        at = reached.get(EventKind.OPTED_OUT, at)  # a sweep writes the rejection days later
    return [*steps, Step(word, StepState.STOPPED, at)]


def _disputed_way(claim: Claim, reached: dict[str, dt.datetime]) -> list[Step]:
    steps = [
        Step(FILED, StepState.DONE, claim.submitted_at),
        Step(Status.REJECTED.label, StepState.DONE, reached.get(Status.REJECTED)),
    ]
    if claim.status == Status.DISPUTE:
        steps.append(Step(Status.DISPUTE.label, StepState.CURRENT, claim.disputed_at))
        return [*steps, Step(CUSTOMER, StepState.TO_DO), Step(OFFICIAL, StepState.TO_DO)]
    steps.append(Step(Status.DISPUTE.label, StepState.DONE, claim.disputed_at))
    final = Status.REJECTED_FINAL
    has_lost = claim.rejection_reason == RejectionReason.LOST_MEDIATION
    word = RejectionReason.LOST_MEDIATION.label if has_lost else final.label
    return [*steps, Step(word, StepState.STOPPED, reached.get(final))]


def _ended_way(claim: Claim, reached: dict[str, dt.datetime]) -> list[Step]:
    ended = Step(Status.ENDED.label, StepState.STOPPED, reached.get(Status.ENDED))
    return [
        Step(FILED, StepState.DONE, claim.submitted_at),
        Step(REVIEWED, StepState.DONE, reached.get(Status.APPROVED)),
        Step(OFFICIAL, StepState.DONE, reached.get(Status.OFFICIAL)),
        ended,
    ]


_WAYS: dict[Status, Callable[[Claim, dict[str, dt.datetime]], list[Step]]] = {
    Status.REJECTED: _rejected_way,
    Status.DISPUTE: _disputed_way,
    Status.REJECTED_FINAL: _disputed_way,
    Status.ENDED: _ended_way,
}


def _what(event: Event) -> str:
    if event.kind != EventKind.MOVED:
        return str(EventKind(event.kind).label)
    if event.to_status == Status.REJECTED:
        return _rejection_in_words(event)
    move = (event.from_status, event.to_status)
    return str(MOVES_IN_WORDS.get(move, Status(event.to_status).label))


def _rejection_in_words(event: Event) -> str:
    if event.actor == Actor.STAFF:
        return _("Rejected the claim")
    return str(REJECTION_STEPS.get(event.reason_code, Status.REJECTED.label))


def _name_subjects(event: Event) -> list[str]:
    """Return what the row is about; for a corrected contact, from which address to which."""
    if event.kind == EventKind.CONTACT_CORRECTED:
        return [" → ".join(event.subject_names)]
    return event.subject_names


def _name_code(code: str) -> str:
    """Return the label of a code; a code in no list stays as it is."""
    for codes in CODE_LISTS:
        if code in codes.values:
            return str(codes(code).label)
    return str(EDITED_PARTS.get(code, code))
