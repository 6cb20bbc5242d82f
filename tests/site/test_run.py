"""`manage.py run`: its processes on a real PostgreSQL and a real Redis, kept going and ended together."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress

import psutil
import pytest

from tests.servers.postgresql import PostgresServer
from tests.servers.processes import REPOSITORY, ManagedProcess, free_port
from tests.servers.production import IN_PRODUCTION
from tests.servers.redis import RedisServer
from tests.soak import choose

TOKEN = "a-token-of-the-operators"
MANAGE = [sys.executable, str(REPOSITORY / "manage.py")]


@pytest.fixture(scope="module")
def servers():
    with ExitStack() as stack:
        database = stack.enter_context(PostgresServer())
        broker = stack.enter_context(RedisServer())
        subprocess.run(
            [*MANAGE, "migrate", "--no-input", "--verbosity", "0"],
            env={**os.environ, "DATABASE_URL": database.url()},
            check=True,
        )
        yield database, broker


def environment(servers, **more) -> dict[str, str]:
    database, broker = servers
    port = str(free_port())
    return {
        **os.environ,
        "DATABASE_URL": database.url(),
        "REDIS_URL": broker.url(),
        "PORT": port,
        **IN_PRODUCTION,
        "CPOR_SWEEP_SECONDS": "1",
        "WEB_WORKERS": "1",
        "WORKER_PROCESSES": "1",
        "STATUS_TOKEN": TOKEN,
        **more,
    }


def refuse(**env):
    """Run the command where it should refuse; return its exit code and words."""
    done = subprocess.run(
        [*MANAGE, "run"], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


def ask(port, path="/statusz"):
    """The status and words of the site, or (0, {}) where nothing answers."""
    address = f"http://127.0.0.1:{port}{path}"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {TOKEN}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
    except OSError:
        return 0, {}


def is_at_work(port) -> bool:
    return ask(port)[0] == 200


@pytest.fixture
def running(servers, tmp_path):
    """Starts everything and waits until all parts do their work; gives (process, port)."""
    env = environment(servers)
    process = ManagedProcess([*MANAGE, "run"], env=env, log=tmp_path / "log")
    try:
        process.wait_until(lambda: is_at_work(env["PORT"]), what="run", timeout=240)
        yield process, env["PORT"]
    finally:
        process.stop(grace=40)


def list_all(process) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def find_part(process, word) -> psutil.Process | None:
    """The process of a part that is at work: what ``word`` stands in the command line of."""
    for child in psutil.Process(process.pid).children():
        with suppress(psutil.NoSuchProcess):
            if any(word in each for each in child.cmdline()):
                return child
    return None


def wait_for_part(process, word, *, within=60):
    """Return the part once it is there: between its start and Celery's it has another command line."""
    deadline = time.monotonic() + within
    while (part := find_part(process, word)) is None:
        assert time.monotonic() < deadline, f"no {word} after {within} s"
        time.sleep(0.1)
    return part


def all_gone(processes, *, within=10) -> bool:
    return not psutil.wait_procs(processes, timeout=within)[1]


#: By what the command line of each part is known once Celery is loaded.
PARTS = {"worker": "worker@", "email": "email@", "beat": "celery.beat"}


def test_all_parts_work_together_and_ctrl_c_stops_them(running):
    process, port = running
    children = list_all(process)
    assert all(wait_for_part(process, word) for word in PARTS.values())

    os.kill(process.pid, signal.SIGINT)

    assert process.wait(timeout=60) == 0
    assert all_gone(children)
    assert ask(port) == (0, {})
    log = process.log_tail(lines=500)
    assert "Traceback" not in log, log


def test_the_end_of_the_web_ends_the_command(running):
    process, _port = running
    children = list_all(process)

    find_part(process, "web").kill()

    assert process.wait(timeout=60) == 1
    assert all_gone(children)
    assert "web ended with code -9" in process.log_tail()


@pytest.mark.faults
def test_parts_that_end_are_started_again_while_the_web_answers(running):
    process, port = running
    before = {part: wait_for_part(process, word) for part, word in PARTS.items()}
    descendants = [each for part in before.values() for each in part.children(recursive=True)]

    for part in before.values():
        part.kill()

    def are_back():
        assert ask(port, "/readyz") == (200, {"database": "ok"})
        now = {part: find_part(process, word) for part, word in PARTS.items()}
        return all(now[part] and now[part].pid != before[part].pid for part in PARTS)

    process.wait_until(are_back, what="all parts", timeout=240)
    assert all_gone(descendants)
    assert process.log.read_text().count("part ended and is started again") == len(PARTS)


@pytest.mark.faults
def test_a_part_that_keeps_ending_is_left_down_and_staff_are_told(servers, tmp_path):
    env = environment(servers, EMAIL_PROCESSES="none")  # it ends as soon as it starts
    process = ManagedProcess([*MANAGE, "run"], env=env, log=tmp_path / "log")

    def has_told():
        _status, words = ask(env["PORT"])
        return words.get("parts") == "failing"

    try:
        process.wait_until(has_told, what="the entry", timeout=480)
        _status, words = ask(env["PORT"])
        assert words["to_look_at"]["part-gave-up"]["open"] == 1
        assert ask(env["PORT"], "/readyz")[0] == 200
        assert "part gave up" in process.log.read_text()
        assert process.log.read_text().count("part ended and is started again") == 5
    finally:
        process.stop(grace=40)
    assert process.returncode == 0


def test_sigterm_stops_a_part_that_runs_alone(servers, tmp_path):
    env = environment(servers)
    process = ManagedProcess([*MANAGE, "run", "web"], env=env, log=tmp_path / "log")
    process.wait_until(lambda: ask(env["PORT"], "/readyz")[0] == 200, what="web", timeout=240)

    started = time.monotonic()
    process.stop(grace=20)

    assert process.returncode == 0
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("missing", "words"), [("DATABASE_URL", "Set DATABASE_URL"), ("REDIS_URL", "Set REDIS_URL")]
)
def test_run_refuses_without_its_servers(servers, missing, words):
    env = environment(servers)
    del env[missing]

    code, said = refuse(**env)

    assert code == 1
    assert words in said
    assert "Traceback" not in said


DEFAULTS = sorted(set(IN_PRODUCTION) - {"ALLOWED_HOSTS"})


@pytest.mark.parametrize(
    ("part", "missing"),
    [([], [name]) for name in choose(DEFAULTS, one_in=3)]
    + [([part], DEFAULTS) for part in ("web", "worker", "beat")],
    ids=str,
)
def test_run_refuses_defaults_that_must_not_reach_customers(servers, part, missing):
    env = environment(servers)
    for name in missing:
        del env[name]

    done = subprocess.run(
        [*MANAGE, "run", *part], env=env, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 1
    for name in DEFAULTS:
        assert (f"{name} is " in done.stderr) == (name in missing)
    assert "Traceback" not in done.stderr


def test_run_refuses_a_database_that_is_not_migrated(servers):
    database, _broker = servers

    code, said = refuse(**environment(servers, DATABASE_URL=database.create_database("bare")))

    assert code == 1
    assert "manage.py migrate" in said


def test_run_refuses_a_number_that_is_none(servers):
    env = environment(servers, WEB_WORKERS="many")
    done = subprocess.run(
        [*MANAGE, "run", "web"], env=env, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 1
    assert "WEB_WORKERS is “many”" in done.stderr
