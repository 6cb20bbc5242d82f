"""What an imported row changes in a record that is there."""

from collections.abc import Mapping


def list_changes(
    old: Mapping[str, object], new: Mapping[str, object]
) -> list[tuple[str, str, str]]:
    """Return column, old and new value, as text, of every value in ``new`` that differs."""
    return [
        (column, _write(old[column]), _write(value))
        for column, value in new.items()
        if old[column] != value
    ]


def _write(value: object) -> str:
    return "" if value is None else str(value)
