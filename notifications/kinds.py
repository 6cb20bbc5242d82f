"""The kinds of email and their names for staff; each app registers its own when it becomes ready."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django_stubs_ext import StrOrPromise

_names: "dict[str, StrOrPromise]" = {}


def name_kinds(choices: "Iterable[tuple[str, StrOrPromise]]") -> None:
    """Register kinds of email: pairs of a template's name under templates/mail/ and a name for staff.

    Lists and filters keep the order of the pairs. A kind without a name is shown as its code.
    """
    _names.update(choices)


def list_kinds() -> "list[tuple[str, StrOrPromise]]":
    """Return (kind, name) of each registered kind, as choices of a field."""
    return list(_names.items())
