"""`manage.py demo`: a working example in one command, without configuration."""

import datetime as dt
import fcntl
import gc
import logging
import signal
import socket
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone

from cpor_site.demo import facts, mailbox, seeding
from cpor_site.demo.background import run_jobs
from cpor_site.demo.environment import read_port
from cpor_site.demo.people import PASSWORD, PEOPLE

TOUR = """\
  1. Sign in as Ana, open claim {closing} and watch it become official ({seconds} seconds from now);
     then look at its usage.
  2. File a claim of your own: the tour page names a customer and has a file of proof to upload.
  3. Sign in as Rita, find it in the review queue, start its review and approve it.
  4. Read the customer's email, follow its link and refuse one of the products.
  5. Sign in as Ana again to see the result; sign in as Beatriz to see it in Portuguese.
"""


class Command(BaseCommand):
    help = "Serve a working example with SQLite: gunicorn, Celery and a mail server."
    requires_system_checks = []  # run below, once the folder is locked

    def handle(self, *_args, **_options):
        if not settings.CPOR_DEMO:
            raise CommandError("Start the demo with `make demo` or `manage.py demo`.")
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with hold_data_folder(), open_port(read_port()) as listener:
                self.serve(listener)
        except KeyboardInterrupt:
            self.say_goodbye()

    def serve(self, listener: socket.socket) -> None:
        """Prepare everything, and serve until stopped; ends the process."""
        self.stdout.write(f"Preparing the example in {settings.CPOR_DATA_DIR} …")
        self.stdout.flush()
        is_new = not Path(settings.DATABASES["default"]["NAME"]).exists()
        with seeding.migrating():
            self.check()
            if is_new:
                seeding.prepare()
            from cpor_site.serving import serve_here  # noqa: PLC0415 - loads the application
        logging.disable(logging.ERROR)  # what the example's past leaves to look at is not news
        seeding.seed()
        logging.disable(logging.NOTSET)
        start = timezone.now()
        closes_at = start + dt.timedelta(seconds=seeding.CLOSES_AFTER)
        closing = seeding.make_closing_claim(start, closes_at=closes_at)
        facts.write(closing, closes_at=closes_at)
        connections.close_all()  # the process that serves opens its own
        parts = ExitStack()

        def begin() -> None:
            parts.callback(mailbox.start_server().stop)
            parts.enter_context(run_jobs())
            self.tell(closing)

        serve_here(listener, begin=begin, end=parts.close, on_stop=self.say_goodbye)

    def say_goodbye(self) -> None:
        self.stdout.write("\nStopped. What you did is kept; start it again with `make demo`.")

    def tell(self, closing) -> None:
        """Print the address, the sign-ins and the tour; the site is ready for requests."""
        gc.enable()
        gc.freeze()
        lines = [
            "",
            f"CPOR is at      {settings.CPOR_BASE_URL}",
            f"The tour        {settings.CPOR_BASE_URL}/demo/",
            f"Every email     {settings.CPOR_BASE_URL}/demo/mail/",
            "",
            f"Sign in (password {PASSWORD}) as",
            *(_describe(person) for person in PEOPLE),
            "",
            "Five steps",
            TOUR.format(closing=closing.reference, seconds=seeding.CLOSES_AFTER),
            "Ctrl-C stops it.",
        ]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def _describe(person) -> str:
    roles = [
        f"{role.label}, {partner}" if partner else f"staff, {role}"
        for partner, role in person.list_roles()
    ]
    return f"  {person.email:34} {' and '.join(roles)}: {person.purpose}"


@contextmanager
def hold_data_folder():
    """Lock the data folder. Raises CommandError if another demo is using it."""
    path = settings.CPOR_DATA_DIR / "demo.lock"
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"A demo is already running with the data in {settings.CPOR_DATA_DIR}. "
                "Stop it, or name another folder: CPOR_DATA_DIR=/tmp/cpor PORT=8001 make demo"
            ) from None
        yield


@contextmanager
def open_port(port: int):
    """Bind the port before anything else. Raises CommandError if it is taken."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used ({error.strerror}). "
                f"Stop what uses it, or choose another: PORT={port % 65535 + 1} make demo"
            ) from None
        yield listener
