"""A mail server that takes a message and never answers keeps no claim from becoming official, and no beat."""

import datetime as dt
import os
import sys
import time
from collections import Counter

import psutil
import pytest
from django.utils import timezone

from associations.enums import Status
from associations.models import Claim
from cpor_site.models import Heartbeat
from notifications.enums import State
from notifications.models import Message
from notifications.outbox import Recipient, enqueue
from partners.enums import AccountEmail
from tests import cast
from tests.servers.processes import ManagedProcess, ServerError
from tests.servers.smtp import Behaviour

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

#: Seconds that a silent server is waited for: the most that the system check allows.
HANG = "20"
SLOW = "slow@contoso.example"
DEMO_JOBS = """
import time, django
django.setup()
from cpor_site.demo.background import run_jobs
with run_jobs():
    print("at work", flush=True)
    time.sleep(600)
"""


def wait_for(is_there, *, what, timeout=90):
    deadline = time.monotonic() + timeout
    while not is_there():
        if time.monotonic() > deadline:
            raise ServerError(f"{what}: not after {timeout} s")
        time.sleep(0.05)


@pytest.fixture
def claim():
    """An approved claim whose notice was delivered; none of its emails waits."""
    partner = cast.make_partner()
    actor = cast.make_member(partner)
    draft = cast.make_draft(partner, actor, cast.make_tenant())
    approved = cast.walk(draft, Status.APPROVED, actor=actor, reviewer=cast.make_reviewer())
    Message.objects.all().delete()
    return approved


@pytest.fixture
def hanging(smtp_server):
    """More emails than there are threads, for a server that answers to none of them."""
    smtp_server.behave(Behaviour.HANG)
    to = Recipient(email=SLOW, name="Ana", language="en")
    for number in range(5):
        enqueue(
            AccountEmail.PASSWORD_RESET,
            key=f"slow:{number}",
            to=to,
            context={"url": "https://x.example/"},
        )
    return smtp_server


def queue_more():
    """What each page of a busy site does during that time."""
    to = Recipient(email=SLOW, name="Ana", language="en")
    key = f"more:{timezone.now().isoformat()}"
    enqueue(AccountEmail.PASSWORD_RESET, key=key, to=to, context={"url": "https://x.example/"})


def count_deliveries(server):
    """How many connections to the mail server the process with the most of them holds at this moment."""
    held = Counter(
        each.pid
        for each in psutil.net_connections("tcp")
        if each.raddr and each.raddr.port == server.port and each.status == psutil.CONN_ESTABLISHED
    )
    return max(held.values(), default=0)


def require_work_goes_on(claim, server):
    """A claim that falls due while the server hangs becomes official, and beat is heard of again."""
    wait_for(lambda: server.connections, what="the first delivery")
    Heartbeat.objects.all().delete()
    Claim.objects.filter(pk=claim.pk).update(due_at=timezone.now() - dt.timedelta(seconds=1))

    at_once = []

    def is_official():
        queue_more()
        at_once.append(count_deliveries(server))
        return Claim.objects.get(pk=claim.pk).status == Status.OFFICIAL

    wait_for(is_official, what="the finalisation")
    wait_for(Heartbeat.objects.exists, what="the heartbeat")
    assert not Message.objects.filter(state=State.SENT).exists()
    assert max(at_once) == 1, "one delivery at a time in each worker"


def test_workers_go_on_while_the_one_for_email_waits(celery_worker, celery_beat, claim, hanging):
    celery_worker("--queues=celery", "--concurrency=1", EMAIL_TIMEOUT=HANG)
    celery_worker(*["--queues=email", "--concurrency=1", "-n", "email@test"], EMAIL_TIMEOUT=HANG)
    celery_beat(CPOR_SWEEP_SECONDS="1")

    require_work_goes_on(claim, hanging)


@pytest.mark.sqlite
def test_the_demo_goes_on_while_its_thread_for_email_waits(process_env, claim, hanging, tmp_path):
    env = process_env(CPOR_DEMO="true", EMAIL_TIMEOUT=HANG, CPOR_SWEEP_SECONDS="1")
    jobs = ManagedProcess(
        [sys.executable, "-c", DEMO_JOBS],
        env={**os.environ, **env, "DJANGO_SETTINGS_MODULE": "cpor_site.settings"},
        log=tmp_path / "log",
    )
    try:
        jobs.wait_until(lambda: "at work" in jobs.log_tail(), what="the jobs")
        require_work_goes_on(claim, hanging)
    finally:
        jobs.kill()
