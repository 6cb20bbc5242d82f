"""Slots that change hands, many at once: what former holders have ends, the winners begin [R35].

One by one, they would take as long as a hundred claims that nothing stands in the way of.
"""

import datetime as dt
from collections.abc import Collection

import structlog
from django.db import DatabaseError, transaction
from django.db.models import OuterRef, Subquery

from ..claims.grace import is_in_time
from ..contests.cases import CaseMoved, hold_cases
from ..contests.ending import hand_over
from ..enums import AssociationStatus, CaseStatus, Status
from ..models import Association, MediationCase
from . import bulk

log = structlog.get_logger(__name__)

#: Claims in one transaction: an opt-out of one of them waits for it.
TOGETHER = 25


class NotTogether(Exception):
    """Something else stands in the way of one of the claims: they are settled one by one."""


def find_won(claim_ids: Collection[int]) -> dict[int, dict[str, int | None]]:
    """Return, for each claim, the slots it asks for, with the case that it won and whose slot is held."""
    won = MediationCase.objects.open().filter(
        slot_key=OuterRef("slot_key"), status=CaseStatus.HANDOVER, winner=OuterRef("partner")
    )
    asked_for = Association.objects.filter(claim__in=claim_ids, status=AssociationStatus.PROPOSED)
    rows = asked_for.order_by().values_list("claim_id", "slot_key", Subquery(won.values("pk")[:1]))
    found: dict[int, dict[str, int | None]] = {pk: {} for pk in claim_ids}
    for claim_id, slot, case_id in rows:
        found[claim_id][slot] = case_id
    return found


def settle_together(claim_ids: Collection[int], *, at: dt.datetime) -> set[int]:
    """Hand slots over to those of these claims that won them, and make the claims official.

    Return the claims that became official. All do or none does: then, as any other claim in whose way
    something stands, they are to be settled one by one.
    """
    won = find_won(claim_ids)
    winners = [pk for pk, slots in won.items() if any(slots.values())]
    if not winners:
        return set()
    try:
        _settle(winners, [slots for pk, slots in won.items() if pk in winners], at=at)
    except (NotTogether, CaseMoved, DatabaseError) as error:
        log.info("handovers are settled claim by claim", claims=len(winners), error=repr(error))
        return set()
    return set(winners)


def _settle(winners: list[int], won: list[dict[str, int | None]], *, at: dt.datetime) -> None:
    case_ids = [pk for slots in won for pk in slots.values() if pk]
    slot_keys = [slot for slots in won for slot in slots]
    with transaction.atomic():
        with hold_cases(case_ids, slot_keys, now=at, claim_ids=winners) as held:
            claims = held[0].claims
            if any(claims[pk].status != Status.APPROVED for pk in winners):
                raise NotTogether
            if any(is_in_time(claims[pk], at=at) for pk in winners):
                raise NotTogether
            if any(each.case.status != CaseStatus.HANDOVER for each in held):
                raise NotTogether
            hand_over(held, now=at)
        if bulk.make_official(winners, at=at):
            raise NotTogether
