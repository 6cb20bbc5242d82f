"""Statements that run so often that planning them matters."""

import contextlib
from collections.abc import Iterator

from django.db import connection


def are_plans_kept() -> bool:
    """Return whether a prepared statement still exists the next time it is needed."""
    return getattr(connection, "keeps_plans", False)


@contextlib.contextmanager
def keep_plans() -> Iterator[None]:
    """Let PostgreSQL plan the statements in this block once per connection, not for each execution.

    If plans cannot be kept, the block runs as usual.
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
