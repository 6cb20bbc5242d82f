"""The customer's window on an approved claim: opened by a notice, stopped where one failed [R21]."""

import datetime as dt

from ..enums import Actor, Status, Window
from ..models import Claim
from . import lifecycle, set_aside


def open_customer_window(claim: Claim, *, now: dt.datetime) -> None:
    """Open the customer's window on a locked, approved claim whose notice was accepted [R21]."""
    lifecycle.require_status(claim, Status.APPROVED)
    lifecycle.start_window(claim, Window.CUSTOMER_OPT_OUT, now=now)
    claim.write(*lifecycle.CLOCK_FIELDS)


def stop_customer_window(claim: Claim) -> None:
    """Stop the window of a locked, approved claim whose notice did not arrive [R21].

    It is then the partner's turn to name another contact; no deadline runs until then. A parked claim is
    no longer parked: it is checked again when the new window has ended.
    """
    lifecycle.require_status(claim, Status.APPROVED)
    claim.window_opened_at = claim.due_at = None
    claim.due_time_zone, claim.turn = "", Actor.PARTNER
    if claim.is_parked:
        claim.is_parked = False
        set_aside.forget_obstacles(claim)
    claim.write(*lifecycle.CLOCK_FIELDS, "is_parked")


def await_notice(claim: Claim) -> None:
    """Give the turn to the customer, with no deadline yet, since a new notice is on its way [R21]."""
    _await(claim, Actor.CUSTOMER)


def await_confirmation(claim: Claim) -> None:
    """Give the turn to staff, without a deadline, to confirm a contact before the notice is sent [R57]."""
    _await(claim, Actor.STAFF)


def _await(claim: Claim, actor: Actor) -> None:
    """Set the turn on a locked claim, and its revision, since pages opened before are now stale."""
    lifecycle.require_status(claim, Status.APPROVED)
    claim.turn = actor
    claim.revision += 1
    claim.write("turn", "revision", "updated_at")
