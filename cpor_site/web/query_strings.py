"""The query of an address, with parts changed: the links of a list keep its filters."""

from django.http import QueryDict


def change_query(given: QueryDict, *, drop: tuple[str, ...] = (), **changes: object) -> str:
    """Return a query with parts dropped or changed, without empty values."""
    query = given.copy()
    for name in drop:
        query.pop(name, None)
    for name, value in changes.items():
        query[name] = str(value)
    kept = [(name, value) for name, value in query.lists() if any(value)]
    query.clear()
    for name, values in kept:
        query.setlist(name, values)
    return f"?{query.urlencode()}"
