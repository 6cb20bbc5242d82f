"""Carrying out a decision that no one can dispute any more, and closing a case [R35]."""

import datetime as dt

from .. import emails
from ..claims import lifecycle, staff_notes
from ..claims.history import SYSTEM, record_event
from ..claims.slots import release_all
from ..enums import (
    AssociationStatus,
    CaseOutcome,
    CaseStatus,
    EventKind,
    RejectionReason,
    Status,
)
from ..models import Association, CaseSide, Claim, MediationCase
from .cases import HeldCase, save_case

#: A product that the claim still asks for or holds.
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
            _end_holding(held, side, now=now)
        release_all([case.slot_key], now=now)
    elif holder not in (None, case.winner_id):
        case.status, case.window_opened_at, case.due_at = CaseStatus.HANDOVER, now, None
        save_case(case)
        return
    close(held, CaseOutcome.CARRIED_OUT, now=now)


def close(held: HeldCase, outcome: CaseOutcome, *, now: dt.datetime) -> None:
    """Close a held case; if it ends without a decision that stands, tell the sides that are left."""
    _close([held.case], outcome, now=now)
    if outcome == CaseOutcome.CARRIED_OUT:
        return
    for side in held.present:
        names = [str(held.case.product)]
        record_event(side.claim, EventKind.MEDIATION_OVER, by=SYSTEM, subjects=names, now=now)
        emails.mediation_over(side)


def _close(cases: list[MediationCase], outcome: CaseOutcome, *, now: dt.datetime) -> None:
    for case in cases:
        case.status, case.outcome, case.closed_at = CaseStatus.CLOSED, outcome, now
        case.due_at = None
        case.revision += 1
    fields = ["status", "outcome", "closed_at", "due_at", "revision"]
    MediationCase.objects.bulk_update(cases, fields)


def hand_over(held: list[HeldCase], *, now: dt.datetime) -> None:
    """End what former holders have on these slots, so that the winners can take them in this transaction.

    The caller then makes the winners' associations official, or nothing of this stays.
    """
    if not held:
        return
    for each in held:
        for side in each.losers:
            _end_holding(each, side, now=now)
    release_all([each.case.slot_key for each in held], now=now)
    _close([each.case for each in held], CaseOutcome.CARRIED_OUT, now=now)


def _end_holding(held: HeldCase, side: CaseSide, *, now: dt.datetime) -> None:
    """End a side's official associations on the slot, and tell the partner; the caller releases the slot.

    They are handed over, or only end if the decision names no one.
    """
    kind = EventKind.HANDED_OVER if held.case.winner_id else EventKind.ASSOCIATION_ENDED
    official = held.list_products(side.partner_id, AssociationStatus.OFFICIAL)
    words = held.case.reason
    for claim, products in _group(official):
        for each in products:
            lifecycle.change_association(each, AssociationStatus.ENDED, now=now)
        names = [str(each.product) for each in products]
        event = record_event(claim, kind, by=SYSTEM, reason=words, subjects=names, now=now)
        if not claim.associations.filter(status=AssociationStatus.OFFICIAL).exists():
            lifecycle.change_status(claim, Status.ENDED, by=SYSTEM, reason=words, now=now)
        emails.handed_over(claim, event, products=names, words=words)


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
