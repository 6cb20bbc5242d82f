"""The lifecycle of a claim: the declared moves and the only writer of a status [R1].

``change_status`` locks the claim, reads it again, checks the move, writes status, clock and history in
the caller's transaction. ``lifecycle_bulk`` is its set-based twin for finalisation, and moves claims
only from Approved to Official.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from .. import clock
from ..enums import UNDISPUTABLE_REASONS, Actor, AssociationStatus, EventKind, Status, Window
from ..models import Association, Claim
from . import set_aside
from .deadlines import ACTS_IN, open_window
from .history import By, record_event


class LifecycleError(Exception):
    """Something that may not happen now; ``str()`` tells a person why. Nothing was changed."""


class MoveNotAllowed(LifecycleError):
    """No such move exists, or not for this actor."""


class StaleClaim(LifecycleError):
    """Somebody else changed the claim after this page was shown."""


@dataclass(frozen=True)
class Move:
    source: Status
    target: Status
    actors: frozenset[Actor]


def _move(source: Status, target: Status, *actors: Actor) -> tuple[tuple[Status, Status], Move]:
    return (source, target), Move(source, target, frozenset(actors))


#: Section 3, from both of its columns; what is not here does not exist.
MOVES: dict[tuple[Status, Status], Move] = dict(
    [
        _move(Status.EDITING, Status.SUBMITTED, Actor.PARTNER),
        _move(Status.SUBMITTED, Status.UNDER_REVIEW, Actor.STAFF),
        _move(Status.SUBMITTED, Status.REJECTED, Actor.PARTNER),
        _move(Status.UNDER_REVIEW, Status.ACTION_REQUIRED, Actor.STAFF),
        _move(Status.UNDER_REVIEW, Status.APPROVED, Actor.STAFF),
        _move(Status.UNDER_REVIEW, Status.REJECTED, Actor.STAFF, Actor.PARTNER),
        _move(Status.ACTION_REQUIRED, Status.UNDER_REVIEW, Actor.PARTNER),
        _move(Status.ACTION_REQUIRED, Status.REJECTED, Actor.PARTNER, Actor.SYSTEM),
        _move(Status.APPROVED, Status.OFFICIAL, Actor.SYSTEM),
        _move(Status.APPROVED, Status.REJECTED, Actor.PARTNER, Actor.SYSTEM),
        _move(Status.OFFICIAL, Status.ENDED, Actor.CUSTOMER, Actor.PARTNER, Actor.SYSTEM),
        _move(Status.REJECTED, Status.DISPUTE, Actor.PARTNER),
        _move(Status.DISPUTE, Status.UNDER_REVIEW, Actor.STAFF),
        _move(Status.DISPUTE, Status.APPROVED, Actor.STAFF),
        _move(Status.DISPUTE, Status.REJECTED_FINAL, Actor.STAFF),
    ]
)

#: The window that opens with a status. Approved has none: its window opens when the customer's notice
#: was accepted by the mail server [R21].
WINDOW_OF = {
    Status.SUBMITTED: Window.BEGIN_REVIEW,
    Status.UNDER_REVIEW: Window.DECIDE,
    Status.ACTION_REQUIRED: Window.PARTNER_ANSWER,
    Status.REJECTED: Window.PARTNER_DISPUTE,
    Status.DISPUTE: Window.DECIDE_DISPUTE,
}

ASSOCIATION_MOVES = {
    (AssociationStatus.PROPOSED, AssociationStatus.EXCLUDED),
    (AssociationStatus.EXCLUDED, AssociationStatus.PROPOSED),
    (AssociationStatus.PROPOSED, AssociationStatus.OPTED_OUT),
    (AssociationStatus.OPTED_OUT, AssociationStatus.PROPOSED),
    (AssociationStatus.PROPOSED, AssociationStatus.OFFICIAL),
    (AssociationStatus.OFFICIAL, AssociationStatus.ENDED),
}

#: Where nothing of a claim is held back any more.
OVER = (Status.REJECTED, Status.REJECTED_FINAL, Status.ENDED)

#: What the customer's clock is made of.
CLOCK_FIELDS = ("window_opened_at", "due_at", "due_time_zone", "turn", "updated_at")

#: The instant to stamp with an association's new status.
STAMP_OF = {
    AssociationStatus.OPTED_OUT: "opted_out_at",
    AssociationStatus.OFFICIAL: "official_at",
    AssociationStatus.ENDED: "ended_at",
}


def lock_claim(claim_id: int) -> Claim:
    """Read a claim afresh and hold it until the caller's transaction ends.

    On SQLite the transaction itself is the lock (it begins IMMEDIATE).
    """
    return (
        Claim.objects.select_for_update(of=("self",))
        .select_related("tenant", "location", "partner")
        .get(pk=claim_id)
    )


def is_move_declared(source: str, target: str, actor: str) -> bool:
    move = MOVES.get((Status(source), Status(target)))
    return move is not None and actor in move.actors


@transaction.atomic
def change_status(
    claim: Claim,
    target: Status,
    *,
    by: By,
    reason_code: str = "",
    reason: str = "",
    subjects: tuple[str, ...] = (),
) -> Claim:
    """Move ``claim`` to ``target``: the only place where a claim's status changes [R1].

    Opens the window that belongs to the new status, writes the history row, and brings ``claim`` up
    to date. Raises MoveNotAllowed, with nothing changed, where the move does not exist for ``by``.
    """
    fresh = lock_claim(claim.pk)
    if not is_move_declared(fresh.status, target, by.actor):
        raise MoveNotAllowed(
            _("A claim that is “%(now)s” cannot become “%(wanted)s” in this way.")
            % {"now": fresh.get_status_display(), "wanted": target.label}
        )
    source = fresh.status
    fresh.status = target
    fresh.status_since = clock.now()
    fresh.rejection_reason = _find_rejection_reason(fresh, target, reason_code)
    fresh.revision += 1
    _set_clock(fresh)
    fresh.save()
    record_event(
        fresh,
        EventKind.MOVED,
        by=by,
        from_status=source,
        to_status=target,
        reason_code=reason_code,
        reason=reason,
        subjects=subjects,
    )
    claim.refresh_from_db()
    return claim


def _find_rejection_reason(claim: Claim, target: Status, reason_code: str) -> str:
    """Why the claim stands rejected; nothing of that is left once a dispute was won."""
    if target == Status.REJECTED:
        return reason_code
    return "" if target == Status.APPROVED else claim.rejection_reason


def _set_clock(claim: Claim) -> None:
    """Stop the running window and what it was parked for; open the one of the new status [R4]."""
    claim.window_opened_at = claim.due_at = None
    claim.due_time_zone = claim.turn = ""
    claim.is_parked = False
    if claim.status in OVER:
        set_aside.forget_obstacles(claim)
    window = WINDOW_OF.get(Status(claim.status))
    if claim.status == Status.APPROVED:
        claim.turn = Actor.CUSTOMER
    elif window and is_window_due(claim):
        _open(claim, window)


def is_window_due(claim: Claim) -> bool:
    """Does the claim's status give somebody time? A rejection only where it can be disputed [R2]."""
    if claim.status != Status.REJECTED:
        return True
    return claim.disputed_at is None and claim.rejection_reason not in UNDISPUTABLE_REASONS


