"""The finaliser killed with SIGKILL at random points: nothing lost, nothing doubled [R29]."""

import random
import signal
import subprocess
import sys
import time

import pytest
from django.db.models import Count

from associations.enums import AssociationStatus, EventKind, Status
from associations.models import Association, Claim, Event, SlotHolding
from notifications.models import Message
from tests.benchmarks.finalisation_data import SWEPT, fill
from tests.soak import IS_SOAK

pytestmark = [pytest.mark.faults, pytest.mark.race, pytest.mark.django_db(transaction=True)]

KILLS = 20 if IS_SOAK else 8
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
