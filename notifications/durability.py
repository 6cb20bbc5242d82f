"""How long a mark is waited for."""

import contextlib
from collections.abc import Iterator

from django.db import DatabaseError, connection


@contextlib.contextmanager
def without_waiting_for_the_disk() -> Iterator[None]:
    """Commit marks without waiting until PostgreSQL has them on disk, some 0.6 s later at most.

    Waiting for the disk after each mail would halve the mails per second. A mark survives the death
    of the sender all the same, and others see it at once. Only if the database server itself dies,
    the last marks may be lost, together with what receivers wrote in the same transactions: those
    mails are then sent and announced again, with the same Message-ID. Later commits of others never
    outlive earlier marks, so nothing is ever half there. SQLite in WAL mode (see settings) does the
    same by itself.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    try:
        yield
    finally:
        _wait_again()


def commit_without_waiting_for_the_disk() -> None:
    """Let the transaction that runs now be committed as above, and none after it.

    For work that is found again and done anew where the database server dies: its locks are free as
    soon as it is done, and the next commit that waits takes it to the disk, too. That of a sender's
    lease is one, so that no mail goes out before the rows it comes from are safe.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")


def _wait_again() -> None:
    """Undo the setting before anybody else gets the connection; where that fails, close it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")
    except DatabaseError:
        connection.close()
