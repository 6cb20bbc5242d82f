"""What a person may see: the start of every list. Everything else answers 404 [R37], [R43]."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from partners.models import Membership
from partners.rules import in_locations_of, reads_claims

from ..enums import CLAIMING_STATUSES, AssociationStatus, ParkedReason, Status
from ..models import Association, Claim, Document, SlotHolding
from .grace import find_latest_closed


def claims_visible_to(user, membership: Membership | None = None) -> QuerySet[Claim]:
    """Return claims of the user's partners and locations; with ``membership``, only of that one [R41].

    A membership that is not the user's shows nothing. Staff see claims in admin, not here.
    """
    return Claim.objects.filter(_reach(user, membership))


def associations_with_usage_visible_to(
    user, membership: Membership | None = None
) -> QuerySet[Association]:
    """Return official associations whose slot the user's partner holds now: the only way to usage [R37].

    With ``membership``, only of that partner and within its locations [R41].
    """
    held = SlotHolding.objects.filter(
        slot_key=OuterRef("slot_key"), partner=OuterRef("partner"), released_at=None
    )
    official = Association.objects.filter(
        Exists(held),
        claim__in=claims_visible_to(user, membership),
        status=AssociationStatus.OFFICIAL,
    )
    if membership is not None:  # said of the association too: its indexes start with the partner
        official = official.filter(partner=membership.partner_id)
    return official.select_related("claim", "product", "tenant", "subscription")


def documents_visible_to(user) -> QuerySet[Document]:
    """Return the proof of the claims the user may see as a partner's member."""
    return Document.objects.filter(claim__in=claims_visible_to(user))


def documents_for_review(user) -> QuerySet[Document]:
    """Return the proof of all submitted claims for staff who may read claims, else nothing."""
    if not reads_claims(user):
        return Document.objects.none()
    return Document.objects.exclude(claim__status=Status.EDITING)


def claims_for_review() -> QuerySet[Claim]:
    """Return all claims that staff may see: all except drafts."""
    return Claim.objects.exclude(status=Status.EDITING)


def claims_to_review(user, *, now: dt.datetime) -> QuerySet[Claim]:
    """Return the filed claims in which no partner of the user has a stake [R19].

    One query reads the memberships; most staff have none.
    """
    partners = list(user.memberships.values_list("partner_id", flat=True))
    if not partners:
        return claims_for_review()
    theirs = Association.objects.filter(rivals_of(now=now), partner__in=partners)
    standing = (AssociationStatus.PROPOSED, AssociationStatus.OFFICIAL)
    contested = Association.objects.filter(
        slot_key__in=theirs.values("slot_key"), status__in=standing
    )
    neutral = claims_for_review().exclude(partner__in=partners)
    return neutral.exclude(pk__in=contested.values("claim"))


def rivals_of(*, now: dt.datetime) -> Q:
    """Filter Association by those that hold a slot or claim it [R13], [R33].

    A refused one still claims it while the refusal can be taken back [R23]. What is proposed in an official
    claim is on hold, and becomes official once it can.
    """
    return (
        Q(status=AssociationStatus.OFFICIAL)
        | Q(status=AssociationStatus.PROPOSED, claim__status__in=CLAIMING_STATUSES)
        | (Q(status=AssociationStatus.OPTED_OUT) & _in_open_window(now=now))
    )


def is_blocked() -> Q:
    """Filter Association by those set aside for a lasting reason: the partner may claim the same again [R29].

    It still becomes official by itself once the reason is gone; the newer claim is then set aside.
    """
    reasons = (ParkedReason.SLOT_HELD, ParkedReason.SUBSCRIPTION_ENDED)
    return Q(status=AssociationStatus.PROPOSED, parked_reason__in=reasons)


def rival_exists(*, now: dt.datetime) -> Exists:
    """Return an annotation for claims: does another partner hold or claim one of their slots?

    It starts from the claim's own slots, so that it costs one index lookup for each.
    """
    rivals = Association.objects.filter(rivals_of(now=now), slot_key=OuterRef("slot_key")).exclude(
        partner=OuterRef("partner")
    )
    return Exists(
        Association.objects.filter(
            Exists(rivals), claim=OuterRef("pk"), status=AssociationStatus.PROPOSED
        )
    )


def find_contested_slots(partner_id: int, slot_keys: list[str], *, now: dt.datetime) -> set[str]:
    """Return which of these slots another partner holds or has claimed, but never who [R13]."""
    return set(
        Association.objects.filter(rivals_of(now=now), slot_key__in=slot_keys)
        .exclude(partner_id=partner_id)
        .values_list("slot_key", flat=True)
    )


def _in_open_window(*, now: dt.datetime) -> Q:
    """Filter Association by those whose customer may still refuse and take back [R31]."""
    in_time = Q(claim__due_at=None) | Q(claim__due_at__gt=find_latest_closed(now))
    return Q(in_time, claim__status=Status.APPROVED, claim__is_parked=False)


def _reach(user, membership: Membership | None) -> Q:
    if not user.is_authenticated or not user.is_active:
        return Q(pk__in=[])
    if membership is not None:
        return in_locations_of(membership) if membership.user_id == user.pk else Q(pk__in=[])
    reach = Q(pk__in=[])
    for each in Membership.objects.filter(user=user):
        reach |= in_locations_of(each)
    return reach
