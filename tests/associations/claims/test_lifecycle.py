"""The moves of section 3: every pair, every actor, and what each leaves behind [R1]."""

import itertools
from contextlib import nullcontext

import pytest
from django.utils import timezone

from associations.claims import lifecycle
from associations.claims.history import By, find_broken_link
from associations.enums import Actor, EventKind, Status
from associations.models import Claim, Event
from notifications.models import Message
from tests import cast

pytestmark = pytest.mark.django_db

#: Section 3 written out once more, by hand; the system rejects what lost all by mediation [R35].
ALLOWED = {
    ("editing", "submitted", "partner"),
    ("submitted", "under-review", "staff"),
    ("submitted", "rejected", "partner"),
    ("submitted", "rejected", "system"),
    ("under-review", "action-required", "staff"),
    ("under-review", "approved", "staff"),
    ("under-review", "rejected", "staff"),
    ("under-review", "rejected", "partner"),
    ("under-review", "rejected", "system"),
    ("action-required", "under-review", "partner"),
    ("action-required", "rejected", "partner"),
    ("action-required", "rejected", "system"),
    ("approved", "official", "system"),
    ("approved", "rejected", "partner"),
    ("approved", "rejected", "system"),
    ("official", "ended", "customer"),
    ("official", "ended", "partner"),
    ("official", "ended", "system"),
    ("rejected", "dispute", "partner"),
    ("dispute", "under-review", "staff"),
    ("dispute", "approved", "staff"),
    ("dispute", "rejected-final", "staff"),
    ("dispute", "rejected-final", "system"),
}


def test_only_declared_moves_exist(draft, subtests):
    for source, target, actor in itertools.product(Status, Status, Actor):
        with subtests.test(source=source, target=target, actor=actor), cast.undone():
            Claim.objects.filter(pk=draft.pk).update(status=source)
            before = Event.objects.filter(claim=draft).count()

            is_allowed = (source, target, actor) in ALLOWED
            outcome = nullcontext() if is_allowed else pytest.raises(lifecycle.MoveNotAllowed)

            with outcome, lifecycle.hold_claim(draft.pk) as held:
                lifecycle.change_status(held, target, by=By(actor), now=timezone.now())

            assert Claim.objects.get(pk=draft.pk).status == (target if is_allowed else source)
            assert Event.objects.filter(claim=draft).count() == before + is_allowed
            if is_allowed:
                assert find_broken_link(Claim.objects.get(pk=draft.pk)) is None


@pytest.mark.parametrize("status", list(Status))
def test_a_claim_reaches_every_status_by_the_functions_people_use(draft, admin, reviewer, status):
    claim = cast.walk(draft, status, actor=admin, reviewer=reviewer)

    assert claim.status == status
    assert find_broken_link(claim) is None


def test_an_official_claim_has_one_row_of_history_and_one_mail_about_it(draft, admin, reviewer):
    claim = cast.walk(draft, Status.OFFICIAL, actor=admin, reviewer=reviewer)

    rows = claim.events.filter(kind=EventKind.MOVED, to_status=Status.OFFICIAL)
    assert [row.subject_names for row in rows] == [["Teams", "Exchange Online"]] or [
        sorted(row.subject_names) for row in rows
    ] == [["Exchange Online", "Teams"]]
    assert Message.objects.filter(key=f"claim-official:{claim.pk}").count() == 1
