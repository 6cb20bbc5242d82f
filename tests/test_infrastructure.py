"""The ground the other tests stand on: the right database, real servers, and no leftovers."""

import os
import signal
import threading
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import psutil
import pytest
from django.conf import settings as django_settings
from django.db import connection, connections

from tests.servers.processes import (
    REPOSITORY,
    ManagedProcess,
    is_alive,
    python_command,
)


def test_database_is_the_one_asked_for(db, pytestconfig):
    with connection.cursor() as cursor:
        function = {"sqlite": "sqlite_version()", "postgresql": "version()"}
        cursor.execute(f"SELECT {function[pytestconfig.getoption('database')]}")

        assert cursor.fetchone()[0]
    assert connection.vendor == pytestconfig.getoption("database")


def test_settings_are_those_of_the_test_run(pytestconfig):
    assert str(REPOSITORY) not in str(django_settings.CPOR_DATA_DIR)
    assert django_settings.DEBUG is False
    assert django_settings.CELERY_BROKER_URL.startswith("memory://")


@pytest.mark.django_db(transaction=True)
def test_threads_share_the_database():
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    Session.objects.create(session_key="seen", session_data="", expire_date=timezone.now())
    seen = []

    def look():
        seen.extend(Session.objects.values_list("session_key", flat=True))
        connections.close_all()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert seen == ["seen"]


@pytest.mark.race
def test_race_tests_run_on_postgresql_and_see_committed_rows():
    assert connection.vendor == "postgresql"
    assert not connection.in_atomic_block


@pytest.mark.sqlite
def test_sqlite_database_is_a_file_in_wal_mode(db):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        mode = cursor.fetchone()[0]

    assert connection.vendor == "sqlite"
    assert mode == "wal"


@pytest.mark.faults
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_an_interrupted_run_leaves_no_server(tmp_path, number):
    (tmp_path / "test_waiting.py").write_text(
        "import pathlib, time\n"
        "from tests.conftest import redis_server\n"
        "def test_waiting(redis_server, db):\n"
        "    pathlib.Path(__file__).with_name('waiting').touch()\n"
        "    time.sleep(60)\n"
    )
    run = ManagedProcess(
        python_command(
            *("pytest", "-q", "--database=postgresql", str(tmp_path / "test_waiting.py")),
            *("-c", str(REPOSITORY / "pyproject.toml"), "--rootdir", str(REPOSITORY)),
        ),
        log=tmp_path / "log",
        env=_environment_of_an_outer_run(),
        stop_signal=number,
    )
    run.wait_until((tmp_path / "waiting").exists, what="the inner run", timeout=60)
    servers = psutil.Process(run.pid).children(recursive=True)
    folders = {server.cwd() for server in servers}

    os.kill(run.pid, number)

    assert run.wait(timeout=30) == pytest.ExitCode.INTERRUPTED
    assert {server.name() for server in servers if is_alive(server.pid)} == set()
    assert [folder for folder in folders if Path(folder).exists()] == []
    assert len(servers) >= 3


def _environment_of_an_outer_run():
    inner = ("PYTEST_", "CPOR_", "DATABASE_", "DJANGO_ALLOW")
    return {name: value for name, value in os.environ.items() if not name.startswith(inner)}


def test_celery_worker_and_beat_run_as_processes(celery_worker, celery_beat):
    worker, beat = celery_worker(), celery_beat()

    assert is_alive(worker.pid)
    assert is_alive(beat.pid)
    beat.process.wait_until(lambda: "Sending due task" in beat.log_text(), what="beat's first tick")
    worker.process.wait_until(lambda: " received" in worker.log_text(), what="a task")


def test_site_serves_the_test_database(site):
    served = site()

    with urlopen(f"{served.url}/healthz", timeout=10) as response:
        assert response.status == 200


def test_someone_made_in_the_test_can_sign_in_at_the_site(site, django_user_model):
    django_user_model.objects.create_user("ana@contoso.example", password="correct horse")
    served = site()
    cookies = CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    browser.open(f"{served.url}/accounts/login/").close()
    (token,) = [cookie.value for cookie in cookies if cookie.name == "csrftoken"]
    form = {"login": "ana@contoso.example", "password": "correct horse"}

    body = urlencode({**form, "csrfmiddlewaretoken": token}).encode()
    browser.open(f"{served.url}/accounts/login/", body).close()

    assert "sessionid" in {cookie.name for cookie in cookies}


def test_passwords_are_hashed_fast_elsewhere(db, django_user_model):
    user = django_user_model.objects.create_user("ana@contoso.example", password="correct horse")

    assert user.password.startswith("md5$")


@pytest.mark.e2e
def test_browser_is_the_installed_chromium_and_reaches_only_this_machine(page, browser):
    page.set_content("<p>ready</p>")

    assert page.text_content("p") == "ready"
    assert browser.browser_type.name == "chromium"
    with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://www.example.com/")
