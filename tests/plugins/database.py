"""Gives a test run its database and its environment before Django reads its settings.

pytest-django reads settings before any conftest, so this is a plugin loaded by ``-p`` (see
pyproject.toml). ``--database=sqlite|postgresql`` chooses; PostgreSQL is started privately and stopped
afterwards. The run refuses to start on any other database than the one asked for.
"""

import os
from pathlib import Path

import pytest

from tests.servers.postgresql import PostgresServer
from tests.servers.processes import (
    RUN_FOLDER,
    ServerError,
    end_on_signals,
    make_folder,
    remove_folder,
)

SQLITE, POSTGRESQL = "sqlite", "postgresql"
SERVER_KEY = pytest.StashKey[PostgresServer]()
FOLDER_KEY = pytest.StashKey[Path]()
BROWSER_FIXTURES = {"browser", "context", "page", "new_context"}

#: A PostgreSQL that is already there, for a run that many others follow (tests/mutants).
GIVEN_SERVER = "CPOR_TEST_SERVER"
#: What a developer's shell may hold and a test run must not read.
FOREIGN_VARIABLES = (
    *("CPOR_DEMO", "DEBUG", "REDIS_URL", "CPOR_BASE_URL", "ALLOWED_HOSTS", "CPOR_COLLECTED_STATIC"),
    *("CPOR_SWEEP_SECONDS", "BEHIND_PROXY", "ANYMAIL", "SECURE_SSL_REDIRECT", "EMAIL_TIMEOUT"),
    *("SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD", "STATUS_TOKEN"),
    *("WEB_WORKERS", "WEB_THREADS", "WEB_KEEP_ALIVE", "WORKER_PROCESSES", "EMAIL_PROCESSES"),
    *("OPERATOR_NAME", "OPERATOR_COUNTRY", "OPERATOR_TIME_ZONE", "OPERATOR_SUPPORT_EMAIL"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=(SQLITE, POSTGRESQL),
        default=os.environ.get("CPOR_TEST_DATABASE", SQLITE),
        help="the database to test on (default: CPOR_TEST_DATABASE, else sqlite)",
    )


# A wrapper runs before every plain hook, and pytest-django reads settings in a plain one.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config):
    if _is_worker():
        # The controller's folder and server are in the inherited environment.
        _give_worker_its_folder()
    elif not (early_config.known_args_namespace.help or early_config.known_args_namespace.version):
        end_on_signals()
        _prepare_environment(early_config)
    return (yield)


def _is_worker() -> bool:
    return "PYTEST_XDIST_WORKER" in os.environ


def _give_worker_its_folder() -> None:
    folder = Path(os.environ["CPOR_DATA_DIR"]) / os.environ["PYTEST_XDIST_WORKER"]
    folder.mkdir(exist_ok=True)
    os.environ["CPOR_DATA_DIR"] = str(folder)


def _prepare_environment(config: pytest.Config) -> None:
    for name in (*FOREIGN_VARIABLES, RUN_FOLDER):
        os.environ.pop(name, None)
    folder = config.stash[FOLDER_KEY] = make_folder("tests")
    os.environ[RUN_FOLDER] = str(folder)
    os.environ.update(
        CPOR_DATA_DIR=str(folder),
        DATABASE_POOL="false",  # tests open and close connections by hand, thread by thread
        DATABASE_URL=_provide_database(config, folder=folder),
        EMAIL_URL="smtp://127.0.0.1:1",  # nothing listens there: a test that mails brings its server
        LOG_LEVEL="WARNING",
        SECRET_KEY="only-for-tests-" + "0123456789" * 4,
    )


def _provide_database(config: pytest.Config, *, folder: Path) -> str:
    if config.known_args_namespace.database == SQLITE:
        return f"sqlite:///{folder / 'cpor.sqlite3'}"
    if given := os.environ.get(GIVEN_SERVER):
        return given
    try:
        server = config.stash[SERVER_KEY] = PostgresServer().start()
    except ServerError as error:
        raise pytest.UsageError(str(error)) from error
    return server.url()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sqlite: shows what only SQLite does; left out elsewhere")


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.getoption('database')}"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse a run whose settings lead to another database than the one asked for."""
    from django.db import connection

    wanted = session.config.getoption("database")
    if connection.vendor != wanted:
        raise pytest.UsageError(f"asked for {wanted}, but settings lead to {connection.vendor}")


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.get_closest_marker("race") and not item.get_closest_marker("django_db"):
        # Two connections meet only in what is committed.
        item.add_marker(pytest.mark.django_db(transaction=True))
    if BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
        # Playwright's loop runs in the thread of the test, which makes Django's guard cry wolf.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out (not skip) what has no meaning on this database."""
    foreign = {SQLITE: ("race", "plans", "walk"), POSTGRESQL: ("sqlite",)}[
        config.getoption("database")
    ]
    left_out = [item for item in items if any(map(item.get_closest_marker, foreign))]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


# Last: the connections of the session's fixtures must be closed before their server goes.
@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER_KEY in config.stash:
        config.stash[SERVER_KEY].stop()
    if FOLDER_KEY in config.stash:
        remove_folder(config.stash[FOLDER_KEY])
