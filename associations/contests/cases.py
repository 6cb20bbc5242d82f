"""Mediation cases: one for each slot that more than one partner holds or claims [R33].

A claim that comes to stand on a slot opens the case in its own transaction (``open_cases``). Everything else
is brought up to date by ``settling``, which finds who contends as it is now, so that no act has to remember
the cases it may touch.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from cpor_site.web.workers import ask_worker

from ..claims.deadlines import open_windows
from ..claims.lifecycle import LifecycleError, lock_claims, saved_once
from ..claims.slots import find_holder, lock_holdings
from ..claims.subscription_ends import is_over
from ..claims.visible import rivals_of
from ..enums import AssociationStatus, Window
from ..models import Association, CaseSide, Claim, MediationCase, Tenant

SETTLE_TASK = "associations.tasks.settle_mediation_cases"
#: Seconds after which a request to settle is dropped; a sweep does the same.
SETTLE_WITHIN = 60


class CaseMoved(LifecycleError):
    """The case changed while it was about to be locked; a second try finds it as it is."""

    words = _("This mediation has just changed. Check it, then try again.")


class StillContested(LifecycleError):
    """A product of the claim is in a mediation that was not decided for its partner [R33], [R35]."""

    def __init__(self, cases: Collection[MediationCase]):
        products = ", ".join(sorted({str(each.product) for each in cases}))
        super().__init__(
            _(
                "Another partner holds or claims %(products)s. Decide the mediation first, or leave "
                "that product out."
            )
            % {"products": products}
        )


@dataclass
class HeldCase:
    """A case and everything that stands on its slot, locked for one act.

    ``contenders`` are the associations of each partner there now, and ``claims`` their claims by ID.
    """

    case: MediationCase
    claims: dict[int, Claim]
    contenders: dict[int, list[Association]]
    sides: dict[int, CaseSide]

    @property
    def is_contested(self) -> bool:
        """Do several partners stand on the slot now?"""
        return len(self.contenders) > 1

    @property
    def present(self) -> list[CaseSide]:
        """Return the sides that still hold or claim the slot."""
        return [each for each in self.sides.values() if each.left_at is None]

    @property
    def winner(self) -> CaseSide | None:
        return self.sides.get(self.case.winner_id or 0)

    @property
    def losers(self) -> list[CaseSide]:
        return [each for each in self.present if each.partner_id != self.case.winner_id]

    def list_products(self, partner_id: int, *statuses: AssociationStatus) -> list[Association]:
        """Return a partner's associations on the slot that have one of these statuses."""
        return [each for each in self.contenders.get(partner_id, ()) if each.status in statuses]

    def find_holder_id(self) -> int | None:
        """Return the partner that holds the slot now."""
        holding = find_holder(self.case.slot_key)
        return holding.partner_id if holding else None


@contextmanager
def hold_case(case_id: int, *, now: dt.datetime) -> Iterator[HeldCase]:
    """Lock one case for one act; see ``hold_cases``. Raise MediationCase.DoesNotExist."""
    with hold_cases([case_id], now=now) as held:
        if not held:
            raise MediationCase.DoesNotExist
        yield held[0]


@contextmanager
def hold_cases(
    case_ids: Collection[int],
    slot_keys: Collection[str] = (),
    *,
    now: dt.datetime,
    claim_ids: Collection[int] = (),
) -> Iterator[list[HeldCase]]:
    """Lock cases for one act: first all claims on their slots, then the slots, then the cases, each in order.

    ``claim_ids`` and ``slot_keys`` are locked with them. Raise CaseMoved if a claim came to one of the slots
    between looking and locking.
    """
    with transaction.atomic():
        if not case_ids:
            yield []
            return
        found = dict(MediationCase.objects.filter(pk__in=case_ids).values_list("pk", "slot_key"))
        slots = set(found.values())
        standing = find_contenders(slots, now=now).values_list("claim_id", flat=True)
        claims = lock_claims({*standing, *claim_ids})
        prefetch_related_objects(list(claims.values()), "contacts")  # each side may be written to
        lock_holdings({*slots, *slot_keys})
        with saved_once(claims.values()):
            yield _read(list(found), claims, now=now)


def lock_case(case_id: int) -> MediationCase:
    """Read a case again and lock it until the caller's transaction ends. Lock claims first."""
    return _lock_cases([case_id]).get()


def _lock_cases(case_ids: Collection[int]) -> QuerySet[MediationCase]:
    rows = MediationCase.objects.select_for_update(of=("self",)).filter(pk__in=case_ids)
    return rows.select_related("tenant", "product").order_by("pk")


