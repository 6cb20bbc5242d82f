"""The moves of one product of a claim, and what each leaves behind [R1], [R4]."""

import datetime as dt
import itertools

import pytest
from django.db import transaction

from associations.claims import lifecycle
from associations.enums import AssociationStatus, ParkedReason, Status
from associations.models import Association, Claim
from tests import cast

pytestmark = pytest.mark.django_db

#: Written out once more, by hand: from, to, and the instant that the move leaves.
ALLOWED = {
    ("proposed", "excluded"): None,
    ("excluded", "proposed"): None,
    ("proposed", "opted-out"): "opted_out_at",
    ("opted-out", "proposed"): None,
    ("proposed", "official"): "official_at",
    ("official", "ended"): "ended_at",
}
STAMPS = ("opted_out_at", "official_at", "ended_at")
AT = cast.MONDAY + dt.timedelta(hours=1)


def change(association, target):
    with transaction.atomic():
        lifecycle.change_association(association, AssociationStatus(target), now=AT)
    return Association.objects.get(pk=association.pk)


@pytest.mark.parametrize("source", AssociationStatus)
def test_only_declared_moves_exist(draft, source):
    for target in AssociationStatus:
        Association.objects.filter(claim=draft).update(
            status=source, parked_reason=ParkedReason.FAULT, **dict.fromkeys(STAMPS)
        )
        association = draft.associations.first()

        if (source, target) not in ALLOWED:
            with pytest.raises(lifecycle.MoveNotAllowed):
                change(association, target)
            saved = Association.objects.get(pk=association.pk)
            assert (saved.status, saved.parked_reason) == (source, ParkedReason.FAULT)
            continue

        saved = change(association, target)
        assert (saved.status, saved.parked_reason) == (target, "")
        stamps = {name: getattr(saved, name) for name in STAMPS}
        assert stamps == {name: AT if name == ALLOWED[source, target] else None for name in STAMPS}


def test_a_refusal_taken_back_leaves_no_instant(draft):
    refused = change(draft.associations.first(), "opted-out")

    assert change(refused, "proposed").opted_out_at is None


def test_an_association_that_ended_was_official_all_the_while(draft):
    official = change(draft.associations.first(), "official")
    ended = change(official, "ended")

    assert (ended.official_at, ended.ended_at) == (AT, AT)


def test_a_claim_says_since_when_it_has_its_status(draft, admin, reviewer):
    """By the functions that people use, and by the sweep: the instant of the act, not of the row."""
    steps = {
        Status.SUBMITTED: "submit",
        Status.UNDER_REVIEW: "begin",
        Status.APPROVED: "approve",
        Status.OFFICIAL: "finalise",
    }
    for (status, step), day in zip(steps.items(), itertools.count(), strict=False):
        now = cast.MONDAY + dt.timedelta(days=day)
        with cast.at(now):
            cast._STEPS[step](draft, admin, reviewer)
        claim = Claim.objects.get(pk=draft.pk)
        since = cast.over(draft) if step == "finalise" else now
        assert (claim.status, claim.status_since) == (status, since)


def test_what_is_no_move_leaves_the_instant_alone(draft, admin, reviewer):
    claim = cast.walk(draft, Status.APPROVED, actor=admin, reviewer=reviewer)
    with cast.at(claim.status_since + dt.timedelta(minutes=5)):
        cast.deliver_notices(claim)
        claim.notices.update(status="failed")
        cast.correct_contact(claim, admin)

    assert Claim.objects.get(pk=claim.pk).status_since == claim.status_since
