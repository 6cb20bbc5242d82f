"""What other pages of admin say about mediation: a claim's open cases, and how many wait for a decision."""

import datetime as dt

from cpor_site.web.admin_lists import COUNT_LIMIT
from partners.rules import reads_cases

from ...contests.cases import find_open_cases
from ...contests.rivals import cases_visible_to
from ...enums import DECIDABLE_CASES
from ...models import Claim, MediationCase


def list_cases_of(claim: Claim, *, user, now: dt.datetime) -> list[MediationCase]:
    """Return the open cases of a claim that ``user`` may see, in one query."""
    if not reads_cases(user):
        return []
    visible = cases_visible_to(user, now=now).order_by().values("pk")
    return list(find_open_cases(claim).filter(pk__in=visible).order_by("product__position", "pk"))


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
