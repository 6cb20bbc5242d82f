"""The rows of the checklist: what a reviewer compares with the proof, and whether it is ticked [R16]."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from ...enums import AssociationStatus
from ...filing.contacts import CUSTOMER_ROLES
from ...models import Association, Contact
from ...review.checklist import Fact
from .desk import Desk

#: Facts that are only something to look for, of which the claim itself says nothing.
ONLY_LOOKED_FOR = (Fact.SIGNATURE, Fact.FILES)


@dataclass(frozen=True)
class ProductRow:
    """A product; without a box if nothing is to be decided about it."""

    association: Association
    has_box: bool
    is_ticked: bool


@dataclass(frozen=True)
class FactRow:
    """A fact, with what its own line shows beside its label."""

    fact: Fact
    has_box: bool
    is_ticked: bool
    since: dt.date | None = None
    people: tuple[Contact, ...] = ()


def list_products(desk: Desk, *, is_open: bool) -> list[ProductRow]:
    ticked = desk.checklist.ticks.products
    return [
        ProductRow(
            each,
            has_box=is_open and each.status == AssociationStatus.PROPOSED,
            is_ticked=each.pk in ticked,
        )
        for each in desk.associations
    ]


def list_facts(desk: Desk, *, is_open: bool) -> list[FactRow]:
    """Return the facts to compare; without boxes, only those of which the claim says something."""
    shown = [each for each in Fact if is_open or each not in ONLY_LOOKED_FOR]
    return [_make_row(desk, each, is_open=is_open) for each in shown]


def _make_row(desk: Desk, fact: Fact, *, is_open: bool) -> FactRow:
    people = tuple(each for each in desk.contacts if each.role in CUSTOMER_ROLES)
    return FactRow(
        fact,
        has_box=is_open,
        is_ticked=fact in desk.checklist.ticks.facts,
        since=_find_first_day(desk) if fact == Fact.DATES else None,
        people=people if fact == Fact.SPEAKER else (),
    )


def _find_first_day(desk: Desk) -> dt.date | None:
    """Return the earliest day on which the work may have been done: 12 months before the submission [R12]."""
    if desk.claim.submitted_at is None:
        return None
    day = timezone.localdate(desk.claim.submitted_at)
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)
