"""The dashboard's columns: the claims of each lane, the next deadline first, and their number [R6], [R46]."""

import datetime as dt
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import Exists, F, OuterRef, QuerySet

from ..display.lanes import Lane, in_lane, split_lane
from ..enums import Actor, Status
from ..models import Association, Claim, Document
from .listing import COUNT_CAP, count_each

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

#: How many claims a column shows; the list has the rest.
SHOWN = 4
#: The next deadline first, then what has none; as the index ``claim_open_turns`` has them.
NEXT_FIRST = (F("due_at").asc(nulls_last=True), "id")


class Contents(TypedDict):
    """What the query adds to a draft."""

    has_products: bool
    has_proof: bool


def count_by_lane(
    claims: QuerySet[Claim], **others: QuerySet[Any]
) -> tuple[dict[Lane, int], dict[str, int]]:
    """Count the claims of each lane, each of its parts up to COUNT_CAP + 1, in one query.

    ``others`` are counted with them, and returned by name.
    """
    claims = claims.order_by()
    parts: dict[str, QuerySet[Any]] = {
        f"{lane} {number}": claims.filter(part)
        for lane in Lane
        for number, part in enumerate(split_lane(lane))
    }
    found = count_each({**parts, **others})
    counts = dict.fromkeys(Lane, 0)
    for name in parts:
        counts[Lane(name.partition(" ")[0])] += found[name]
    return counts, {name: found[name] for name in others}


def count_waiting(claims: QuerySet[Claim]) -> dict:
    """Return how many claims are with the partner, drafts left out, up to the cap of counts."""
    waiting = claims.filter(turn=Actor.PARTNER).filter(in_lane(Lane.PARTNER))
    count = waiting[: COUNT_CAP + 1].count()
    return {"count": min(count, COUNT_CAP), "is_capped": count > COUNT_CAP}


def find_with_partner(claims: QuerySet[Claim]) -> list[Claim]:
    """Return the first claims that are with the partner, drafts left out.

    A failed notice has no deadline and comes first: nothing continues until the contact is corrected.
    Each reads its own range of an index: one filter with OR would sort all that wait.
    """
    waiting = _with_names(claims).filter(turn=Actor.PARTNER).filter(in_lane(Lane.PARTNER))
    failed = waiting.filter(due_at=None).order_by("id")[:SHOWN]
    running = waiting.filter(due_at__isnull=False).order_by("due_at", "id")[:SHOWN]
    return [*failed, *running][:SHOWN]


def find_drafts(claims: QuerySet[Claim]) -> "list[WithAnnotations[Claim, Contents]]":
    """Return the newest drafts, each with what says what it lacks (``Contents``)."""
    drafts = _with_names(claims).filter(status=Status.EDITING)
    drafts = drafts.annotate(
        has_products=Exists(Association.objects.filter(claim=OuterRef("pk"))),
        has_proof=Exists(Document.objects.filter(claim=OuterRef("pk"), withdrawn_at=None)),
    )
    return list(drafts.prefetch_related("contacts").order_by("-id")[:SHOWN])


def find_with_reviewers(claims: QuerySet[Claim]) -> list[Claim]:
    """Return the first claims that are with the reviewers; what is set aside comes last."""
    claims = _with_names(claims).filter(in_lane(Lane.REVIEWERS))
    waiting = claims.filter(turn=Actor.STAFF).order_by(*NEXT_FIRST)[:SHOWN]
    set_aside = claims.filter(is_parked=True).order_by("due_at", "id")[:SHOWN]
    return [*waiting, *set_aside][:SHOWN]


def find_with_customer(claims: QuerySet[Claim]) -> list[Claim]:
    """Return the first claims that are with the customer."""
    claims = _with_names(claims).filter(in_lane(Lane.CUSTOMER), turn=Actor.CUSTOMER)
    return list(claims.order_by(*NEXT_FIRST)[:SHOWN])


def find_official(claims: QuerySet[Claim]) -> list[Claim]:
    """Return the newest official claims."""
    return list(_with_names(claims).filter(in_lane(Lane.OFFICIAL)).order_by("-id")[:SHOWN])


def find_disputable(claims: QuerySet[Claim], *, now: dt.datetime) -> list[Claim]:
    """Return the rejections that can still be disputed, the next deadline first."""
    claims = _with_names(claims).filter(in_lane(Lane.CLOSED), turn=Actor.PARTNER, due_at__gt=now)
    return list(claims.order_by("due_at", "id")[:SHOWN])


def _with_names(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    return claims.select_related("tenant", "location")
