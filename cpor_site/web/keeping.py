"""How long things are kept, and how what is old is removed: a bounded number of rows at a time."""

import datetime as dt

from django.db.models import QuerySet

#: Rows of one statement, and statements of one run; what is left over is the next run's.
CHUNK = 1000
CHUNKS_MAX = 100


def find_cut_off(days: int, *, now: dt.datetime) -> dt.datetime | None:
    """Return the instant before which things are old; None where they are kept for ever (0 days)."""
    return now - dt.timedelta(days=days) if days > 0 else None


def delete_in_chunks(rows: QuerySet, *, chunk: int = CHUNK) -> int:
    """Delete ``rows``, each chunk in a transaction of its own; return how many.

    The condition is asked again as each chunk is deleted: a row that was touched since stays.
    """
    total = 0
    for _chunk in range(CHUNKS_MAX):
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[:chunk])
        if not keys:
            break
        _every, by_model = rows.filter(pk__in=keys).delete()
        total += by_model.get(rows.model._meta.label, 0)
    return total
