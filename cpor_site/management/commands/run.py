"""`manage.py run`: web, Celery worker and beat as processes, against real servers."""

import os
import signal
import subprocess  # nosec B404
import sys
import time

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cpor_site.demo.environment import read_port

PARTS = ("web", "worker", "beat")
#: Seconds a part may take to finish what it is doing before it is killed.
GRACE = 30
LOOK_EVERY = 0.2


class Command(BaseCommand):
    help = "Serve the site: web, worker and beat, or one of them alone (for many machines)."

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
        code = Supervisor(self.stdout).run()
        if code:
            sys.exit(code)


def require_servers() -> None:
    """Raises CommandError where a part would have a database or a broker of its own."""
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
    """Raises CommandError where a default, or an error, would reach customers [R20], [R21]."""
    found = checks.run_checks(include_deployment_checks=True)
    # Ours: what Django advises for a deployment is the operator's to weigh.
    problems = [each for each in found if each.is_serious() and str(each.id).startswith("cpor.")]
    if problems:
        lines = [f"{each.msg}\n    {each.hint or ''}".rstrip() for each in problems]
        raise CommandError("\n".join(["These settings must not reach customers:", *lines]))


def require_migrated() -> None:
    """Raises CommandError where the database lacks what this version needs."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(
            "The database is older than this version. Run `manage.py migrate` first "
            "(`make run` does)."
        )
    connection.close()


def run_web() -> None:
    """Serve by gunicorn: WEB_WORKERS processes of WEB_THREADS threads."""
    from cpor_site.serving import serve_with_arbiter  # noqa: PLC0415 - loads the application

    address = os.environ.get("BIND") or "127.0.0.1"
    serve_with_arbiter(
        bind=f"{address}:{read_port()}",
        workers=read_number("WEB_WORKERS", default=2 * (os.cpu_count() or 1) + 1),
        threads=read_number("WEB_THREADS", default=1),
    )


def run_worker() -> None:
    """Become a Celery worker of WORKER_PROCESSES processes."""
    processes = read_number("WORKER_PROCESSES", default=os.cpu_count() or 1)
    become_celery("worker", "--loglevel", "WARNING", "--concurrency", str(processes))


def run_beat() -> None:
    """Become Celery's beat, without a file: sweeps look for what is due, not what was missed."""
    become_celery("beat", "--loglevel", "WARNING", "--scheduler", "celery.beat:Scheduler")


RUN = {"web": run_web, "worker": run_worker, "beat": run_beat}


def become_celery(*arguments: str) -> None:
    command = [sys.executable, "-m", "celery", "-A", "cpor_site", *arguments]
    os.chdir(settings.BASE_DIR)
    os.execv(sys.executable, command)  # noqa: S606 # nosec B606 - our own interpreter


def read_number(name: str, *, default: int) -> int:
    """Return an environment variable that counts something. Raises CommandError unless ≥ 1."""
    given = os.environ.get(name) or str(default)
    if not given.isdecimal() or int(given) < 1:
        raise CommandError(f"{name} is “{given}”; it must be a number from 1 on.")
    return int(given)


class Supervisor:
    """Keeps the three parts together: when one ends, or somebody stops us, all end."""

    def __init__(self, output):
        self.output = output
        self.children: dict[str, subprocess.Popen] = {}

    def run(self) -> int:
        """Return 0 after Ctrl-C or SIGTERM, 1 after a part ended by itself."""
        try:
            for part in PARTS:
                self._start(part)
            self._say(f"Serving at {settings.CPOR_BASE_URL}, port {read_port()}. Ctrl-C stops it.")
            part = self._wait_for_an_end()
        except KeyboardInterrupt:
            self._say("Stopping …")
            return 0
        else:
            code = self.children[part].returncode
            self._say(f"{part} ended with code {code}, so the others are stopped too.")
            return 1
        finally:
            self._stop_all()

    def _start(self, part: str) -> None:
        # A group of its own: a Ctrl-C in the terminal reaches us alone, and we stop them.
        self.children[part] = subprocess.Popen(  # noqa: S603 # nosec B603
            [sys.executable, str(settings.BASE_DIR / "manage.py"), "run", part], process_group=0
        )

    def _wait_for_an_end(self) -> str:
        while True:
            for part, child in self.children.items():
                if child.poll() is not None:
                    return part
            time.sleep(LOOK_EVERY)

    def _stop_all(self) -> None:
        """Beat first, so that nothing new begins, then the web, then the worker; patiently."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        children = [self.children[part] for part in reversed(PARTS) if part in self.children]
        for child in children:
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + GRACE
        for child in children:
            self._wait(child, deadline)

    def _wait(self, child: subprocess.Popen, deadline: float) -> None:
        try:
            child.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def _say(self, words: str) -> None:
        self.output.write(words)
        self.output.flush()
