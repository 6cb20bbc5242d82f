"""Setting aside what could not become official, and finding what may be looked at again [R29].

Each occurrence (a product, and one reason for it) is told once: to the partner by email, to staff as an
entry to look at. The entry closes by itself when nothing of the claim is set aside any more.
"""

import datetime as dt

from django.db.models import Exists, OuterRef, Q

from notifications import to_look_at
from notifications.enums import LookAtKind

from .. import clock, emails
from ..claims import set_aside
from ..claims.history import By, record_event
from ..enums import Activity, AssociationStatus, EventKind, ParkedReason, Status, SubscriptionState
from ..models import Association, Claim, SlotHolding

#: The pause before something is looked at again grows with the time for which it was set aside.
SHORTEST_PAUSE, LONGEST_PAUSE = dt.timedelta(minutes=1), dt.timedelta(hours=6)


def park(claim: Claim, reasons: dict[Association, ParkedReason], *, by: By) -> None:
    """Set products of a locked claim aside, each for its reason; tell of those for which it is new.

    The claim itself is parked where nothing of it became official.
    """
    now = clock.now()
    new = {each: reason for each, reason in reasons.items() if _set_aside(each, reason, now=now)}
    if claim.status == Status.APPROVED and not claim.is_parked:
        claim.is_parked = True
        claim.save(update_fields=["is_parked", "updated_at"])
    if new:
        _tell(claim, new, by=by)


def _set_aside(association: Association, reason: ParkedReason, *, now: dt.datetime) -> bool:
    """Write the reason and the next look; return whether this is a new occurrence.

    Rows from before partner and staff were told have no ``parked_since``, and count as new.
    """
    since = association.parked_since
    is_new = since is None or association.parked_reason != reason
    if is_new or since is None:
        association.parked_since = since = now
    association.parked_reason = reason
    # What the database shows to be gone is looked at at once; only a fault has to be tried.
    waits = reason == ParkedReason.FAULT or not is_new
    pause = min(max(now - since, SHORTEST_PAUSE), LONGEST_PAUSE)
    association.look_again_at = now + pause if waits else None
    association.save(update_fields=set_aside.FIELDS)
    return is_new


def _tell(claim: Claim, reasons: dict[Association, ParkedReason], *, by: By) -> None:
    codes = ",".join(sorted({str(reason) for reason in reasons.values()}))
    products = [str(each.product) for each in reasons]
    event = record_event(claim, EventKind.PARKED, by=by, reason_code=codes, subjects=products)
    emails.claim_set_aside(claim, event, reasons=reasons)
    to_look_at.report(
        LookAtKind.CLAIM_SET_ASIDE,
        key=claim.reference,
        subject=claim.reference,
        detail=f"{', '.join(products)}: {codes}",
        link=emails.find_review_path(claim),
    )


def find_freed(at: dt.datetime, *, limit: int) -> list[int]:
    """Return claims of which a product may not be hindered any more at the instant ``at``, by id.

    One query that reads what is set aside alone, by a partial index. It may name a claim too many: the
    finaliser asks again, with the claim locked.
    """
    products = (
        Association.objects.filter(status=AssociationStatus.PROPOSED)
        .exclude(parked_reason="")
        .filter(Q(look_again_at=None) | Q(look_again_at__lte=at))
        .filter(may_be_free(at))
    )
    claims = products.order_by("claim_id").values_list("claim_id", flat=True)
    return list(claims.distinct()[:limit])


def may_be_free(at: dt.datetime) -> Q:
    """Filter on Association: what it was set aside for may be gone at the instant ``at``.

    Asked of the data and not told by events: an obstacle may go by a page, an import or a correction.
    """
    held = SlotHolding.objects.filter(slot_key=OuterRef("slot_key"), released_at=None)
    return (
        Q(parked_since=None)  # set aside before anyone was told of it
        | Q(parked_reason=ParkedReason.FAULT)
        | Q(
            ~Exists(held.exclude(partner=OuterRef("partner"))), parked_reason=ParkedReason.SLOT_HELD
        )
        | Q(~_holds_it_by_another_claim(), parked_reason=ParkedReason.OWN_CLAIM)
        | Q(_has_live_subscription(at), parked_reason=ParkedReason.SUBSCRIPTION_ENDED)
    )


def _holds_it_by_another_claim() -> Q:
    """As ``slots.find_own_official`` asks of one association: a shared part of the activity [R32]."""
    own = Association.objects.filter(
        slot_key=OuterRef("slot_key"),
        partner=OuterRef("partner"),
        status=AssociationStatus.OFFICIAL,
    ).exclude(claim=OuterRef("claim"))
    both = Activity.PRESALES_AND_USAGE
    same = own.filter(claim__activity__in=[OuterRef("claim__activity"), both])
    return Q(Exists(same)) | Q(Exists(own), claim__activity=both)


def _has_live_subscription(at: dt.datetime) -> Q:
    # In no time zone is it earlier than the day before this one.
    day = at.astimezone(dt.UTC).date() - dt.timedelta(days=1)
    state, ends_on = "subscription__state", "subscription__ends_on"
    lasts = Q(**{ends_on: None}) | Q(**{f"{ends_on}__gte": day})
    is_grace = Q(**{state: SubscriptionState.GRACE})
    return is_grace | (~Q(**{state: SubscriptionState.EXPIRED}) & lasts)
