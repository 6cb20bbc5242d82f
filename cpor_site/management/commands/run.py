"""`manage.py run`: web, Celery's workers and beat as processes, against real servers."""

import os
import signal
import sys

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cpor_site.demo.environment import read_port
from cpor_site.supervisor import Supervisor

#: In starting order; they are stopped in reverse, beat first.
PARTS = ("web", "worker", "email", "beat")


class Command(BaseCommand):
    help = "Serve the site: web, worker, email and beat, or one of them alone (for many machines)."

    def add_arguments(self, parser):
        parser.add_argument("part", nargs="?", choices=PARTS, help="run this part alone")

    def handle(self, *_args, part=None, **_options):
        require_servers()
        require_fit_for_production()
        if part:
            RUN[part]()
            return
        require_migrated()
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        greeting = f"Serving at {settings.CPOR_BASE_URL}, port {read_port()}. Ctrl-C stops it."
        code = Supervisor(PARTS, self.stdout).run(greeting=greeting)
        if code:
            sys.exit(code)


def require_servers() -> None:
    """Check that all parts share a database and a broker. Raises CommandError."""
    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        raise CommandError(
            "Several processes need a database server. Set DATABASE_URL, such as "
            "postgres://cpor@127.0.0.1/cpor, or try the example with `make demo`."
        )
    if not settings.REDIS_URL:
        raise CommandError(
            "Several processes need a broker. Set REDIS_URL, such as redis://127.0.0.1:6379/0, "
            "or try the example with `make demo`."
        )


def require_fit_for_production() -> None:
    """Check that no default and no error would reach customers [R20], [R21]. Raises CommandError."""
    found = checks.run_checks(include_deployment_checks=True)
    # Only our own checks: Django's deployment advice is for the operator to consider.
    problems = [each for each in found if each.is_serious() and str(each.id).startswith("cpor.")]
    if problems:
        lines = [f"{each.msg}\n    {each.hint or ''}".rstrip() for each in problems]
        raise CommandError("\n".join(["These settings must not reach customers:", *lines]))


def require_migrated() -> None:
    """Check that all migrations were applied. Raises CommandError."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(
            "The database is older than this version. Run `manage.py migrate` first "
            "(`make run` does)."
        )
    connection.close()


def run_web() -> None:
    """Serve with gunicorn: WEB_WORKERS processes of WEB_THREADS threads each."""
    from cpor_site import serving  # noqa: PLC0415 - loads the application

    address = os.environ.get("BIND") or "127.0.0.1"
    serving.serve_with_arbiter(
        bind=f"{address}:{read_port()}",
        workers=read_number("WEB_WORKERS", default=(os.cpu_count() or 1) + 1),
        threads=read_number("WEB_THREADS", default=serving.THREADS),
        keep_alive=read_number("WEB_KEEP_ALIVE", default=serving.KEEP_ALIVE),
    )


def run_worker() -> None:
    """Become a Celery worker of WORKER_PROCESSES processes for everything but email."""
    processes = read_number("WORKER_PROCESSES", default=os.cpu_count() or 1)
    become_worker("worker", queue=settings.CELERY_TASK_DEFAULT_QUEUE, processes=processes)


def run_email() -> None:
    """Become a Celery worker of EMAIL_PROCESSES processes for email, one delivery at a time in each."""
    processes = read_number("EMAIL_PROCESSES", default=1)
    become_worker(
        "email", "--prefetch-multiplier", "1", queue=settings.CPOR_EMAIL_QUEUE, processes=processes
    )


def run_beat() -> None:
    """Become Celery's beat, without a file: sweeps look for what is due, not what was missed."""
    become_celery("beat", "--loglevel", "WARNING", "--scheduler", "celery.beat:Scheduler")


RUN = {"web": run_web, "worker": run_worker, "email": run_email, "beat": run_beat}


def become_worker(name: str, *arguments: str, queue: str, processes: int) -> None:
    # Each process runs one task at a time, and Celery closes a pool after each: there is nothing to share.
    os.environ["DATABASE_POOL_SIZE"] = "0"
    become_celery(
        *("worker", "--loglevel", "WARNING", "--hostname", f"{name}@%h"),
        *("--queues", queue, "--concurrency", str(processes), *arguments),
    )


def become_celery(*arguments: str) -> None:
    command = [sys.executable, "-m", "celery", "-A", "cpor_site", *arguments]
    os.chdir(settings.BASE_DIR)
    os.execv(sys.executable, command)  # noqa: S606 # nosec B606 - our own interpreter


def read_number(name: str, *, default: int) -> int:
    """Return an environment variable that counts something. Raises CommandError unless ≥ 1."""
    given = os.environ.get(name) or str(default)
    if not given.isdecimal() or int(given) < 1:
        raise CommandError(f"{name} is “{given}”; it must be a number, 1 or more.")
    return int(given)
