"""The database server ends without warning while claims are finalised: each chunk is there whole or not at all [R29].

Full chunks are committed without waiting for the disk, so that the last of them may be lost; the next sweep makes them
again.
"""

import random
import subprocess
import sys
import time

import psycopg
import pytest

from tests.benchmarks.finalisation_data import SWEPT
from tests.servers.postgresql import PostgresServer
from tests.servers.processes import REPOSITORY
from tests.soak import IS_SOAK

pytestmark = [pytest.mark.faults, pytest.mark.race]

CRASHES = 3 if IS_SOAK else 2
CLAIMS = 3_000
FILL = f"""
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.benchmarks.finalisation_data import fill
fill(total={CLAIMS}, due={CLAIMS // 2})
"""
#: What is written about a claim that became official, each in a table of its own.
WRITTEN = """
    SELECT
      (SELECT count(*) FROM associations_claim WHERE id <= %(due)s AND status = 'official'),
      (SELECT count(*) FROM associations_association WHERE claim_id <= %(due)s AND status = 'official'),
      (SELECT count(*) FROM associations_event WHERE to_status = 'official'),
      (SELECT count(DISTINCT claim_id) FROM associations_event WHERE to_status = 'official'),
      (SELECT count(DISTINCT key) FROM notifications_message WHERE kind = 'claim_official'),
      (SELECT count(*) FROM associations_slotholding h JOIN associations_association a
         ON a.slot_key = h.slot_key WHERE a.claim_id <= %(due)s AND h.released_at IS NULL)
"""


@pytest.fixture
def server():
    with PostgresServer(durable=True) as server:
        yield server


@pytest.fixture
def run(server, process_env):
    """Start Python on the server's database."""
    started = []

    def start(*arguments):
        env = process_env(DATABASE_URL=server.url(), DJANGO_SETTINGS_MODULE="cpor_site.settings")
        process = subprocess.Popen(
            [sys.executable, *arguments], env=env, cwd=REPOSITORY, stderr=subprocess.DEVNULL
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def finalise(run):
    return run("manage.py", "finalize_associations", "--now", SWEPT.isoformat(), "--chunk", "20")


def count_written(server) -> set[int]:
    with psycopg.connect(server.url()) as connection:
        return set(connection.execute(WRITTEN, {"due": CLAIMS // 2}).fetchone())


def wait_for_more(server, before):
    deadline = time.monotonic() + 30
    while count_written(server) == before:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_crash_leaves_nothing_by_halves_and_the_next_sweep_ends_it(server, run):
    assert run("-c", FILL).wait(timeout=120) == 0
    random.seed(3)
    written = count_written(server)
    assert written == {0}

    for _ in range(CRASHES):
        finaliser = finalise(run)
        wait_for_more(server, written)
        time.sleep(random.uniform(0, 0.1))
        server.crash()
        assert finaliser.wait(timeout=30) != 0
        server.restart()
        written = count_written(server)
        assert len(written) == 1
        assert max(written) % 20 == 0
        assert max(written) < CLAIMS // 2

    assert finalise(run).wait(timeout=120) == 0
    assert count_written(server) == {CLAIMS // 2}
