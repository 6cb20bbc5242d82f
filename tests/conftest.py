"""Fixtures for real parts: database file, Redis, mail server, Celery, the site, the browser."""

import contextlib
import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone, translation

from tests.servers.celery import CeleryBeat, CeleryWorker
from tests.servers.processes import ServerError
from tests.servers.redis import RedisServer
from tests.servers.site import SiteProcess
from tests.servers.smtp import SmtpServer

CHROMIUM_ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    # A page under test reaches this machine only, whatever it asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Give SQLite a file, so that threads and the processes of a test share the database."""
    if connection.vendor == "sqlite":
        path = Path(django_settings.CPOR_DATA_DIR) / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(path)


@pytest.fixture(autouse=True)
def fast_passwords(request, settings):
    """The real hasher is slow by design and is not ours to test.

    A process of its own knows only the real one, so that people who sign in there need it.
    """
    if "process_env" not in request.fixturenames:
        from tests import cast

        settings.PASSWORD_HASHERS = cast.FAST_HASHERS


@pytest.fixture(autouse=True)
def unread_static_files(settings):
    """Each test client makes the middleware again, and WhiteNoise would list every static file."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def language_of_the_site():
    """A request leaves its reader's language and zone active in its thread; no test inherits them."""
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(autouse=True)
def empty_cache():
    """Rate limits and the like of one test are none of the next one's business."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def staff_groups(request):
    """Each test that asks the database finds the groups that a site has."""
    wanted = [name for name in ("transactional_db", "db") if name in request.fixturenames]
    if wanted or request.node.get_closest_marker("django_db"):
        from tests import cast

        for name in wanted:
            request.getfixturevalue(name)
        cast.ensure_staff_groups()


@pytest.fixture(autouse=True)
def complete_sign_in():
    """``client.force_login`` stands for a whole sign-in; that of staff ends with a second factor.

    Only for it: a request of a real sign-in has a method, and passes allauth's own second page.
    """
    from django.contrib.auth.signals import user_logged_in

    from tests import cast

    def prove(sender, request, user, **_others):
        if request.method is None and user.is_staff:
            cast.prove_second_factor(request.session, user)

    user_logged_in.connect(prove, weak=False, dispatch_uid="tests.complete_sign_in")
    yield
    user_logged_in.disconnect(prove, dispatch_uid="tests.complete_sign_in")


@pytest.fixture(scope="session")
def redis_server():
    """One Redis for each pytest process; ``flush()`` it where a test counts messages."""
    with RedisServer() as server:
        yield server


@pytest.fixture
def smtp_server(settings):
    """A mail server that Django's settings point to; see tests/servers/smtp.py for its behaviours."""
    with SmtpServer() as server:
        settings.EMAIL_BACKEND = "notifications.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
        settings.EMAIL_TIMEOUT = 2
        yield server


def database_url() -> str:
    """The URL of the *test* database, for processes that must see what the test sees."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    return f"postgresql://{at['USER']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"


@pytest.fixture
def process_env(transactional_db, settings):
    """A function that gives the environment for a process of this project, as settings are *now*."""

    def build(**overrides: str) -> dict[str, str]:
        return {
            "DATABASE_URL": database_url(),
            "DATABASE_POOL": "false",
            "EMAIL_URL": f"smtp://{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
            "EMAIL_TIMEOUT": str(settings.EMAIL_TIMEOUT),
            "CPOR_DATA_DIR": str(settings.CPOR_DATA_DIR),
            "SECRET_KEY": settings.SECRET_KEY,
            **overrides,
        }

    return build


def _make_starter(kind, *, process_env, redis_server, stack):
    def start(*arguments: str, **env: str):
        environment = process_env(REDIS_URL=redis_server.url(), **env)
        return stack.enter_context(kind(env=environment, arguments=arguments))

    return start


@pytest.fixture
def celery_worker(process_env, redis_server):
    """``celery_worker(**env)`` starts a worker process on the test database and returns it."""
    redis_server.flush()
    with contextlib.ExitStack() as stack:
        yield _make_starter(
            CeleryWorker, process_env=process_env, redis_server=redis_server, stack=stack
        )


@pytest.fixture
def celery_beat(process_env, redis_server):
    """``celery_beat(CPOR_SWEEP_SECONDS="1")`` starts a beat process and returns it."""
    with contextlib.ExitStack() as stack:
        yield _make_starter(
            CeleryBeat, process_env=process_env, redis_server=redis_server, stack=stack
        )


@pytest.fixture
def site(process_env):
    """``site(**env)`` serves the test database by gunicorn and returns it; see ``site(...).url``."""
    with contextlib.ExitStack() as stack:

        def start(*, ready_path: str = "/healthz", **env: str) -> SiteProcess:
            return stack.enter_context(SiteProcess(env=process_env(**env), ready_path=ready_path))

        yield start


@pytest.fixture(scope="session")
def base_url():
    """Stands in for pytest-playwright's, which is declared in a way that pytest 10 will refuse."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's Chromium instead of a download."""
    executable = shutil.which("chromium")
    if executable is None:
        raise ServerError("chromium is missing: run `apt-get install chromium` or `make test`")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox refuses root
    return {
        **browser_type_launch_args,
        "executable_path": executable,
        "args": CHROMIUM_ARGUMENTS + sandbox,
    }
