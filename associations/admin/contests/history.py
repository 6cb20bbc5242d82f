"""The history of a mediation case in words, told by its own rows and those of its sides' claims."""

import datetime as dt
from collections.abc import Iterator

from django.utils.translation import gettext as _

from cpor_site.web.instants import to_microseconds

from ...display.timeline import Entry
from ...enums import Actor, CaseOutcome, EventKind
from ...models import CaseQuestion, CaseSide, Event, MediationCase
from .questions import describe_answer
from .words import describe_winner, name_decider, name_winner

VERDICTS = (EventKind.MEDIATION_WON, EventKind.MEDIATION_LOST)


def tell_case(
    case: MediationCase, sides: list[CaseSide], questions: list[CaseQuestion]
) -> list[Entry]:
    """Return what happened, newest first; one query if a decision was disputed, else none."""
    entries = [
        _entry(_("Mediation opened"), case.opened_at),
        *_tell_sides(sides),
        *_tell_questions(questions),
        *_tell_verdicts(case, sides),
    ]
    if case.closed_at:
        outcome = str(CaseOutcome(case.outcome).label)
        entries.append(_entry(_("Mediation closed"), case.closed_at, reasons=[outcome]))
    return sorted(entries, key=lambda each: each.at)[::-1]


def _tell_sides(sides: list[CaseSide]) -> Iterator[Entry]:
    for side in sides:
        name = str(side.partner)
        yield _entry(_("Asked for proof and a statement"), side.joined_at, subjects=[name])
        if side.stated_at:
            yield _entry(_("Gave a statement"), side.stated_at, name, words=side.statement)
        if side.disputed_at:
            yield _entry(_("Disputed the decision"), side.disputed_at, name, words=side.dispute)
        if side.left_at:
            yield _entry(_("No longer claims or holds the product"), side.left_at, name)


def _tell_questions(questions: list[CaseQuestion]) -> Iterator[Entry]:
    asked: dict[dt.datetime, list[str]] = {}
    for question in questions:
        asked.setdefault(question.created_at, []).append(str(question))
        for answer in question.answers.all():
            words = describe_answer(answer)
            yield _entry(
                _("Customer answered"), answer.answered_at, question.name, subjects=[words]
            )
    for at, people in asked.items():
        yield _entry(_("Customer asked"), at, str(Actor.STAFF.label), subjects=people)


def _tell_verdicts(case: MediationCase, sides: list[CaseSide]) -> Iterator[Entry]:
    """Yield the decision that counts, and those before it that were disputed."""
    if case.decided_at is None:
        return
    yield _entry(describe_winner(case), case.decided_at, name_decider(case), words=case.reason)
    if any(each.disputed_at and each.disputed_at < case.decided_at for each in sides):
        yield from _tell_earlier_verdicts(case, sides, until=case.decided_at)


def _tell_earlier_verdicts(
    case: MediationCase, sides: list[CaseSide], *, until: dt.datetime
) -> Iterator[Entry]:
    """Yield the decisions that a later one replaced: the case keeps the last, the claims' history all."""
    partners = {each.claim_id: str(each.partner) for each in sides}
    rows = Event.objects.filter(
        claim__in=partners,
        kind__in=VERDICTS,
        subjects=str(case.product),
        at_microseconds__gte=to_microseconds(case.opened_at),
        at_microseconds__lt=to_microseconds(until),
    )
    by_instant: dict[int, list[Event]] = {}
    for row in rows:
        by_instant.setdefault(row.at_microseconds, []).append(row)
    for found in by_instant.values():
        won = next((each for each in found if each.kind == EventKind.MEDIATION_WON), None)
        row = found[0]
        who = row.actor_name or str(Actor.CUSTOMER.label)
        what = name_winner(partners[won.claim_id] if won else None)
        yield _entry(what, row.at, who, words=row.reason)


def _entry(
    what: str,
    at: dt.datetime,
    who: str = "",
    *,
    words: str = "",
    reasons: list[str] | None = None,
    subjects: list[str] | None = None,
) -> Entry:
    return Entry(
        what=what,
        who=who or str(Actor.SYSTEM.label),
        at=at,
        reasons=reasons or [],
        words=words,
        subjects=subjects or [],
        is_by_system=not who,
    )
