"""A claim's history in words, for the decision page."""

from dataclasses import dataclass

from django.utils.functional import Promise

from ..enums import (
    ContactRole,
    InformationReason,
    ParkedReason,
    RejectionReason,
    Status,
)
from ..models import Claim, Event

#: Labels of every code that a history row can have as its reason.
REASON_WORDS: dict[str, str | Promise] = {
    code: label
    for choices in (RejectionReason, InformationReason, ParkedReason, ContactRole)
    for code, label in choices.choices
}


@dataclass(frozen=True)
class Line:
    """A row of history as it is shown."""

    event: Event
    title: str
    from_label: str
    to_label: str
    reasons: list[str]


def read_history(claim: Claim) -> list[Line]:
    """Return the claim's history, newest first."""
    return [_describe(event) for event in claim.events.order_by("-number")]


def _describe(event: Event) -> Line:
    return Line(
        event=event,
        title=event.get_kind_display(),
        from_label=_status_label(event.from_status),
        to_label=_status_label(event.to_status),
        reasons=[_reason_label(code) for code in event.reason_code.split(",") if code],
    )


def _status_label(code: str) -> str:
    return str(Status(code).label) if code else ""


def _reason_label(code: str) -> str:
    """Return the label of a reason, or else the name of the field that was edited."""
    if code in REASON_WORDS:
        return str(REASON_WORDS[code])
    fields = {each.name: each for each in Claim._meta.get_fields()}
    field = fields.get(code)
    return str(getattr(field, "verbose_name", code.replace("_", " ")))
