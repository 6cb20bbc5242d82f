"""Carrying out a decision that no one can dispute any more, and closing a case [R35]."""

import datetime as dt

from .. import emails
from ..claims import lifecycle, staff_notes
from ..claims.history import SYSTEM, record_event
from ..claims.slots import release_slot
from ..enums import (
    AssociationStatus,
    CaseOutcome,
    CaseStatus,
    EventKind,
    RejectionReason,
    Status,
)
from ..models import Association, CaseSide, Claim
from .cases import HeldCase

#: After these a claim still has something: it asks, holds, or its customer may still take a refusal back.
LEFT = (AssociationStatus.PROPOSED, AssociationStatus.OFFICIAL)


def make_final(held: HeldCase, *, now: dt.datetime) -> None:
    """Take what the losing sides ask for off their claims; a holder keeps the slot until the handover.

    If the decision names no one, a holder's association ends now.
    """
    case = held.case
    losers = list(held.losers)
    for side in losers:
        _take_off(held, side, now=now)
    holder = held.find_holder_id()
    if case.winner_id is None:
        for side in losers:
            end_holding(held, side, now=now)
    elif holder not in (None, case.winner_id):
        case.status, case.window_opened_at, case.due_at = CaseStatus.HANDOVER, now, None
        case.revision += 1
        case.save(update_fields=["status", "window_opened_at", "due_at", "revision"])
        return
    close(held, CaseOutcome.CARRIED_OUT, now=now)


def close(held: HeldCase, outcome: CaseOutcome, *, now: dt.datetime) -> None:
    """Close a held case; if it ends without a decision that stands, tell the sides that are left."""
    case = held.case
    case.status, case.outcome, case.closed_at = CaseStatus.CLOSED, outcome, now
    case.due_at = None
    case.revision += 1
    case.save(update_fields=["status", "outcome", "closed_at", "due_at", "revision"])
    if outcome == CaseOutcome.CARRIED_OUT:
        return
    for side in held.present:
        names = [str(case.product)]
        record_event(side.claim, EventKind.MEDIATION_OVER, by=SYSTEM, subjects=names, now=now)
        emails.mediation_over(side)


def hand_over(held: HeldCase, *, now: dt.datetime) -> None:
    """End what the former holder has on the slot, so that the winner can take it in the same transaction.

    The caller then makes the winner's association official, or nothing of this stays.
    """
    for side in held.losers:
        end_holding(held, side, now=now)
    close(held, CaseOutcome.CARRIED_OUT, now=now)


def end_holding(held: HeldCase, side: CaseSide, *, now: dt.datetime) -> None:
    """End a side's official associations on the slot and release it; tell the partner [R35].

    They are handed over, or only end if the decision names no one.
    """
    kind = EventKind.HANDED_OVER if held.case.winner_id else EventKind.ASSOCIATION_ENDED
    official = held.list_products(side.partner_id, AssociationStatus.OFFICIAL)
    for claim, products in _group(official):
        for each in products:
            lifecycle.change_association(each, AssociationStatus.ENDED, now=now)
            release_slot(each, now=now)
        names = [str(each.product) for each in products]
        event = record_event(
            claim,
            kind,
            by=SYSTEM,
            reason=held.case.reason,
            subjects=names,
            now=now,
        )
        if not claim.associations.filter(status=AssociationStatus.OFFICIAL).exists():
            lifecycle.change_status(
                claim, Status.ENDED, by=SYSTEM, reason=held.case.reason, now=now
            )
        emails.handed_over(claim, event, products=names, words=held.case.reason)


def _take_off(held: HeldCase, side: CaseSide, *, now: dt.datetime) -> None:
    """Exclude what a losing side asks for; reject each claim of which nothing is left [R35]."""
    proposed = held.list_products(side.partner_id, AssociationStatus.PROPOSED)
    for claim, products in _group(proposed):
        for each in products:
            lifecycle.change_association(each, AssociationStatus.EXCLUDED, now=now)
        record_event(
            claim,
            EventKind.EXCLUDED,
            by=SYSTEM,
            reason_code=RejectionReason.LOST_MEDIATION,
            subjects=[str(each.product) for each in products],
            now=now,
        )
        if not _is_anything_left(claim):
            _reject(claim, words=held.case.reason, now=now)


def _is_anything_left(claim: Claim) -> bool:
    """Does the claim still ask for or hold anything, or can its customer take a refusal back?"""
    statuses = set(claim.associations.values_list("status", flat=True))
    may_return = claim.status == Status.APPROVED and not claim.is_parked
    return bool(statuses & set(LEFT)) or (may_return and AssociationStatus.OPTED_OUT in statuses)


def _reject(claim: Claim, *, words: str, now: dt.datetime) -> None:
    staff_notes.settle_unconfirmed(claim)
    target = Status.REJECTED_FINAL if claim.status == Status.DISPUTE else Status.REJECTED
    claim.reviewer_message = words
    claim.write("reviewer_message")
    lifecycle.change_status(
        claim,
        target,
        by=SYSTEM,
        reason_code=RejectionReason.LOST_MEDIATION,
        reason=words,
        now=now,
    )
    emails.claim_rejected(claim, words=words, now=now)


def _group(products: list[Association]) -> list[tuple[Claim, list[Association]]]:
    """Group associations by their claim."""
    by_claim: dict[int, tuple[Claim, list[Association]]] = {}
    for each in products:
        by_claim.setdefault(each.claim_id, (each.claim, []))[1].append(each)
    return list(by_claim.values())
