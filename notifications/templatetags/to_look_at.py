"""Entries to look at, for the staff's start page [R59]."""

from django import template

from .. import to_look_at

register = template.Library()
SHOWN = 10


@register.simple_tag
def entries_to_look_at(user) -> dict | None:
    """Return the newest open entries that ``user`` may see and how many more there are, or None.

    One query reads them; another counts if there are more than are shown.
    """
    entries = to_look_at.list_visible(user).filter(closed_at=None)
    newest = list(entries[: SHOWN + 1])
    if not newest:
        return None
    more = entries.count() - SHOWN if len(newest) > SHOWN else 0
    return {"newest": newest[:SHOWN], "more": more}
