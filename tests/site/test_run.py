"""`manage.py run`: three processes on a real PostgreSQL and a real Redis, all or none."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack

import psutil
import pytest

from tests.servers.postgresql import PostgresServer
from tests.servers.processes import REPOSITORY, ManagedProcess, free_port
from tests.servers.redis import RedisServer

MANAGE = [sys.executable, str(REPOSITORY / "manage.py")]

#: What a real site has set; the tests reach it at 127.0.0.1 all the same.
IN_PRODUCTION = {
    "CPOR_BASE_URL": "http://cpor.example",
    "ALLOWED_HOSTS": "cpor.example, 127.0.0.1",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "OPERATOR_NAME": "Relecloud",
    "OPERATOR_SUPPORT_EMAIL": "help@relecloud.example",
    "DEFAULT_FROM_EMAIL": "Relecloud <no-reply@relecloud.example>",
}


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
        **more,
    }


def refuse(**env):
    """Run the command where it should refuse; return its exit code and words."""
    done = subprocess.run(
        [*MANAGE, "run"], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


def ready(port) -> dict:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return json.load(error)
    except OSError:
        return {}


@pytest.fixture
def running(servers, tmp_path):
    """Starts everything and waits until all parts do their work; gives (process, children, port)."""
    env = environment(servers)
    process = ManagedProcess([*MANAGE, "run"], env=env, log=tmp_path / "log")
    try:
        process.wait_until(
            lambda: set(ready(env["PORT"]).values()) == {"ok"}, what="run", timeout=90
        )
        yield process, psutil.Process(process.pid).children(recursive=True), env["PORT"]
    finally:
        process.stop()


def all_gone(processes, *, within=10) -> bool:
    return not psutil.wait_procs(processes, timeout=within)[1]


def test_web_worker_and_beat_work_together_and_ctrl_c_stops_them(running):
    process, children, port = running
    commands = [" ".join(child.cmdline()) for child in children]
    assert any("celery" in command and "worker" in command for command in commands)
    assert any("celery" in command and "beat" in command for command in commands)

    os.kill(process.pid, signal.SIGINT)

    assert process.wait(timeout=40) == 0
    assert all_gone(children)
    assert ready(port) == {}
    assert "Traceback" not in process.log_tail(lines=500)


def test_a_part_that_dies_takes_the_others_with_it(running):
    process, children, _port = running
    worker = next(each for each in children if "worker" in each.cmdline())

    worker.kill()

    assert process.wait(timeout=40) == 1
    assert all_gone(children)
    assert "worker ended with code -9" in process.log_tail()


def test_sigterm_stops_a_part_that_runs_alone(servers, tmp_path):
    env = environment(servers)
    process = ManagedProcess([*MANAGE, "run", "web"], env=env, log=tmp_path / "log")
    process.wait_until(lambda: ready(env["PORT"]).get("database") == "ok", what="web", timeout=60)

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
    [([], [name]) for name in DEFAULTS]
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
