"""What other pages of admin say about mediation: a claim's open cases, and how many wait for a decision."""

import datetime as dt
from collections.abc import Iterable

from cpor_site.web.admin_lists import COUNT_LIMIT
from partners.rules import reads_cases

from ...contests.rivals import Rival, cases_visible_to
from ...enums import DECIDABLE_CASES
from ...models import MediationCase


def list_cases_of(competing: Iterable[Rival], *, user) -> list[MediationCase]:
    """Return the open cases about what these rivals stand on, if ``user`` may see cases; no query."""
    if not reads_cases(user):
        return []
    found = {}
    for each in (product for rival in competing for product in rival.products):
        if pk := each.case_id:  # type: ignore[attr-defined]  # list_rivals reads both with the rivals
            status = each.case_status  # type: ignore[attr-defined]
            found[pk] = MediationCase(pk=pk, status=status, product=each.product)
    return list(found.values())


def count_cases(user, *, now: dt.datetime) -> dict | None:
    """Return how many cases wait for a decision, and how many of them are late; None for who reads none.

    Counts are capped like those of the list.
    """
    if not reads_cases(user):
        return None
    waiting = cases_visible_to(user, now=now).open().filter(status__in=DECIDABLE_CASES)
    due = list(waiting.order_by("due_at").values_list("due_at", flat=True)[:COUNT_LIMIT])
    late = sum(each is not None and each <= now for each in due)
    return {"waiting": len(due), "late": late, "limit": COUNT_LIMIT}
