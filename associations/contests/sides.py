"""The sides of a case: who joins and leaves, their statements, and their disputes [R33], [R35]."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cpor_site.web.instants import to_microseconds

from .. import emails
from ..claims.history import SYSTEM, By, record_event
from ..claims.lifecycle import LifecycleError, hold_claim
from ..enums import Actor, AssociationStatus, CaseStatus, ContactRole, EventKind, Window
from ..models import CaseAnswer, CaseSide, Claim, Comment, MediationCase
from .cases import HeldCase, lock_case, save_case, start_window


class NoStatementNow(LifecycleError):
    """The limit for statements is over, or has not begun."""

    words = gettext_lazy("The time for statements is over, so nothing was changed.")


class NotASide(LifecycleError):
    """Nothing of the partner stands on the slot any more."""

    words = gettext_lazy("Your claim is no longer part of this mediation, so nothing was changed.")


class ChangedSince(LifecycleError):
    """Someone else acted after the page was opened that this was sent from."""

    words = gettext_lazy(
        "This has changed since you opened the page, so nothing was saved. Check it, then send your "
        "text again."
    )


class NoDisputeNow(LifecycleError):
    """The decision cannot be disputed by this side, or not now [R35]."""

    words = gettext_lazy("This decision can't be disputed now, so nothing was changed.")


def note_who_left(held: HeldCase, *, now: dt.datetime) -> None:
    """Record which sides no longer stand on the slot, and through which claim the others are reached."""
    for side in held.present:
        standing = held.contenders.get(side.partner_id)
        if not standing:
            side.left_at = now
            side.save(update_fields=["left_at"])
        elif side.claim_id not in {each.claim_id for each in standing}:
            side.claim = _choose_claim(held, side.partner_id)
            side.save(update_fields=["claim"])


def take_in(held: HeldCase, *, now: dt.datetime) -> bool:
    """Make each newcomer on the slot a side, and give all sides a full limit; return whether any came.

    A question to the customer ends with that, since it did not name the newcomer.
    """
    present = {each.partner_id for each in held.present}
    new = [partner_id for partner_id in held.contenders if partner_id not in present]
    if not new:
        return False
    case, before = held.case, list(held.present)
    joined = [_join(held, partner_id, now=now) for partner_id in new]
    case.status, case.asked_at, case.asked_until = CaseStatus.HEARING, None, None
    start_window(case, Window.CASE_STATEMENTS, [each.claim for each in held.present], now=now)
    save_case(case, "asked_at", "asked_until")
    for side in joined:
        _tell_opened(side, case, now=now)
    for side in before:
        emails.mediation_extended(side)
    return True


def _join(held: HeldCase, partner_id: int, *, now: dt.datetime) -> CaseSide:
    claim = _choose_claim(held, partner_id)
    side, _is_new = CaseSide.objects.update_or_create(
        case=held.case,
        partner_id=partner_id,
        defaults={"claim": claim, "left_at": None},
        create_defaults={"claim": claim, "joined_at": now},
    )
    side.case, side.claim = held.case, claim
    held.sides[partner_id] = side
    return side


def _choose_claim(held: HeldCase, partner_id: int) -> Claim:
    """Return the partner's claim that holds the slot, or else the one that has asked for it longest."""
    standing = held.contenders[partner_id]
    first = min(standing, key=lambda each: (each.status != AssociationStatus.OFFICIAL, each.pk))
    return held.claims[first.claim_id]


def _tell_opened(side: CaseSide, case: MediationCase, *, now: dt.datetime) -> None:
    """Tell a side by history, comment and email that the product is contested, never by whom [R33]."""
    claim = side.claim
    names = [str(case.product)]
    record_event(claim, EventKind.MEDIATION_OPENED, by=SYSTEM, subjects=names, now=now)
    contacts = (each for each in claim.contacts.all() if each.role == ContactRole.PARTNER)
    contact = next(contacts, None)
    with translation.override(contact.language if contact else settings.LANGUAGE_CODE):
        text = _(
            "Another partner holds or claims %(product)s as well. Give your newest proof and a short "
            "statement; the reviewers will then decide."
        ) % {"product": case.product}
    Comment.objects.create(claim=claim, side=Actor.STAFF, text=text, created_at=now)
    emails.mediation_opened(side)


def await_decision(held: HeldCase, *, now: dt.datetime) -> None:
    """Hand the case to the reviewers, with their full limit."""
    case = held.case
    case.status = CaseStatus.DECIDING
    start_window(case, Window.CASE_DECIDE, [each.claim for each in held.present], now=now)
    save_case(case)
    emails.case_to_decide(case, list(held.present))


