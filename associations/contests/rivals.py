"""Who competes for a slot, for the eyes of staff who belong to neither side [R13], [R19], [R33]."""

import datetime as dt
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Exists, OuterRef, Subquery

from partners.models import Membership

from ..claims.visible import rivals_of
from ..enums import UNDECIDED_CASES, AssociationStatus
from ..models import Association, CaseSide, Claim, MediationCase
from ..models.mediation import CaseQuerySet


@dataclass(frozen=True)
class Rival:
    """Another partner's claim on slots of a claim, with the associations that stand on them."""

    claim: Claim
    products: list[Association]

    @property
    def holds(self) -> list[Association]:
        """What it holds already; it only asks for the rest."""
        return [each for each in self.products if each.status == AssociationStatus.OFFICIAL]

    @property
    def asks_for(self) -> list[Association]:
        return [each for each in self.products if each.status != AssociationStatus.OFFICIAL]


def list_rivals(claim: Claim, *, now: dt.datetime, reader=None) -> list[Rival]:
    """List other partners' claims on the slots of this one, in one query.

    With a ``reader``, each product has the ``case_id`` and ``case_status`` of the open case that they may
    see, or None.
    """
    standing = (AssociationStatus.PROPOSED, AssociationStatus.OFFICIAL)
    slots = claim.associations.filter(status__in=standing).values("slot_key")
    found = (
        Association.objects.filter(rivals_of(now=now), slot_key__in=slots)
        .exclude(partner_id=claim.partner_id)
        .select_related("claim__partner", "partner", "product")
        .order_by("claim_id", "product__position")
    )
    if reader is not None:
        visible = cases_visible_to(reader, now=now).open().filter(slot_key=OuterRef("slot_key"))
        cases = visible.order_by()
        found = found.annotate(
            case_id=Subquery(cases.values("pk")[:1]),
            case_status=Subquery(cases.values("status")[:1]),
        )
    by_claim = groupby(found, key=lambda each: each.claim)
    return [Rival(other, list(products)) for other, products in by_claim]


def takes_part(user, claim: Claim, *, now: dt.datetime) -> bool:
    """Is the user a member of the claim's partner, or of one that competes with it [R19]?

    Staff are members of no partner as a rule, so that it costs one query.
    """
    partners = set(user.memberships.values_list("partner_id", flat=True))
    if not partners or claim.partner_id in partners:
        return claim.partner_id in partners
    return any(each.claim.partner_id in partners for each in list_rivals(claim, now=now))


def cases_visible_to(user, *, now: dt.datetime) -> CaseQuerySet:
    """Return the cases in which no partner of the user is a side, or stands on the slot now [R19], [R33].

    It applies to superusers too, and does not check the permission to read cases.
    """
    mine = Membership.objects.filter(user=user).order_by().values("partner")
    sides = CaseSide.objects.filter(case=OuterRef("pk"), partner__in=mine)
    standing = Association.objects.filter(
        rivals_of(now=now), slot_key=OuterRef("slot_key"), partner__in=mine
    )
    return MediationCase.objects.filter(~Exists(sides), ~Exists(standing))


def waits_for_mediation(user, *, now: dt.datetime) -> Exists:
    """Return an annotation for claims: is what they ask for in an undecided case that ``user`` may see?"""
    undecided = cases_visible_to(user, now=now).open().filter(status__in=UNDECIDED_CASES)
    waiting = Association.objects.filter(
        claim=OuterRef("pk"),
        status=AssociationStatus.PROPOSED,
        slot_key__in=undecided.order_by().values("slot_key"),
    )
    return Exists(waiting)
