"""Set aside what could not become official [R29].

Each occurrence (a product and a reason) is reported once: to the partner by email, to staff as an entry
to look at. The entry closes by itself when nothing of the claim is set aside any more.
"""

import datetime as dt

from notifications import to_look_at
from notifications.enums import LookAtKind

from .. import emails
from ..claims import set_aside
from ..claims.history import By, record_event
from ..enums import EventKind, ParkedReason, Status
from ..models import Association, Claim

#: The pause before something is looked at again grows with the time for which it was set aside.
SHORTEST_PAUSE, LONGEST_PAUSE = dt.timedelta(minutes=1), dt.timedelta(hours=6)


def park(
    claim: Claim, reasons: dict[Association, ParkedReason], *, by: By, now: dt.datetime
) -> None:
    """Set products of a locked claim aside, each for its reason; report those for which it is new.

    The claim itself is parked if none of its products became official.
    """
    new = {each: reason for each, reason in reasons.items() if _set_aside(each, reason, now=now)}
    if claim.status == Status.APPROVED and not claim.is_parked:
        claim.is_parked = True
        claim.save(update_fields=["is_parked", "updated_at"])
    if new:
        _tell(claim, new, by=by, now=now)


def _set_aside(association: Association, reason: ParkedReason, *, now: dt.datetime) -> bool:
    """Write the reason and the next look; return whether this is a new occurrence.

    Rows from before such reports existed have no ``parked_since`` and count as new.
    """
    since = association.parked_since
    is_new = since is None or association.parked_reason != reason
    if is_new or since is None:
        association.parked_since = since = now
    association.parked_reason = reason
    # If the data shows that an obstacle is gone, the next sweep acts; only a fault is retried by time.
    waits = reason == ParkedReason.FAULT or not is_new
    pause = min(max(now - since, SHORTEST_PAUSE), LONGEST_PAUSE)
    association.look_again_at = now + pause if waits else None
    association.save(update_fields=set_aside.FIELDS)
    return is_new


def _tell(
    claim: Claim, reasons: dict[Association, ParkedReason], *, by: By, now: dt.datetime
) -> None:
    codes = ",".join(sorted({str(reason) for reason in reasons.values()}))
    products = [str(each.product) for each in reasons]
    event = record_event(
        claim, EventKind.PARKED, by=by, reason_code=codes, subjects=products, now=now
    )
    emails.claim_set_aside(claim, event, reasons=reasons)
    to_look_at.report(
        LookAtKind.CLAIM_SET_ASIDE,
        key=claim.reference,
        subject=claim.reference,
        detail=f"{', '.join(products)}: {codes}",
        link=claim.get_admin_url(),
        now=now,
    )