def list_answers(case: MediationCase) -> QuerySet[CaseAnswer]:
    """Return the customer's answers that count, newest first: those to the questions that are current."""
    answers = CaseAnswer.objects.filter(
        question__case=case, question__created_at__gte=F("question__case__asked_at")
    )
    return answers.select_related("partner", "question").order_by("-id")


def give_statement(
    claim: Claim,
    case: MediationCase,
    *,
    actor,
    statement: str,
    now: dt.datetime,
    seen: int | None = None,
) -> CaseSide:
    """Keep a side's statement, at most 300 characters, in place of an earlier one [R33].

    ``seen`` is ``mark_seen`` of what the page showed. Raise NoStatementNow after the limit, NotASide, or
    ChangedSince if a colleague gave another statement in the meantime. Giving the same statement again
    changes nothing.
    """
    with _hold_side(claim, case) as side:
        if not side.case.takes_statements(at=now):
            raise NoStatementNow
        if side.statement != statement:
            _require_seen(side, seen)
            side.statement, side.stated_at = statement, now
            side.save(update_fields=["statement", "stated_at"])
            _record(side, EventKind.MEDIATION_STATED, actor, words=statement, now=now)
    return side


def dispute_verdict(
    claim: Claim,
    case: MediationCase,
    *,
    actor,
    words: str,
    now: dt.datetime,
    seen: int | None = None,
) -> CaseSide:
    """Dispute the decision for a side that lost: once, before the deadline; the handover waits [R35].

    ``seen`` is ``mark_seen`` of what the page showed. Raise NoDisputeNow, NotASide, or ChangedSince if the
    case was decided again in the meantime.
    """
    with _hold_side(claim, case) as side:
        if not can_dispute(side, now=now):
            raise NoDisputeNow
        _require_seen(side, seen)
        side.disputed_at, side.dispute = now, words
        side.save(update_fields=["disputed_at", "dispute"])
        side.case.status = CaseStatus.DISPUTED
        start_window(side.case, Window.DECIDE_DISPUTE, [side.claim], now=now)
        save_case(side.case)
        _record(side, EventKind.MEDIATION_DISPUTED, actor, words=words, now=now)
        emails.mediation_disputed(side.case, side)
    return side


@contextmanager
def hold_for_hearing(claim: Claim, case: MediationCase, *, now: dt.datetime) -> Iterator[Claim]:
    """Hold a claim that may get newer proof for its mediation now, whatever its status [R33].

    That is while statements are given, and together with a dispute. Raise NoStatementNow or NotASide.
    """
    with _hold_side(claim, case) as side:
        if not (side.case.takes_statements(at=now) or can_dispute(side, now=now)):
            raise NoStatementNow
        yield side.claim


def mark_seen(side: CaseSide) -> int:
    """Return a number for what a side's page shows of it: it changes with the statement or decision."""
    at = side.case.decided_at or side.stated_at
    return to_microseconds(at) if at else 0


def _require_seen(side: CaseSide, seen: int | None) -> None:
    if seen is not None and seen != mark_seen(side):
        raise ChangedSince


def can_dispute(side: CaseSide, *, now: dt.datetime) -> bool:
    """May this side dispute the decision now: did it lose, for the first time, and is it in time [R35]?"""
    case = side.case
    is_running = case.status == CaseStatus.DECIDED and case.is_before_due(at=now)
    return is_running and may_still_dispute(side)


def may_still_dispute(side: CaseSide) -> bool:
    """Did this side lose, and has it not disputed a decision of the case yet?"""
    return (
        side.left_at is None and side.partner_id != side.case.winner_id and side.disputed_at is None
    )


@contextmanager
def _hold_side(claim: Claim, case: MediationCase) -> Iterator[CaseSide]:
    """Lock a claim, then its case, for an act of the claim's partner. Raise NotASide."""
    with hold_claim(claim.pk) as held:
        locked = lock_case(case.pk)
        side = locked.sides.filter(partner=held.partner_id, left_at=None).first()
        if side is None:
            raise NotASide
        side.case, side.claim = locked, held
        yield side


def _record(side: CaseSide, kind: EventKind, actor, *, words: str, now: dt.datetime) -> None:
    names = [str(side.case.product)]
    record_event(side.claim, kind, by=By.partner(actor), reason=words, subjects=names, now=now)
