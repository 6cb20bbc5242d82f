"""The lifecycle of a claim: the declared moves and the only writer of a status [R1].

An act on a claim locks it, reads it again and saves it once: ``hold_claim`` is the way to do so.
``change_status`` takes the locked claim, checks the move and writes status, clock and history.
``finalisation.bulk`` is its set-based twin, and moves claims only from Approved to Official.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from .. import clock
from ..enums import Actor, AssociationStatus, EventKind, Status, Window
from ..models import Association, Claim
from . import set_aside
from .deadlines import ACTS_IN, open_window
from .history import By, record_event


class LifecycleError(Exception):
    """Something that may not happen now; ``str()`` tells a person why. Nothing was changed."""


class MoveNotAllowed(LifecycleError):
    """No such move exists, or not for this actor."""


class NotNow(MoveNotAllowed):
    """The status of the claim does not allow this."""

    def __init__(self, claim: Claim):
        super().__init__(
            _("This cannot be done while the claim is “%(now)s”.")
            % {"now": claim.get_status_display()}
        )


class StaleClaim(LifecycleError):
    """The claim was changed after this page was shown."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This claim was changed after you opened the page, by someone else or in another "
                "window. Your version has not been saved: check what is there now, then send "
                "yours again."
            )
        )


#: Section 3, from both of its columns: source and target → who may. What is not here does not exist.
MOVES: dict[tuple[Status, Status], tuple[Actor, ...]] = {
    (Status.EDITING, Status.SUBMITTED): (Actor.PARTNER,),
    (Status.SUBMITTED, Status.UNDER_REVIEW): (Actor.STAFF,),
    (Status.SUBMITTED, Status.REJECTED): (Actor.PARTNER,),
    (Status.UNDER_REVIEW, Status.ACTION_REQUIRED): (Actor.STAFF,),
    (Status.UNDER_REVIEW, Status.APPROVED): (Actor.STAFF,),
    (Status.UNDER_REVIEW, Status.REJECTED): (Actor.STAFF, Actor.PARTNER),
    (Status.ACTION_REQUIRED, Status.UNDER_REVIEW): (Actor.PARTNER,),
    (Status.ACTION_REQUIRED, Status.REJECTED): (Actor.PARTNER, Actor.SYSTEM),
    (Status.APPROVED, Status.OFFICIAL): (Actor.SYSTEM,),
    (Status.APPROVED, Status.REJECTED): (Actor.PARTNER, Actor.SYSTEM),
    (Status.OFFICIAL, Status.ENDED): (Actor.CUSTOMER, Actor.PARTNER, Actor.SYSTEM),
    (Status.REJECTED, Status.DISPUTE): (Actor.PARTNER,),
    (Status.DISPUTE, Status.UNDER_REVIEW): (Actor.STAFF,),
    (Status.DISPUTE, Status.APPROVED): (Actor.STAFF,),
    (Status.DISPUTE, Status.REJECTED_FINAL): (Actor.STAFF,),
}

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

#: What a clock is made of.
CLOCK_FIELDS = ("window_opened_at", "due_at", "due_time_zone", "turn", "updated_at")
#: What a change of status writes.
STATUS_FIELDS = (
    *("status", "status_since", "rejection_reason", "revision", "is_parked"),
    *CLOCK_FIELDS,
)

#: The instant to stamp with an association's new status.
STAMP_OF = {
    AssociationStatus.OPTED_OUT: "opted_out_at",
    AssociationStatus.OFFICIAL: "official_at",
    AssociationStatus.ENDED: "ended_at",
}


def lock_claim(claim_id: int) -> Claim:
    """Read a claim again and lock it until the caller's transaction ends.

    On SQLite the transaction itself is the lock (it begins IMMEDIATE).
    """
    claim = (
        Claim.objects.select_for_update(of=("self",))
        .select_related("tenant", "location", "partner")
        .get(pk=claim_id)
    )
    claim.is_locked = True
    return claim


