"""Notices that wait for a reviewer to confirm a contact, and go out once that is settled [R57]."""

import datetime as dt

import structlog

from ..claims.lifecycle import hold_claim
from ..enums import Actor, Status
from ..models import Claim
from . import notices, registered

log = structlog.get_logger(__name__)


def send_what_waited(*, now: dt.datetime, limit: int = 1_000) -> None:
    """Send the notices of claims whose contacts no longer need confirmation; a fault in one stops no other.

    This reads the data, not events: a page or an import may add a registered contact or a domain.
    """
    waiting = Claim.objects.filter(status=Status.APPROVED, turn=Actor.STAFF)
    for pk in waiting.order_by("pk").values_list("pk", flat=True)[:limit]:
        try:
            _send_unless_unconfirmed(pk, now=now)
        except Exception:
            log.exception("a notice that waited could not be sent", claim=pk)


def _send_unless_unconfirmed(claim_id: int, *, now: dt.datetime) -> None:
    with hold_claim(claim_id) as claim:
        if claim.is_unconfirmed and not registered.list_unconfirmed(claim):
            notices.send_notices(claim, now=now)
