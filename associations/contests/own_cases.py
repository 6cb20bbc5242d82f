"""The mediations of a partner's own claims, as its pages show them [R33], [R35]."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ..claims.deadlines import find_operators_calendar
from ..display.mediations import SETTLED, TOLD, Stage, find_stage
from ..display.turns import describe_business_days_left
from ..emails.about_cases import describe_decider, describe_limit
from ..enums import CLAIMING_STATUSES, AssociationStatus, CaseStatus
from ..models import Association, CaseSide, Claim, MediationCase
from .sides import can_dispute

#: Mediations that the dashboard names.
SHOWN = 4


@dataclass(frozen=True)
class OwnCase:
    """A mediation about a product of a claim, as the claim's partner knows it at an instant.

    ``reference`` is that of the product. Someone may dispute while ``can_dispute``.
    """

    claim: Claim
    reference: str
    side: CaseSide
    stage: Stage
    can_dispute: bool
    is_holder: bool
    now: dt.datetime

    @property
    def case(self) -> MediationCase:
        return self.side.case

    @property
    def has_stated(self) -> bool:
        return self.side.stated_at is not None

    @property
    def has_won(self) -> bool:
        """Does the decision name this side?"""
        return self.case.winner_id == self.side.partner_id

    @property
    def has_disputed(self) -> bool:
        """Has this side disputed a decision of the case, which it can do once?"""
        return self.side.disputed_at is not None

    @property
    def is_own_dispute(self) -> bool:
        """Was it this side that disputed the decision which is looked at again?"""
        at, decided_at = self.side.disputed_at, self.case.decided_at
        is_newer = at is not None and decided_at is not None and at >= decided_at
        return is_newer and not self.has_won

    @property
    def is_open(self) -> bool:
        """Is it still going on for this side?"""
        return self.case.closed_at is None and self.stage not in SETTLED

    @property
    def is_told(self) -> bool:
        """Does the side know the decision?"""
        return self.stage in TOLD

    @property
    def wants_act(self) -> bool:
        """Does it wait for the partner: for its first statement, or whether it disputes?"""
        return self.can_dispute or (self.stage == Stage.HEARING and not self.has_stated)

    @property
    def takes_proof(self) -> bool:
        return self.can_dispute or self.stage == Stage.HEARING

    @property
    def label(self) -> str | Promise:
        """Return where it stands, or what it waits for, in a few words."""
        if self.can_dispute:
            return _("Not decided for you: you can dispute it")
        if self.stage == Stage.HEARING:
            return _("Statement given") if self.has_stated else _("Statement needed")
        return self.stage.label

    @property
    def deadline(self) -> str:
        """Return the limit of the partners in words, in the operator's zone; "" where none runs for them."""
        has_limit = self.stage in (Stage.HEARING, Stage.WON, Stage.LOST)
        return describe_limit(self.case) if has_limit else ""

    @property
    def time_left(self) -> str:
        return describe_business_days_left(
            self.case.due_at, find_operators_calendar(), now=self.now
        )

    @property
    def how(self) -> str:
        """Say who decided, and whether the customer was asked; one query."""
        return describe_decider(self.case)

    def get_absolute_url(self) -> str:
        args = [self.claim.reference, self.reference]
        return reverse("associations:claim-mediation", args=args)


def find_own_case(claim: Claim, reference: str, *, now: dt.datetime) -> OwnCase | None:
    """Return the newest case about a product of the claim in which its partner is a side; two queries."""
    products = list(claim.associations.filter(reference=reference))
    return next(iter(list_own_cases(products, now=now).values()), None)


def list_own_cases(products: Collection[Association], *, now: dt.datetime) -> dict[int, OwnCase]:
    """Return the case about each product in which its partner is a side, by ID of the product.

    That is the open one on its slot if the product holds or asks for it, or else the newest that was about
    its own claim. ``products`` know their claims. One query.
    """
    slots = {each.slot_key for each in products}
    sides = CaseSide.objects.filter(
        partner__in={each.partner_id for each in products}, case__slot_key__in=slots
    )
    running: dict[tuple, CaseSide] = {}
    newest: dict[tuple, CaseSide] = {}
    for side in sides.select_related("case__product").order_by("case_id"):
        slot_key = side.case.slot_key
        newest[side.claim_id, slot_key] = side
        if side.case.is_open:
            running[side.partner_id, slot_key] = side
    found = {}
    for each in products:
        current = running.get((each.partner_id, each.slot_key)) if _stands(each) else None
        about = current or newest.get((each.claim_id, each.slot_key))
        if about is not None:
            found[each.pk] = _describe(each.claim, each.reference, each.status, about, now=now)
    return found


def mark_contested(claims: Iterable[Claim], *, now: dt.datetime) -> dict[int, OwnCase]:
    """Return, by ID of the claim, an open case about it; one that waits for the partner comes first.

    The claims know their products.
    """
    products = [each for claim in claims for each in claim.associations.all() if _stands(each)]
    marks: dict[int, OwnCase] = {}
    for own in list_own_cases(products, now=now).values() if products else ():
        before = marks.get(own.claim.pk)
        if own.is_open and (before is None or (own.wants_act and not before.wants_act)):
            marks[own.claim.pk] = own
    return marks


def find_waiting(
    claims: QuerySet[Claim], *, partner_id: int, now: dt.datetime
) -> QuerySet[CaseSide]:
    """Find the sides of cases about these claims that wait for their partner."""
    sides = CaseSide.objects.filter(_waits(), partner=partner_id, left_at=None, claim__in=claims)
    return sides.filter(case__closed_at=None, case__due_at__gt=now)


def list_waiting(
    waiting: QuerySet[CaseSide], *, now: dt.datetime, limit: int = SHOWN
) -> list[OwnCase]:
    """Return the cases of sides that ``find_waiting`` found, the next deadline first."""
    case, product = OuterRef("case__slot_key"), Association.objects.filter(claim=OuterRef("claim"))
    standing = product.filter(slot_key=case).exclude(status=AssociationStatus.EXCLUDED)
    sides = (
        waiting.annotate(
            reference=Subquery(standing.values("reference")[:1]),
            product_status=Subquery(standing.values("status")[:1]),
        )
        .exclude(reference=None)
        .select_related("case__product", "claim__tenant", "claim__location")
        .order_by("case__due_at", "pk")
    )
    return [
        _describe(each.claim, each.reference, each.product_status, each, now=now)
        for each in sides[:limit]
    ]


def _waits() -> Q:
    to_state = Q(case__status=CaseStatus.HEARING, stated_at=None)
    has_won = Q(case__winner=F("partner"), case__winner__isnull=False)
    return to_state | (Q(case__status=CaseStatus.DECIDED, disputed_at=None) & ~has_won)


def _stands(product: Association) -> bool:
    """Does the product hold its slot, or ask for it?"""
    if product.status == AssociationStatus.OFFICIAL:
        return True
    is_asked_for = product.status == AssociationStatus.PROPOSED
    return is_asked_for and product.claim.status in CLAIMING_STATUSES


def _describe(
    claim: Claim, reference: str, status: str, side: CaseSide, *, now: dt.datetime
) -> OwnCase:
    return OwnCase(
        claim=claim,
        reference=reference,
        side=side,
        stage=find_stage(side, now=now),
        can_dispute=can_dispute(side, now=now),
        is_holder=status == AssociationStatus.OFFICIAL,
        now=now,
    )
