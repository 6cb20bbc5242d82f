"""A sender killed again and again: nothing is lost, and each death repeats at most one mail."""

import collections
import contextlib
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection
from django.utils import timezone

from notifications.enums import State
from notifications.models import Message
from tests.servers.processes import REPOSITORY

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
MAILS, KILLS, MOST_PER_LIFE = 200, 20, 8


@pytest.fixture
def effects():
    """A table without any constraint: what is told twice is there twice."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE sent_effect (key varchar(120) NOT NULL)")
    yield _read_effects
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE sent_effect")


def _read_effects():
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM sent_effect")
        return collections.Counter(key for (key,) in cursor.fetchall())


class Senders:
    """Starts one sender at a time, and kills it."""

    def __init__(self, env):
        self.parent = subprocess.Popen(
            [sys.executable, "-m", "tests.notifications.sender_process"],
            cwd=REPOSITORY,
            env={**os.environ, **env, "DJANGO_SETTINGS_MODULE": "cpor_site.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def _ask(self, command):
        self.parent.stdin.write(command + b"\n")
        self.parent.stdin.flush()
        return self.parent.stdout.readline().strip()

    def start(self):
        self.pid = int(self._ask(b"start"))

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        assert self._ask(b"reap") == b"dead"


@pytest.fixture
def senders(process_env):
    senders = Senders(process_env())
    senders.pid = None
    yield senders
    if senders.pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(senders.pid, signal.SIGKILL)
    senders.parent.kill()
    senders.parent.communicate()


def wait_until(condition, *, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.0005)


def keys_received(smtp_server):
    return {mail.recipients[0].partition("@")[0] for mail in smtp_server.messages}


def keys_sent():
    return set(Message.objects.filter(state=State.SENT).values_list("key", flat=True))


def test_sender_killed_at_random_points(queue, smtp_server, senders, effects):
    keys = {f"order-{number}" for number in range(MAILS)}
    for key in keys:
        queue(key, to=f"{key}@contoso.example")
    choice = random.Random()
    unmarked = 0

    for _life in range(KILLS):
        senders.start()
        goal = len(smtp_server.messages) + choice.randint(0, MOST_PER_LIFE)
        wait_until(lambda goal=goal: len(smtp_server.messages) >= goal)
        time.sleep(choice.uniform(0, 0.01))
        senders.kill()
        time.sleep(0.1)  # what the servers had in hand from the dead sender is done now
        before, unmarked = unmarked, len(keys_received(smtp_server) - keys_sent())
        assert unmarked - before <= 1
        # The dead sender's lease runs out at once; the next sender takes its rows back.
        Message.objects.filter(state=State.IN_FLIGHT).update(leased_until=timezone.now())

    assert len(keys_sent()) < MAILS  # each of them died at work
    senders.start()
    wait_until(lambda: len(keys_sent()) == MAILS, seconds=60)

    received = collections.Counter(mail.recipients[0] for mail in smtp_server.messages)
    assert set(received) == {f"{key}@contoso.example" for key in keys}
    assert received.total() - MAILS <= KILLS
    assert effects() == dict.fromkeys(keys, 1)
    identities = {(mail.recipients, mail.parsed["Message-ID"]) for mail in smtp_server.messages}
    assert len(identities) == MAILS
