"""Statements that are asked so often that planning them counts."""

import contextlib
from collections.abc import Iterator

from django.db import connection


def are_plans_kept() -> bool:
    """Return whether a statement that was prepared is still there the next time it is needed."""
    return getattr(connection, "keeps_plans", False)


@contextlib.contextmanager
def keep_plans() -> Iterator[None]:
    """Let PostgreSQL plan what is asked in this block once a connection, and not once a time.

    Where plans cannot be kept, the block runs as it would without.
    """
    if not are_plans_kept():
        yield
        return
    from django.db.backends.postgresql.base import (  # noqa: PLC0415 - it needs psycopg
        ServerBindingCursor,
    )

    connection.ensure_connection()
    raw = connection.connection
    usual = raw.cursor_factory, raw.prepare_threshold
    raw.cursor_factory, raw.prepare_threshold = ServerBindingCursor, 0
    try:
        yield
    finally:
        raw.cursor_factory, raw.prepare_threshold = usual
