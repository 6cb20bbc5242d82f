"""Read stored rows again after the rules for reading input have changed; for migrations."""

from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

#: Checks a value that was read; raises ValidationError.
Check = Callable[[str], None]


def read_again(
    rows: models.QuerySet[Any],
    column: str,
    read: Callable[[str], str],
    *,
    check: Check | None = None,
) -> list[str]:
    """Read ``column`` of ``rows`` again with ``read``, and return a line for each row that needs attention.

    Those are rows left unchanged, because another row already has the new value or because it would not
    fit, and rows whose new value ``check`` refuses. A row without a value is skipped.
    """
    named = [(key, value) for key, value in _list_values(rows, column) if value]
    lines = []
    for key, before in named:
        after = read(before)
        line = "" if after == before else _store(rows, key, column, after)
        line = line or (_find_fault(after, check) if check else "")
        if line:
            lines.append(f"{rows.model._meta.label} {key}, {column} {before!a}: {line}")
    return lines


def _list_values(rows, column: str) -> Iterator[tuple[Any, str]]:
    return rows.order_by("pk").values_list("pk", column).iterator(chunk_size=2000)


def _store(rows, key: Any, column: str, value: str) -> str:
    """Store the new value, or return the reason why it cannot be stored."""
    longest = rows.model._meta.get_field(column).max_length
    if len(value) > longest:
        return f"would be longer than {longest} characters"
    try:
        with transaction.atomic(using=rows.db):
            rows.filter(pk=key).update(**{column: value})
    except IntegrityError:
        return f"another row has {value!a}"
    return ""


def _find_fault(value: str, check: Check) -> str:
    try:
        check(value)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""
