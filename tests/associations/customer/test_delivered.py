"""One condition says whether the customer was told, for one claim and for a chunk [R21], [R29], [R57]."""

import copy
import itertools
import uuid

import pytest
from django.db import connection

from associations.claims.setbased import bind_ids, phrase
from associations.customer.delivered import DELIVERED_SQL, bind_delivery, is_delivered
from associations.enums import ContactRole, NoticeStatus, Status
from associations.finalisation import bulk
from associations.models import Association, Claim, CustomerNotice
from associations.references import make_claim_reference
from tests import cast

pytestmark = pytest.mark.django_db

ROLES = (ContactRole.CUSTOMER, ContactRole.TECHNICAL, ContactRole.REGISTERED)
#: What a claim may have for one role: a notice that was replaced and one in force, either, or none.
STATES = tuple(
    tuple(NoticeStatus(each) for each in state)
    for state in [
        (),
        ("replaced",),
        *((each,) for each in ("queued", "sent", "failed")),
        *(("replaced", each) for each in ("queued", "sent", "failed")),
    ]
)


def counts_as_told(states):
    """What the rule means: of those the claim names, all that have a notice in force accepted it."""
    named = states[:2]  # the registered contact holds nothing up
    in_force = [each for state in named for each in state if each != NoticeStatus.REPLACED]
    return bool(in_force) and all(each == NoticeStatus.SENT for each in in_force)


def copy_row(row, **facts):
    twin = copy.copy(row)
    twin.pk, twin._state = None, copy.copy(row._state)
    for name, value in facts.items():
        setattr(twin, name, value)
    return twin


@pytest.fixture
def approved():
    partner = cast.make_partner()
    actor, reviewer = cast.make_member(partner), cast.make_reviewer()
    draft = cast.make_draft(partner, actor, cast.make_tenant())
    return cast.walk(draft, Status.APPROVED, actor=actor, reviewer=reviewer)


@pytest.fixture
def claims(approved):
    """A claim for every way in which its notices can stand: a dict of claims → states by role."""
    ways = list(itertools.product(STATES, repeat=len(ROLES)))
    twins = Claim.objects.bulk_create(
        copy_row(approved, reference=make_claim_reference(), filing_key=uuid.uuid4()) for _ in ways
    )
    asked = approved.associations.first()
    Association.objects.bulk_create(
        copy_row(asked, reference=f"T{number}", claim=twin, slot_key=f"slot-{number}")
        for number, twin in enumerate(twins)
    )
    CustomerNotice.objects.bulk_create(
        CustomerNotice(claim=twin, role=role, name="C", email="c@contoso.example", status=status)
        for twin, states in zip(twins, ways, strict=True)
        for role, state in zip(ROLES, states, strict=True)
        for status in state
    )
    return dict(zip(twins, ways, strict=True))


def test_one_claim_and_a_chunk_are_judged_alike(claims):
    told = {claim.pk for claim, states in claims.items() if counts_as_told(states)}
    ids = [claim.pk for claim in claims]

    assert {claim.pk for claim in claims if is_delivered(claim)} == told
    with connection.cursor() as cursor:
        cursor.execute(phrase(DELIVERED_SQL), {"ids": bind_ids(ids), **bind_delivery()})
        assert {pk for (pk,) in cursor.fetchall()} == told
    assert bulk.make_official(ids, at=cast.over(next(iter(claims)))) == set(ids) - told


def test_the_awaited_notices_are_those_that_the_condition_reads(claims):
    for claim, states in claims.items():
        awaited = set(claim.notices.awaited().values_list("status", flat=True))
        assert (awaited == {NoticeStatus.SENT}) == counts_as_told(states)
