"""The decision of a case: one holder, or none, with a written reason [R35]."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from .. import emails
from ..claims.history import SYSTEM, By, record_event
from ..claims.lifecycle import LifecycleError
from ..enums import Actor, CaseStatus, EventKind, Window
from ..models import CaseSide, MediationCase
from .cases import CaseMoved, HeldCase, hold_case, save_case, start_window
from .ending import make_final
from .naming import require_neutral
from .sides import may_still_dispute


class NotDecidable(LifecycleError):
    """The case is not with the reviewers now."""

    words = _("This mediation can't be decided now: it has moved on. Nothing was changed.")


class MediatorHasStake(LifecycleError):
    """Members of either partner neither see nor decide a case [R19], [R33]."""

    words = _("You are a member of one of these partners, so someone else must decide.")


def decide_case(
    case: MediationCase,
    *,
    actor,
    winner: int | None,
    reason: str,
    now: dt.datetime,
    revision: int | None = None,
) -> MediationCase:
    """Decide a case for the partner with the ID ``winner``, or for none; all sides read ``reason``.

    The winner's claim can be approved at once; nothing is taken from the others until the decision is final.
    Raise NotDecidable, CaseMoved, MediatorHasStake, or LifecycleError if the reason is empty or names a side.
    """
    with hold_case(case.pk, now=now) as held:
        require_no_stake(actor, held)
        if revision is not None and revision != held.case.revision:
            raise CaseMoved
        if not held.case.is_decidable:
            raise NotDecidable
        _require_current(held, winner)
        if not reason.strip():
            raise LifecycleError(_("Give the reason for the decision."))
        require_neutral(reason, held.sides.values())
        chosen = held.sides[winner] if winner is not None else None
        by = By.staff(actor)
        held.case.decided_by = actor
        write_verdict(held, winner=chosen, decider=Actor.STAFF, reason=reason, by=by, now=now)
    return held.case


def require_no_stake(actor, held: HeldCase) -> None:
    """Raise MediatorHasStake for a member of a partner that is, or now comes, on the slot; one query."""
    partners = {*held.sides, *held.contenders}
    if actor.memberships.filter(partner__in=partners).exists():
        raise MediatorHasStake


def _require_current(held: HeldCase, winner: int | None) -> None:
    """Raise CaseMoved unless the sides are those on the slot now, and the winner is one of them."""
    present = {each.partner_id for each in held.present}
    if not held.is_contested or winner not in {None, *present}:
        raise CaseMoved
    if held.case.is_undecided and present != held.contenders.keys():
        raise CaseMoved


def write_verdict(
    held: HeldCase,
    *,
    winner: CaseSide | None,
    decider: Actor,
    reason: str,
    now: dt.datetime,
    by: By = SYSTEM,
) -> None:
    """Write the decision into a held case and tell each side; final at once if no one can dispute it."""
    case = held.case
    case.status, case.winner = CaseStatus.DECIDED, winner.partner if winner else None
    case.decided_at, case.decider, case.reason = now, decider, reason
    start_window(case, Window.CASE_DISPUTE, [each.claim for each in held.present], now=now)
    save_case(case, "winner", "decided_at", "decided_by", "decider", "reason")
    for side in held.present:
        _tell(side, by=by, now=now)
    if not any(may_still_dispute(each) for each in held.present):
        make_final(held, now=now)


def _tell(side: CaseSide, *, by: By, now: dt.datetime) -> None:
    case = side.case
    has_won = side.partner_id == case.winner_id
    kind = EventKind.MEDIATION_WON if has_won else EventKind.MEDIATION_LOST
    names = [str(case.product)]
    record_event(side.claim, kind, by=by, reason=case.reason, subjects=names, now=now)
    if has_won:
        emails.mediation_won(side)
    else:
        emails.mediation_lost(side, can_dispute=may_still_dispute(side))