@contextmanager
def hold_claim(claim_id: int) -> Iterator[Claim]:
    """Lock a claim for one act, in a transaction of its own, and save it once at the end.

    What is written to it in the block (``Claim.write``) is saved in one UPDATE, and nothing where the
    block raises. Raises Claim.DoesNotExist.
    """
    with transaction.atomic():
        claim = lock_claim(claim_id)
        claim.unsaved = set()
        try:
            yield claim
            if claim.unsaved:
                claim.save(update_fields=claim.unsaved)
        finally:
            claim.is_locked, claim.unsaved = False, None


def is_move_declared(source: str, target: str, actor: str) -> bool:
    return actor in MOVES.get((Status(source), Status(target)), ())


def change_status(
    claim: Claim,
    target: Status,
    *,
    by: By,
    reason_code: str = "",
    reason: str = "",
    subjects: tuple[str, ...] = (),
) -> Claim:
    """Move the locked ``claim`` to ``target``: the only place where a claim's status changes [R1].

    Opens the window that belongs to the new status and writes the history row. Raises MoveNotAllowed,
    with nothing changed, where the move does not exist for ``by``, and RuntimeError where the caller
    did not lock the claim (``hold_claim``, ``lock_claim``).
    """
    if not (claim.is_locked and connection.in_atomic_block):
        raise RuntimeError("The status of a claim changes under its lock.")
    if not is_move_declared(claim.status, target, by.actor):
        raise MoveNotAllowed(
            _("A claim that is “%(now)s” cannot become “%(wanted)s” in this way.")
            % {"now": claim.get_status_display(), "wanted": target.label}
        )
    source = claim.status
    claim.status = target
    claim.status_since = clock.now()
    claim.rejection_reason = _find_rejection_reason(claim, target, reason_code)
    claim.revision += 1
    _set_clock(claim)
    claim.write(*STATUS_FIELDS)
    record_event(
        claim,
        EventKind.MOVED,
        by=by,
        from_status=source,
        to_status=target,
        reason_code=reason_code,
        reason=reason,
        subjects=subjects,
    )
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
    """Does the claim's status start a clock? A rejection only where it can be disputed [R2]."""
    return claim.status != Status.REJECTED or claim.is_disputable


def _open(claim: Claim, window: Window) -> None:
    claim.window_opened_at = clock.now()
    deadline = open_window(window, claim, at=claim.window_opened_at)
    claim.due_at, claim.due_time_zone = deadline.at, deadline.time_zone
    claim.turn = ACTS_IN[window]


def open_customer_window(claim: Claim) -> None:
    """Start the customer's clock on a locked, approved claim: its notice was accepted [R21]."""
    require_status(claim, Status.APPROVED)
    _open(claim, Window.CUSTOMER_OPT_OUT)
    claim.write(*CLOCK_FIELDS)


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
    claim.write(*CLOCK_FIELDS, "is_parked")


def await_notice(claim: Claim) -> None:
    """A new notice is on its way: the customer's turn again, with no deadline yet [R21]."""
    _await(claim, Actor.CUSTOMER)


def await_confirmation(claim: Claim) -> None:
    """A reviewer must confirm a contact before the notice goes out: their turn, without a deadline [R57]."""
    _await(claim, Actor.STAFF)


def _await(claim: Claim, actor: Actor) -> None:
    """Give the turn on a locked claim; its revision moves on, since pages opened before are stale."""
    require_status(claim, Status.APPROVED)
    claim.turn = actor
    claim.revision += 1
    claim.write("turn", "revision", "updated_at")


def require_status(claim: Claim, *allowed: Status) -> None:
    """Raise NotNow unless the (locked) claim stands at one of ``allowed``."""
    if claim.status not in allowed:
        raise NotNow(claim)


def require_revision(claim: Claim, revision: int | None) -> None:
    """Raise StaleClaim if the (locked) claim was changed since a page with ``revision`` was shown."""
    if revision is not None and revision != claim.revision:
        raise StaleClaim


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
