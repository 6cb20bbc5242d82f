"""Bringing a case up to date: who joined, who left, what a passed limit or a final decision means [R35].

``settle_case`` finds what contends as it is now and takes every step that is due. Late, repeated or killed
runs give the same result as one run: the truth is in the claims, the slot and the case.
"""

import datetime as dt

import structlog
from django.db.models import Exists, OuterRef, Q

from ..claims.grace import is_closed
from ..claims.shared_slots import find_shared_slots
from ..claims.subscription_ends import find_last_local_day, is_over, over_by
from ..claims.visible import rivals_of
from ..enums import (
    UNDECIDED_CASES,
    Actor,
    AssociationStatus,
    CaseChoice,
    CaseOutcome,
    CaseStatus,
)
from ..models import Association, CaseSide, Claim, MediationCase, SlotHolding
from . import cases, sides, verdicts
from .cases import CaseMoved, HeldCase, hold_case
from .ending import close, make_final

log = structlog.get_logger(__name__)

#: Cases in one run; the next one, a minute later, takes the others.
AT_ONCE = 500
#: A passed limit of these leads on by itself; the others wait for staff, or for a claim to become official.
TIMED = (CaseStatus.HEARING, CaseStatus.ASKING, CaseStatus.DECIDED)


def settle_cases(*, now: dt.datetime) -> None:
    """Settle every open case for which something is due or has changed; a fault in one stops no other."""
    for pk in find_unsettled(now=now):
        try:
            settle_case(pk, now=now)
        except CaseMoved:
            continue  # the next run finds it as it is then
        except Exception:
            log.exception("a mediation case could not be settled", case=pk)


def settle_case(case_id: int, *, now: dt.datetime) -> None:
    """Take every step of a case that is due at ``now``. Raise CaseMoved as ``hold_case`` does."""
    with hold_case(case_id, now=now) as held:
        if not held.case.is_open:
            return
        if held.case.is_undecided:
            _settle_undecided(held, now=now)
        else:
            _settle_decided(held, now=now)
    reopen(held.case, now=now)


def catch_up(claim: Claim, *, now: dt.datetime) -> None:
    """Open and settle what is due about a claim that someone is about to decide on.

    Call it before the claim is locked: it locks the claims of other partners too.
    """
    slots = claim.associations.filter(status=AssociationStatus.PROPOSED).order_by()
    cases.open_on(cases.find_without_case(slots.values("slot_key"), now=now), now=now)
    for pk in cases.find_open_cases(claim).values_list("pk", flat=True):
        settle_case(pk, now=now)


def open_missing(*, now: dt.datetime) -> None:
    """Open cases for contested slots that have none: subscriptions may have been renewed, data corrected."""
    slots = find_shared_slots()
    if slots:
        cases.open_on(cases.find_without_case(slots, now=now), now=now)


def reopen(case: MediationCase, *, now: dt.datetime) -> None:
    """Open a new case if a closed one left several partners on the slot: more had come to it since."""
    if not case.is_open:
        cases.open_on(cases.find_without_case([case.slot_key], now=now), now=now)


def find_unsettled(*, now: dt.datetime, limit: int = AT_ONCE) -> list[int]:
    """Return the IDs of open cases with something to do at ``now``: one query over open cases alone.

    A case of which no one has been told yet, or whose limit has passed and leads on by itself; where a
    partner stands on the slot that is no side, or a side no longer does; or whose subscription is over.
    It may return one too many; ``settle_case`` checks again.
    """
    standing = Association.objects.filter(rivals_of(now=now), slot_key=OuterRef("slot_key"))
    newcomers = standing.exclude(
        partner__in=CaseSide.objects.filter(case=OuterRef(OuterRef("pk")), left_at=None).values(
            "partner"
        )
    )
    still_there = Association.objects.filter(
        rivals_of(now=now), slot_key=OuterRef("case__slot_key"), partner=OuterRef("partner")
    )
    leavers = CaseSide.objects.filter(~Exists(still_there), case=OuterRef("pk"), left_at=None)
    # A case that waits for staff is not due however late it is: it would keep others from their turn.
    is_due = Q(due_at__lte=now, status__in=TIMED) | Q(window_opened_at=None)
    joined = Q(Exists(newcomers), status__in=UNDECIDED_CASES)
    others = SlotHolding.objects.filter(slot_key=OuterRef("slot_key"), released_at=None).exclude(
        partner=OuterRef("winner")
    )
    handed_over = Q(~Exists(others), status=CaseStatus.HANDOVER)
    is_over = Q(
        over_by(find_last_local_day(now), path="subscription__"), status__in=UNDECIDED_CASES
    )
    changed = joined | Q(Exists(leavers)) | handed_over | is_over
    found = MediationCase.objects.open().filter(is_due | changed)
    return list(found.order_by("due_at", "pk").values_list("pk", flat=True)[:limit])


def _settle_undecided(held: HeldCase, *, now: dt.datetime) -> None:
    sides.note_who_left(held, now=now)
    if not held.is_contested:
        close(held, CaseOutcome.NO_CONTEST, now=now)
    elif _has_subscription_ended(held.case, now=now):
        close(held, CaseOutcome.SUBSCRIPTION_ENDED, now=now)
    elif sides.take_in(held, now=now):
        return  # a full limit has begun for everyone
    else:
        _advance(held, now=now)


def _has_subscription_ended(case: MediationCase, *, now: dt.datetime) -> bool:
    return case.subscription is not None and is_over(case.subscription, at=now)


def _advance(held: HeldCase, *, now: dt.datetime) -> None:
    """End the limit for the statements, or the customer's, if it is over."""
    case = held.case
    if case.status == CaseStatus.HEARING and _is_past(case, now=now):
        sides.await_decision(held, now=now)
    elif case.status == CaseStatus.ASKING and case.due_at and is_closed(case.due_at, at=now):
        _heed_customer(held, now=now)


def _heed_customer(held: HeldCase, *, now: dt.datetime) -> None:
    """Decide as the customer's newest answer says; on silence the reviewers decide [R33]."""
    answer = sides.list_answers(held.case).first()
    if answer is None or answer.choice == CaseChoice.OPERATOR:
        sides.await_decision(held, now=now)
        return
    chosen = held.sides.get(answer.partner_id or 0)
    if answer.choice == CaseChoice.PARTNER and (chosen is None or chosen.left_at is not None):
        sides.await_decision(held, now=now)
        return
    winner = chosen if answer.choice == CaseChoice.PARTNER else None
    verdicts.write_verdict(held, winner=winner, decider=Actor.CUSTOMER, reason="", now=now)


def _settle_decided(held: HeldCase, *, now: dt.datetime) -> None:
    case = held.case
    sides.note_who_left(held, now=now)
    winner = held.winner
    if case.winner_id and (winner is None or winner.left_at is not None):
        close(held, CaseOutcome.WINNER_LEFT, now=now)
    elif case.status == CaseStatus.HANDOVER:
        if held.find_holder_id() in (None, case.winner_id):
            close(held, CaseOutcome.CARRIED_OUT, now=now)
    elif not held.losers or (case.status == CaseStatus.DECIDED and _is_past(case, now=now)):
        make_final(held, now=now)


def _is_past(case: MediationCase, *, now: dt.datetime) -> bool:
    return case.due_at is not None and case.due_at <= now
