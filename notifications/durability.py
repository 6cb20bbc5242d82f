"""Whether a commit waits for the disk."""

import contextlib
from collections.abc import Iterator

from django.db import DatabaseError, connection


@contextlib.contextmanager
def without_waiting_for_the_disk() -> Iterator[None]:
    """Commit marks without waiting until PostgreSQL has them on disk, about 0.6 s later at most.

    Waiting for the disk after each email would halve the throughput. A mark still survives the death of the
    sender, and others see it immediately. Only if the database server itself dies may the last marks be
    lost, together with what receivers wrote in the same transactions: those emails are then sent and
    announced again, with the same Message-ID. Later commits of others never outlive earlier marks, so
    the data stays consistent. SQLite in WAL mode (see settings) does the same by itself.
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
    """Commit the current transaction as above, but none after it.

    Meant for work that is found and done again if the database server dies: its locks are released as soon
    as it is done, and the next commit that waits writes it to the disk, too. A sender's lease is such a
    commit, so no email goes out before the rows it comes from are safe.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")


def _wait_again() -> None:
    """Reset the setting before the connection is used again; close the connection if that fails."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")
    except DatabaseError:
        connection.close()