def _open(claim: Claim, window: Window) -> None:
    claim.window_opened_at = clock.now()
    deadline = open_window(window, claim, at=claim.window_opened_at)
    claim.due_at, claim.due_time_zone = deadline.at, deadline.time_zone
    claim.turn = ACTS_IN[window]


def open_customer_window(claim: Claim) -> None:
    """Start the customer's clock on a locked, approved claim: its notice was accepted [R21]."""
    require_status(claim, Status.APPROVED)
    _open(claim, Window.CUSTOMER_OPT_OUT)
    claim.save(update_fields=CLOCK_FIELDS)


def stop_customer_window(claim: Claim) -> None:
    """Stop the clock of a locked, approved claim: its notice did not arrive [R21].

    It is then the partner's turn, who must name a better contact; no deadline runs until then. A claim
    that was parked is no longer parked: it is looked at again when the new window is over.
    """
    require_status(claim, Status.APPROVED)
    claim.window_opened_at = claim.due_at = None
    claim.due_time_zone, claim.turn = "", Actor.PARTNER
    if claim.is_parked:
        claim.is_parked = False
        set_aside.forget_obstacles(claim)
    claim.save(update_fields=[*CLOCK_FIELDS, "is_parked"])


def await_notice(claim: Claim) -> None:
    """A new notice is on its way: the customer's turn again, with no deadline yet [R21]."""
    _await(claim, Actor.CUSTOMER)


def await_confirmation(claim: Claim) -> None:
    """A reviewer must confirm a contact before the notice goes out: their turn, without a deadline [R57]."""
    _await(claim, Actor.STAFF)


def _await(claim: Claim, actor: Actor) -> None:
    """Whoever looked at the locked claim before must look again, so its revision moves on."""
    require_status(claim, Status.APPROVED)
    claim.turn = actor
    claim.revision += 1
    claim.save(update_fields=["turn", "revision", "updated_at"])


def require_status(claim: Claim, *allowed: Status) -> None:
    """Raise MoveNotAllowed unless the (locked) claim stands at one of ``allowed``."""
    if claim.status not in allowed:
        raise MoveNotAllowed(
            _("This cannot be done while the claim is “%(now)s”.")
            % {"now": claim.get_status_display()}
        )


def require_revision(claim: Claim, revision: int | None) -> None:
    """Raise StaleClaim if the (locked) claim was changed since a page with ``revision`` was shown."""
    if revision is not None and revision != claim.revision:
        raise StaleClaim(
            _(
                "This claim was changed after you opened the page, by somebody else or in another "
                "window. Nothing of yours was saved over it: look at what is there now, then send "
                "yours again."
            )
        )


def change_association(association: Association, target: AssociationStatus) -> Association:
    """Set the status of one product of a locked claim; the caller writes the history row.

    Whatever parked it is over with that. Raises MoveNotAllowed where no such move is declared.
    """
    if (AssociationStatus(association.status), target) not in ASSOCIATION_MOVES:
        raise MoveNotAllowed(
            _("%(product)s is “%(now)s” and cannot become “%(wanted)s”.")
            % {
                "product": association.product,
                "now": association.get_status_display(),
                "wanted": target.label,
            }
        )
    association.status = target
    association.opted_out_at = None
    was_parked = set_aside.clear(association)
    stamp = STAMP_OF.get(target)
    if stamp:
        setattr(association, stamp, clock.now())
    association.save()
    if was_parked:
        set_aside.close_entry(association.claim)
    return association
