"""The kinds of mail by the names that staff read; each app names its own as it becomes ready."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django_stubs_ext import StrOrPromise

_names: "dict[str, StrOrPromise]" = {}


def name_kinds(choices: "Iterable[tuple[str, StrOrPromise]]") -> None:
    """Name kinds of mail: pairs of a template's name under templates/mail/ and words for staff.

    Lists and filters keep the order of the pairs. A kind that nobody named shows as its code.
    """
    _names.update(choices)


def list_kinds() -> "list[tuple[str, StrOrPromise]]":
    """Return (kind, name) of each named kind, as choices of a field."""
    return list(_names.items())
