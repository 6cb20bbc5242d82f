"""The demo's database, brought up to date by its migrations as on any site."""

import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import CommandError, call_command


@contextmanager
def migrating() -> Iterator[None]:
    """Migrate beside what the block does, and wait for it at the block's end.

    In a process of its own: migrations replay the history of every table and would leave their memory with
    the site. Raises CommandError if they fail; their own error is on the terminal by then.
    """
    process = multiprocessing.get_context("fork").Process(target=_migrate, daemon=True)
    process.start()
    yield
    process.join()
    if process.exitcode:
        raise CommandError("The demo's database could not be brought up to date.")


def _migrate() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
