"""The finaliser killed with SIGKILL at random points: nothing lost, nothing doubled [R29]."""

import random
import signal
import subprocess
import sys
import time

import pytest
from django.db.models import Count

from associations.enums import AssociationStatus, EventKind, Status
from associations.models import Association, Claim, Event, MediationCase, SlotHolding
from notifications.models import Message
from tests.benchmarks.finalisation_data import SWEPT, contest, fill
from tests.soak import IS_SOAK

pytestmark = [pytest.mark.faults, pytest.mark.race, pytest.mark.django_db(transaction=True)]

KILLS = 20 if IS_SOAK else 8
HANDOVER_KILLS = 20 if IS_SOAK else 5
CLAIMS = 4_000


def start_finaliser(process_env):
    return subprocess.Popen(
        [
            sys.executable,
            "-u",
            "manage.py",
            "finalize_associations",
            "--now",
            SWEPT.isoformat(),
            "--chunk",
            "20",
        ],
        env=process_env() | {"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for_first_chunk(before):
    """The process takes a moment to start; a kill before its first commit would show nothing."""
    deadline = time.monotonic() + 30
    while Claim.objects.filter(status=Status.OFFICIAL).count() == before:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_kills_leave_one_outcome_for_each_association(process_env):
    fill(total=CLAIMS, due=CLAIMS // 2)
    already = Claim.objects.filter(status=Status.OFFICIAL).count()
    random.seed(20)
    kills = 0
    for _ in range(KILLS):
        # A kill leaves some work for the next one: what is left is made due bit by bit.
        done = Claim.objects.filter(status=Status.OFFICIAL).count()
        process = start_finaliser(process_env)
        wait_for_first_chunk(done)
        time.sleep(random.uniform(0, 0.02))
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
    assert kills == KILLS
    assert Claim.objects.filter(status=Status.OFFICIAL).count() < CLAIMS // 2 + already

    assert start_finaliser(process_env).wait(timeout=120) == 0

    due = Claim.objects.filter(pk__lte=CLAIMS // 2)
    assert set(due.values_list("status", flat=True)) == {Status.OFFICIAL}
    assert not Association.objects.filter(claim__in=due).exclude(status=AssociationStatus.OFFICIAL)
    rows = Event.objects.filter(claim__in=due, kind=EventKind.MOVED, to_status=Status.OFFICIAL)
    assert rows.count() == CLAIMS // 2
    assert not rows.values("claim").annotate(n=Count("pk")).filter(n__gt=1)
    assert Message.objects.filter(kind="claim_official").count() == CLAIMS // 2
    held = SlotHolding.objects.filter(
        released_at=None, slot_key__in=Association.objects.filter(claim__in=due).values("slot_key")
    )
    assert held.count() == CLAIMS // 2
    untouched = Claim.objects.filter(pk__gt=CLAIMS // 2, pk__lte=CLAIMS)
    assert not Event.objects.filter(claim__in=untouched, kind=EventKind.MOVED)
    for claim in due.order_by("?")[:20]:
        last = claim.events.get(number=2)
        assert last.previous_hash == claim.events.get(number=1).hash
        assert claim.history_hash == last.hash


def test_kills_during_handovers_leave_one_holder_for_each_slot(process_env):
    """Every claim that is due takes its slot over from another partner [R35]."""
    due = 400
    fill(total=due, due=due)
    contest(total=due, due=due, one_in=1)
    random.seed(35)
    kills = 0
    for _ in range(HANDOVER_KILLS):
        done = Claim.objects.filter(status=Status.OFFICIAL, pk__lte=due).count()
        process = start_finaliser(process_env)
        wait_for_handovers(after=done, due=due)
        time.sleep(random.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
        require_whole(due)
    assert kills == HANDOVER_KILLS
    assert Claim.objects.filter(status=Status.OFFICIAL, pk__lte=due).count() < due

    assert start_finaliser(process_env).wait(timeout=240) == 0

    require_whole(due)
    assert Claim.objects.filter(status=Status.OFFICIAL, pk__lte=due).count() == due
    assert Event.objects.filter(kind=EventKind.HANDED_OVER).count() == due
    assert not MediationCase.objects.open().exists()


def wait_for_handovers(*, after, due):
    deadline = time.monotonic() + 60
    while Claim.objects.filter(status=Status.OFFICIAL, pk__lte=due).count() <= after:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def require_whole(due):
    """Each handover is there with all that belongs to it, or nothing of it is."""
    taken = Claim.objects.filter(status=Status.OFFICIAL, pk__lte=due).count()
    former = Claim.objects.filter(pk__gt=due)
    assert former.filter(status=Status.ENDED).count() == taken
    assert former.filter(status=Status.OFFICIAL).count() == due - taken
    assert SlotHolding.objects.filter(released_at=None).count() == due
    assert SlotHolding.objects.exclude(released_at=None).count() == taken
    assert MediationCase.objects.exclude(closed_at=None).count() == taken
    for kind in ("handed_over", "claim_official"):
        assert Message.objects.filter(kind=kind).count() == taken
