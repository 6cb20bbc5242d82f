"""The lifecycle of a claim: the declared moves and the only writer of a status [R1].

An act on a claim locks it, reads it again and saves it once, by ``hold_claim``. ``change_status`` takes the
locked claim, checks the move and writes status, deadline and history. ``finalisation.bulk`` is its set-based
counterpart, and moves claims only from Approved to Official.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from cpor_site.web.refused import RefusedError

from ..enums import Actor, AssociationStatus, EventKind, Status, Window
from ..models import Association, Claim
from . import set_aside
from .deadlines import ACTS_IN, open_window
from .history import By, record_event


class LifecycleError(RefusedError):
    """Something is not allowed now; ``str()`` tells the user why. Nothing was changed."""


class MoveNotAllowed(LifecycleError):
    """The move does not exist, or not for this actor."""


class NotNow(MoveNotAllowed):
    """The status of the claim does not allow this."""

    def __init__(self, claim: Claim):
        super().__init__(
            _("This cannot be done while the claim is “%(now)s”.")
            % {"now": claim.get_status_display()}
        )


class StaleClaim(LifecycleError):
    """The claim was changed after this page was shown."""

    words = _(
        "This claim was changed after you opened the page, by someone else or in another window. "
        "Your changes have not been saved: check the current claim, then send them again."
    )


#: Section 3, from both of its columns: source and target → who may. Any other move does not exist.
MOVES: dict[tuple[Status, Status], tuple[Actor, ...]] = {
    (Status.EDITING, Status.SUBMITTED): (Actor.PARTNER,),
    (Status.SUBMITTED, Status.UNDER_REVIEW): (Actor.STAFF,),
    # The system rejects what a mediation leaves nothing of, wherever the claim is [R35].
    (Status.SUBMITTED, Status.REJECTED): (Actor.PARTNER, Actor.SYSTEM),
    (Status.UNDER_REVIEW, Status.ACTION_REQUIRED): (Actor.STAFF,),
    (Status.UNDER_REVIEW, Status.APPROVED): (Actor.STAFF,),
    (Status.UNDER_REVIEW, Status.REJECTED): (Actor.STAFF, Actor.PARTNER, Actor.SYSTEM),
    (Status.ACTION_REQUIRED, Status.UNDER_REVIEW): (Actor.PARTNER,),
    (Status.ACTION_REQUIRED, Status.REJECTED): (Actor.PARTNER, Actor.SYSTEM),
    (Status.APPROVED, Status.OFFICIAL): (Actor.SYSTEM,),
    (Status.APPROVED, Status.REJECTED): (Actor.PARTNER, Actor.SYSTEM),
    (Status.OFFICIAL, Status.ENDED): (Actor.CUSTOMER, Actor.PARTNER, Actor.SYSTEM),
    (Status.REJECTED, Status.DISPUTE): (Actor.PARTNER,),
    (Status.DISPUTE, Status.UNDER_REVIEW): (Actor.STAFF,),
    (Status.DISPUTE, Status.APPROVED): (Actor.STAFF,),
    (Status.DISPUTE, Status.REJECTED_FINAL): (Actor.STAFF, Actor.SYSTEM),
}

#: The window that opens with a status. Approved has none: its window opens when the mail server accepts the
#: customer's notice [R21].
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

#: Statuses in which nothing of a claim is parked any longer.
OVER = (Status.REJECTED, Status.REJECTED_FINAL, Status.ENDED)

#: The fields of a running window.
CLOCK_FIELDS = ("window_opened_at", "due_at", "due_time_zone", "turn", "updated_at")
#: The fields that a change of status writes.
STATUS_FIELDS = (
    *("status", "status_since", "rejection_reason", "revision", "is_parked"),
    *CLOCK_FIELDS,
)

#: The field that records when an association got its status.
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


def lock_claims(claim_ids: Iterable[int]) -> dict[int, Claim]:
    """Read claims again and lock them, in the order of their IDs, to avoid a deadlock; by ID."""
    claims = (
        Claim.objects.select_for_update(of=("self",))
        .select_related("tenant", "location", "partner")
        .filter(pk__in=sorted(claim_ids))
        .order_by("pk")
    )
    found = {claim.pk: claim for claim in claims}
    for claim in found.values():
        claim.is_locked = True
    return found


@contextmanager
def hold_claim(claim_id: int) -> Iterator[Claim]:
    """Lock a claim for one act, in its own transaction, and save it once at the end.

    What is written to it in the block (``Claim.write``) is saved in one UPDATE; nothing is saved if the
    block raises. Raise Claim.DoesNotExist.
    """
    with transaction.atomic():
        claim = lock_claim(claim_id)
        with saved_once([claim]):
            yield claim


def save_held(claim: Claim) -> None:
    """Save what a held claim has collected so far; needed only before SQL reads its row."""
    if claim.unsaved:
        claim.save(update_fields=claim.unsaved)
        claim.unsaved.clear()


@contextmanager
def saved_once(claims: Collection[Claim]) -> Iterator[None]:
    """Save each of these locked claims once at the end of the block; they are no longer held then."""
    for claim in claims:
        claim.unsaved = set()
    try:
        yield
        for claim in claims:
            save_held(claim)
    finally:
        for claim in claims:
            claim.is_locked, claim.unsaved = False, None


def is_move_declared(source: str, target: str, actor: str) -> bool:
    return actor in MOVES.get((Status(source), Status(target)), ())


def change_status(
    claim: Claim,
    target: Status,
    *,
    by: By,
    now: dt.datetime,
    reason_code: str = "",
    reason: str = "",
    subjects: tuple[str, ...] = (),
) -> Claim:
    """Move the locked ``claim`` to ``target``: the only place where a claim's status changes [R1].

    Open the window of the new status and write the history row. Raise MoveNotAllowed, with nothing
    changed, if the move does not exist for ``by``, and RuntimeError if the caller did not lock the claim
    (``hold_claim``, ``lock_claim``).
    """
    if not (claim.is_locked and connection.in_atomic_block):
        raise RuntimeError("A claim must be locked to change its status.")
    if not is_move_declared(claim.status, target, by.actor):
        raise MoveNotAllowed(
            _("A claim that is “%(now)s” cannot become “%(wanted)s” in this way.")
            % {"now": claim.get_status_display(), "wanted": target.label}
        )
    source, claim.status = claim.status, target
    claim.status_since = now
    claim.rejection_reason = find_rejection_reason(claim, target, reason_code)
    claim.revision += 1
    set_clock(claim, now=now)
    claim.write(*STATUS_FIELDS)
    record_event(
        claim,
        EventKind.MOVED,
        by=by,
        move=(source, target),
        reason_code=reason_code,
        reason=reason,
        subjects=subjects,
        now=now,
    )
    return claim


def find_rejection_reason(claim: Claim, target: Status, reason_code: str) -> str:
    """Return why the claim is rejected; "" once a dispute was accepted."""
    if target in (Status.REJECTED, Status.REJECTED_FINAL) and reason_code:
        return reason_code
    return "" if target == Status.APPROVED else claim.rejection_reason


def set_clock(claim: Claim, *, now: dt.datetime) -> None:
    """End the running window and any parking, and open the window of the new status [R4]."""
    claim.window_opened_at = claim.due_at = None
    claim.due_time_zone = claim.turn = ""
    claim.is_parked = False
    if claim.status in OVER and claim.is_locked:  # a copy to look ahead is not
        set_aside.forget_obstacles(claim)
    window = WINDOW_OF.get(Status(claim.status))
    if claim.status == Status.APPROVED:
        claim.turn = Actor.CUSTOMER
    elif window and is_window_due(claim):
        start_window(claim, window, now=now)


def is_window_due(claim: Claim) -> bool:
    """Does the claim's status open a window? A rejection does only if it can be disputed [R2]."""
    return claim.status != Status.REJECTED or claim.is_disputable


def start_window(claim: Claim, window: Window, *, now: dt.datetime) -> None:
    """Set when a window of a locked claim opened and ends, and whose turn it is; the caller saves it."""
    claim.window_opened_at = now
    deadline = open_window(window, claim, at=claim.window_opened_at)
    claim.due_at, claim.due_time_zone = deadline.at, deadline.time_zone
    claim.turn = ACTS_IN[window]


def require_status(claim: Claim, *allowed: Status) -> None:
    """Raise NotNow unless the (locked) claim has one of the ``allowed`` statuses."""
    if claim.status not in allowed:
        raise NotNow(claim)


def require_revision(claim: Claim, revision: int | None) -> None:
    """Raise StaleClaim if the (locked) claim was changed since a page with ``revision`` was shown."""
    if revision is not None and revision != claim.revision:
        raise StaleClaim


def change_association(
    association: Association, target: AssociationStatus, *, now: dt.datetime
) -> Association:
    """Set the status of one product of a locked claim; the caller writes the history row.

    It is no longer parked then. Raise MoveNotAllowed if the move is not declared.
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
        setattr(association, stamp, now)
    association.save()
    if was_parked:
        set_aside.close_entry(association.claim)
    return association