def _read(
    case_ids: Collection[int], claims: dict[int, Claim], *, now: dt.datetime
) -> list[HeldCase]:
    """Lock and read cases, in three queries however many they are."""
    held = {each.slot_key: HeldCase(each, claims, {}, {}) for each in _lock_cases(case_ids)}
    for each in find_contenders(held.keys(), now=now).select_related("product"):
        if each.claim_id not in claims:
            raise CaseMoved
        each.claim = claims[each.claim_id]
        held[each.slot_key].contenders.setdefault(each.partner_id, []).append(each)
    by_case = {each.case.pk: each for each in held.values()}
    for side in CaseSide.objects.filter(case__in=case_ids).select_related("partner"):
        side.case = by_case[side.case_id].case
        if side.claim_id in claims:
            side.claim = claims[side.claim_id]
        by_case[side.case_id].sides[side.partner_id] = side
    return list(held.values())


def find_contenders(slot_keys: Collection[str], *, now: dt.datetime) -> QuerySet[Association]:
    """Return what stands on slots: official, proposed, or refused in a way that can be taken back."""
    standing = Association.objects.filter(rivals_of(now=now), slot_key__in=slot_keys)
    return standing.order_by("pk")


def find_open_cases(claim: Claim) -> QuerySet[MediationCase]:
    """Return the open cases about what the claim still asks for or holds."""
    standing = (AssociationStatus.PROPOSED, AssociationStatus.OFFICIAL)
    slots = claim.associations.filter(status__in=standing).values("slot_key")
    return MediationCase.objects.open().filter(slot_key__in=slots).select_related("product")


def come_to_slots(claim: Claim, *, now: dt.datetime) -> None:
    """Let a locked claim come to its slots in this transaction, and open cases where it is not alone."""
    lock_out_others(claim)
    open_cases(claim, now=now)


def lock_out_others(claim: Claim) -> None:
    """Let claims for the same customer come to their slots one after the other.

    Two that are submitted at the same instant would not see each other, and no case would open. The lock
    is on the customer's row, and does not hinder rows that refer to it.
    """
    customers = Tenant.objects.select_for_update(no_key=True).filter(pk=claim.tenant_id or 0)
    customers.order_by().values_list("pk", flat=True).first()


def open_cases(claim: Claim, *, now: dt.datetime) -> None:
    """Open a case for each slot of a locked claim that another partner holds or claims [R33].

    ``lock_out_others`` comes first (``come_to_slots``). One query if there is no other partner.
    """
    asked_for = claim.associations.filter(status=AssociationStatus.PROPOSED)
    contested = Association.objects.filter(
        rivals_of(now=now), slot_key__in=asked_for.values("slot_key")
    ).exclude(partner_id=claim.partner_id)
    slots = set(contested.values_list("slot_key", flat=True))
    if not slots:
        return
    products = asked_for.filter(slot_key__in=slots).select_related("subscription__tenant")
    open_on(products, now=now)


def open_on(associations: Iterable[Association], *, now: dt.datetime) -> None:
    """Open a case for the slot of each association, unless one is open or its subscription is over."""
    cases = [
        MediationCase(
            slot_key=each.slot_key,
            tenant_id=each.tenant_id,
            product_id=each.product_id,
            subscription_id=each.subscription_id,
            opened_at=now,
        )
        for each in associations
        if each.subscription is None or not is_over(each.subscription, at=now)
    ]
    if cases:
        MediationCase.objects.bulk_create(cases, ignore_conflicts=True)
        transaction.on_commit(ask_to_settle)


def ask_to_settle() -> None:
    """Ask a worker to bring the cases up to date; the sweep does it if none answers."""
    ask_worker(SETTLE_TASK, expires=SETTLE_WITHIN)


def start_window(
    case: MediationCase, window: Window, claims: Collection[Claim], *, now: dt.datetime
) -> None:
    """Start a limit of the case: the longest that any program of its claims promises [R4]."""
    case.window_opened_at, case.due_at = now, open_windows(window, claims, at=now).at


def save_case(case: MediationCase, *fields: str) -> None:
    """Save where a locked case stands, and ``fields``; pages that were opened before are then stale."""
    case.revision += 1
    standing = ("status", "revision", "window_opened_at", "due_at")
    case.save(update_fields=[*standing, *fields])


def find_against(claim: Claim) -> list[MediationCase]:
    """Return the open cases about what the claim asks for that name no one yet, or another partner."""
    asked_for = claim.associations.filter(status=AssociationStatus.PROPOSED).values("slot_key")
    cases = MediationCase.objects.open().filter(slot_key__in=asked_for).select_related("product")
    return list(cases.exclude(winner_id=claim.partner_id))


def find_without_case(
    slot_keys: Collection[str] | QuerySet, *, now: dt.datetime
) -> list[Association]:
    """Return one association on each of these slots that are contested, and have no open case."""
    slots = (
        Association.objects.filter(rivals_of(now=now), slot_key__in=slot_keys)
        .exclude(slot_key__in=MediationCase.objects.open().values("slot_key"))
        .select_related("subscription__tenant")
        .order_by("slot_key", "pk")
    )
    by_slot: dict[str, list[Association]] = {}
    for each in slots:
        by_slot.setdefault(each.slot_key, []).append(each)
    return [found[0] for found in by_slot.values() if len({each.partner_id for each in found}) > 1]
