"""Make claims official that are approved, delivered, past their window and not refused [R29]–[R32].

``finalise_due`` works through what is due in chunks, one transaction each: it locks the claims (those
locked elsewhere are skipped until the next sweep) and makes the plain ones official by set-based SQL.
The rest are settled one by one: claims that the customer refused completely, and claims with an
obstacle, which are parked with its reason and stop no other row. ``look_again`` settles those once the
obstacle may be gone.

Late, repeated, overlapping or killed runs give the same result as one run. Nothing is settled before
the grace after its deadline is over [R31]; each function here checks that itself.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, OperationalError, transaction

from cpor_site.web.constraints import is_violation_of
from notifications import durability, outbox

from .. import emails
from ..claims import lifecycle, set_aside
from ..claims.grace import find_latest_closed, is_in_time
from ..claims.history import SYSTEM, record_event
from ..claims.slots import HELD_BY_ONE, find_own_ended, lock_holdings
from ..contests.cases import CaseMoved, HeldCase, hold_cases
from ..contests.ending import hand_over
from ..customer import notice_outcomes
from ..customer.delivered import is_delivered
from ..enums import AssociationStatus, EventKind, ParkedReason, Status
from ..filing.submission import reject_refused
from ..models import Association, Claim, SlotHolding
from . import bulk, parking
from .bulk import Due
from .handovers import TOGETHER, find_won, settle_together
from .obstacles import find_freed, find_obstacles

log = structlog.get_logger(__name__)

#: Claims per transaction. An opt-out waits for one chunk at the most, and with a claim, its products,
#: slots, history and email to write, a chunk of this size takes some forty milliseconds. A full one
#: is committed without waiting for the disk, as locks are kept until the disk has answered.
CHUNK = 250

#: Claims that were set aside and are looked at again in one sweep, one by one.
AGAIN = 1_000


@dataclass
class Outcome:
    """What a run of the finaliser did, in claims."""

    official: int = 0
    rejected: int = 0
    parked: int = 0


def finalise_due(
    *,
    at: dt.datetime,
    chunk: int = CHUNK,
    progress: Callable[[int], object] = lambda settled: None,
) -> Outcome:
    """Settle every approved claim whose window and grace were over at ``at`` [R29], [R31].

    ``at`` is the aware instant of the run, ``chunk`` the number of claims per
    transaction; ``progress`` is called with the size of each chunk.
    """
    outcome, due, hindered = Outcome(), None, set[int]()
    while due := _finalise_chunk(at, due, chunk, outcome, hindered):
        if len(hindered) >= TOGETHER:
            _settle_hindered(hindered, at, outcome)
        progress(len(due.ids))
    _settle_hindered(hindered, at, outcome)
    if outcome.official:
        outbox.deliver_on_commit()  # once per run: starting a task costs as much as a small chunk
    return outcome


def _finalise_chunk(
    at: dt.datetime, after: Due | None, size: int, outcome: Outcome, hindered: set[int]
) -> Due | None:
    """Settle the next chunk and return it, or None if nothing is due; add what is left to ``hindered``."""
    due = None
    try:
        with transaction.atomic():
            due = bulk.lock_due(find_latest_closed(at), after=after, size=size)
            if due is None:
                return None
            if (
                len(due.ids) == size
            ):  # More may come; where none does, it is on the disk within 0.6 s.
                durability.commit_without_waiting_for_the_disk()
            left = bulk.make_official(due.ids, at=at)
    except DatabaseError as error:
        if due is None:
            raise
        log.warning("a chunk is settled claim by claim", claims=len(due.ids), error=str(error))
        left = set(due.ids)
    outcome.official += len(due.ids) - len(left)
    hindered |= left
    return due


def _settle_hindered(hindered: set[int], at: dt.datetime, outcome: Outcome) -> None:
    """Settle claims in whose way something stands: handovers together, the rest one by one."""
    waiting = sorted(hindered)
    for first in range(0, len(waiting), TOGETHER):
        together = settle_together(waiting[first : first + TOGETHER], at=at)
        outcome.official += len(together)
        hindered -= together
    for pk in sorted(hindered):
        settle_alone(pk, at, outcome)
    hindered.clear()


def look_again(*, at: dt.datetime, limit: int = AGAIN) -> Outcome:
    """Settle what was set aside and may have no obstacle any more at ``at`` (aware) [R29].

    At most ``limit`` claims, each in its own transaction; the next sweep does the rest.
    """
    outcome = Outcome()
    _settle_hindered(set(find_freed(at, limit=limit)), at, outcome)
    if outcome.official:
        outbox.deliver_on_commit()
    return outcome


def settle_alone(claim_id: int, at: dt.datetime, outcome: Outcome) -> None:
    """Settle one claim in its own transaction; a fault sets it aside and stops no other."""
    try:
        won = find_won([claim_id])[claim_id]
        cases = [pk for pk in won.values() if pk]
        with hold_cases(cases, won.keys(), now=at, claim_ids=[claim_id]) as held:
            _settle(claim_id, held, at, outcome)
    except Exception as error:
        if is_passing(error):
            log.warning("claim is left to the next sweep", claim=claim_id, error=str(error))
            return
        log.exception("claim could not be finalised", claim=claim_id)
        _park_fault(claim_id, now=at)
        outcome.parked += 1


def is_passing(error: Exception) -> bool:
    """Return whether the fault is transient: the database went away, or a slot was taken concurrently."""
    if isinstance(error, (OperationalError, CaseMoved)):
        return True
    return is_violation_of(error, SlotHolding, HELD_BY_ONE)


def _settle(claim_id: int, held: list[HeldCase], at: dt.datetime, outcome: Outcome) -> None:
    claim = held[0].claims[claim_id] if held else lifecycle.lock_claim(claim_id)
    if not _is_due(claim, at):
        return
    if claim.status == Status.APPROVED and not is_delivered(claim):
        # No window runs on an undelivered notice [R21].
        notice_outcomes.stop_undelivered(claim, now=at)
        return
    _heed_what_was_ended_later(claim, now=at)
    proposed = list(
        claim.associations.filter(status=AssociationStatus.PROPOSED)
        .select_related("product")
        .order_by("pk")
    )
    if proposed:
        _settle_proposed(claim, proposed, held, at, outcome)
    elif claim.status == Status.APPROVED:
        reject_refused(claim, now=at)
        outcome.rejected += 1


def _is_due(claim: Claim, at: dt.datetime) -> bool:
    """Return whether the window and its grace are over, as they always are for an official claim."""
    if claim.status == Status.OFFICIAL:
        return True
    return claim.status == Status.APPROVED and not is_in_time(claim, at=at)


def _heed_what_was_ended_later(claim: Claim, *, now: dt.datetime) -> None:
    """Refuse what is set aside if the customer has since ended the partner's same association [R24].

    Ending it was the customer's last word on this partner and product, so a claim that waited behind it
    must not bring it back by itself.
    """
    since = claim.due_at or claim.status_since
    parked = claim.associations.filter(status=AssociationStatus.PROPOSED).exclude(parked_reason="")
    ended = [each for each in parked if since and find_own_ended(each, since=since)]
    for association in ended:
        lifecycle.change_association(association, AssociationStatus.OPTED_OUT, now=now)
    if ended:
        names = [str(each.product) for each in ended]
        record_event(claim, EventKind.OPTED_OUT, by=SYSTEM, subjects=names, now=now)


def _settle_proposed(
    claim: Claim,
    proposed: list[Association],
    held: list[HeldCase],
    at: dt.datetime,
    outcome: Outcome,
) -> None:
    # First the locks: of two claims of one partner, the second waits for the slot and then sees the first.
    taken = lock_holdings(each.slot_key for each in proposed)
    found = find_obstacles(claim, at)
    free = [each for each in proposed if each.pk not in found]
    taken -= _take_over({each.slot_key for each in free}, held, at=at)
    if free:
        _make_claim_official(claim, free, taken=taken, at=at)
        outcome.official += 1
    if found:
        reasons = {each: found[each.pk] for each in proposed if each.pk in found}
        parking.park(claim, reasons, by=SYSTEM, now=at)
        outcome.parked += not free


def _take_over(slots: set[str], held: list[HeldCase], *, at: dt.datetime) -> set[str]:
    """End what others hold on these slots, by mediations that the claim won; return the slots [R35]."""
    ours = [each for each in held if each.case.slot_key in slots]
    hand_over(ours, now=at)
    return {each.case.slot_key for each in ours}


def _make_claim_official(
    claim: Claim, free: list[Association], *, taken: set[str], at: dt.datetime
) -> None:
    """Make the products official, and the claim if it is not yet; tell the partner."""
    was_official = claim.status == Status.OFFICIAL
    lifecycle.save_held(claim)
    bulk.make_products_official(claim, [each.pk for each in free], taken=taken, at=at)
    claim.refresh_from_db(from_queryset=Claim.objects.select_related("tenant"))
    if any(each.parked_reason for each in free):
        set_aside.close_entry(claim)
    names = [str(each.product) for each in free]
    if was_official:
        event = record_event(claim, EventKind.PRODUCT_OFFICIAL, by=SYSTEM, subjects=names, now=at)
        emails.products_official(claim, event, products=names)
    else:
        emails.claim_official(claim, products=names)


def _park_fault(claim_id: int, *, now: dt.datetime) -> None:
    with transaction.atomic():
        claim = lifecycle.lock_claim(claim_id)
        stuck = claim.associations.filter(status=AssociationStatus.PROPOSED).select_related(
            "product"
        )
        parking.park(claim, dict.fromkeys(stuck, ParkedReason.FAULT), by=SYSTEM, now=now)
