"""PostgreSQL restarts: web processes and workers are at work again with the next request or task."""

import http.client
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.servers.celery import CeleryWorker
from tests.servers.postgresql import PostgresServer
from tests.servers.processes import REPOSITORY, ServerError
from tests.servers.site import SiteProcess

pytestmark = [pytest.mark.faults, pytest.mark.race]

#: What a customer does; no such link is there, which only the database can say.
LINK = "/opt-out/0123456789abcdefghijklmnopqrstuv/"
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'cpor'"
SEEN = "SELECT count(*) FROM cpor_site_heartbeat WHERE name = 'beat'"


@pytest.fixture
def server():
    with PostgresServer() as server:
        yield server


@pytest.fixture
def env(server, process_env):
    env = {**os.environ, **process_env(DATABASE_URL=server.url(), DATABASE_POOL="true")}
    command = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
    subprocess.run(command, env=env, cwd=REPOSITORY, check=True)
    return env


def ask(served, path="/readyz", method="GET", body=None):
    """Over a connection of its own, as from another customer."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    try:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, path, body=body, headers=kind)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


def query(server, sql):
    with psycopg.connect(server.url(), autocommit=True) as connection:
        return connection.execute(sql).fetchone()[0]


def fill_pools(served, server, *, at_least):
    """Ask until the pools hold many idle connections."""
    deadline = time.monotonic() + 60
    with ThreadPoolExecutor(32) as crowd:
        while query(server, CONNECTIONS) - 1 < at_least:
            assert time.monotonic() < deadline
            list(crowd.map(lambda _number: ask(served), range(96)))


def test_each_web_process_answers_once_the_database_does(server, env):
    with SiteProcess(env=env, workers=2, threads=16) as served:
        fill_pools(served, server, at_least=12)

        server.crash()
        status, headers, text = ask(served, LINK, "POST", "reason=We+never+met&products=A1")
        assert (status, ask(served)[0]) == (503, 503)
        assert headers["Retry-After"]
        assert headers["Set-Cookie"] is None
        assert 'name="reason" value="We never met"' in text
        server.restart()

        with ThreadPoolExecutor(16) as crowd:  # more at once than one process would take
            answers = list(crowd.map(lambda _number: ask(served), range(32)))
        assert {status for status, _headers, _text in answers} == {200}


def test_a_restart_that_no_request_met_costs_the_next_one_nothing(server, env):
    with SiteProcess(env=env, threads=16) as served:
        fill_pools(served, server, at_least=7)

        server.crash()
        server.restart()

        assert ask(served, LINK)[0] == 404


def test_a_worker_goes_on_with_the_next_task(server, env, redis_server):
    redis_server.flush()
    with CeleryWorker(env=env | {"REDIS_URL": redis_server.url()}) as worker:
        wait_for_beat(worker, server, env, redis_server)

        server.crash()
        server.restart()

        wait_for_beat(worker, server, env, redis_server)


def wait_for_beat(worker, server, env, redis_server):
    """One task to a process of the worker may meet the dead connection; no more than that."""
    query(server, "WITH gone AS (DELETE FROM cpor_site_heartbeat) SELECT 1")
    from celery import Celery

    with Celery(broker=redis_server.url()) as app:
        for _ in range(2):
            app.send_task("cpor_site.tasks.record_beat")
    deadline = time.monotonic() + 60
    while not query(server, SEEN):
        if time.monotonic() > deadline:
            raise ServerError(f"no task worked\n{worker.process.log_tail(lines=20)}")
        time.sleep(0.05)
