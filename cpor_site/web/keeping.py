"""How long data is kept, and how old data is removed: a limited number of rows at a time."""

import datetime as dt

from django.db.models import QuerySet

#: Rows per statement, and statements per run; the rest is left to the next run.
CHUNK = 1000
CHUNKS_MAX = 100


def find_cut_off(days: int, *, now: dt.datetime) -> dt.datetime | None:
    """Return the instant before which data is old; None if it is kept forever (0 days)."""
    return now - dt.timedelta(days=days) if days > 0 else None


def delete_in_chunks(rows: QuerySet, *, chunk: int = CHUNK) -> int:
    """Delete ``rows``, each chunk in its own transaction; return how many.

    The condition is checked again as each chunk is deleted: a row that was changed since is kept.
    """
    total = 0
    for _chunk in range(CHUNKS_MAX):
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[:chunk])
        if not keys:
            break
        _every, by_model = rows.filter(pk__in=keys).delete()
        total += by_model.get(rows.model._meta.label, 0)
    return total
