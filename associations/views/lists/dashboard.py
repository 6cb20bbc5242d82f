"""The partners' dashboard: what waits for them and for others, and the number of claims by status."""

import datetime as dt
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from partners.access import member_of_partner

from ...claims import visible
from ...enums import Actor, Status
from ...filing.completeness import list_gaps
from ...lists import listing
from ...lists.listing import COUNT_CAP
from ...models import Association, Claim, Document

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

#: How many of each the dashboard shows; the list has the rest.
SHOWN = 6


#: What the partner has to do about a claim that waits for it, for a reader who may do it …
ADMIN_NEEDS = {
    Status.EDITING: _("Draft: ready to submit"),
    Status.ACTION_REQUIRED: _("Answer the reviewer's request"),
    Status.APPROVED: _("The notice did not reach the customer: name another contact"),
    Status.REJECTED: _("Rejected: you can dispute it"),
}
#: … and for one who prepares it for others [R43].
USER_NEEDS = {
    Status.EDITING: _("Draft: complete. An Incentives admin must submit it"),
    Status.ACTION_REQUIRED: _(
        "Add what the reviewer needs. An Incentives admin must send the answer"
    ),
    Status.APPROVED: _(
        "The notice did not reach the customer: an Incentives admin must name another contact"
    ),
    Status.REJECTED: _("Rejected: an Incentives admin can dispute it"),
}


#: The first thing a draft lacks, by the page of filing.
DRAFT_NEEDS = {
    "customer": _("Draft: the customer is missing"),
    "work": _("Draft: the work is missing"),
    "products": _("Draft: products are missing"),
    "contacts": _("Draft: contacts are missing"),
    "proof": _("Draft: the proof is missing"),
}


class Contents(TypedDict):
    """What the query adds to a draft."""

    has_products: bool
    has_proof: bool


@member_of_partner
@require_safe
def dashboard(request) -> HttpResponse:
    """Show what the partner has to do, and until when."""
    now = timezone.now()
    claims = visible.claims_visible_to(request.user, request.membership)
    counts = listing.count_by_status(claims)
    words = ADMIN_NEEDS if request.membership.is_incentives_admin else USER_NEEDS
    needs = _find_waiting(claims, words=words, now=now)
    if len(needs) <= SHOWN:  # else no draft is shown, so none needs to be queried
        needs += _find_unfinished(claims, words=words)
    context = {
        "needs": needs[:SHOWN],
        "has_more_needs": len(needs) > SHOWN,
        "clocks": _find_clocks(claims, now=now),
        "counts": [_describe_count(status, counts[status]) for status in Status if counts[status]],
        "has_claims": any(counts.values()),
    }
    return render(request, "associations/dashboard.html", context)


def _find_waiting(claims, *, words: dict, now: dt.datetime) -> list[Claim]:
    """Return failed notices, requests to answer and rejections that can be disputed, by deadline.

    A failed notice has no deadline and comes first: nothing continues until the contact is corrected.
    """
    failed, running = _split_waiting(claims.select_related("tenant", "location"), now=now)
    found = [*failed.order_by("id")[: SHOWN + 1], *running.order_by("due_at", "id")[: SHOWN + 1]]
    for claim in found:
        claim.need = words[Status(claim.status)]
    return found


def count_waiting(claims, *, now: dt.datetime) -> dict:
    """Return how many claims wait for the partner, drafts left out, up to the cap of counts."""
    count = sum(each[: COUNT_CAP + 1].count() for each in _split_waiting(claims, now=now))
    return {"count": min(count, COUNT_CAP), "is_capped": count > COUNT_CAP}


def _split_waiting(claims, *, now: dt.datetime) -> tuple[QuerySet, QuerySet]:
    """Return the claims whose notice failed, and those whose deadline has not passed.

    Each reads its own range of an index: one filter with OR would sort all that wait.
    """
    waiting = claims.filter(turn=Actor.PARTNER)
    return waiting.filter(due_at=None), waiting.filter(due_at__gt=now)


def _find_unfinished(claims, *, words: dict) -> list[Claim]:
    """Return the newest drafts, each with what it lacks."""
    drafts = (
        claims.filter(status=Status.EDITING)
        .select_related("tenant", "location")
        .annotate(
            has_products=Exists(Association.objects.filter(claim=OuterRef("pk"))),
            has_proof=Exists(Document.objects.filter(claim=OuterRef("pk"), withdrawn_at=None)),
        )
        .prefetch_related("contacts")
        .order_by("-id")[: SHOWN + 1]
    )
    for draft in drafts:
        draft.need = _find_first_gap(draft) or words[Status.EDITING]
    return list(drafts)


def _find_first_gap(draft: "WithAnnotations[Claim, Contents]"):
    """Return what to do on the first incomplete page of filing, or None."""
    gaps = list_gaps(draft, has_products=draft.has_products, has_proof=draft.has_proof)
    return DRAFT_NEEDS[gaps[0]] if gaps else None


def _find_clocks(claims, *, now: dt.datetime) -> list[Claim]:
    """Return the next deadlines of customer and reviewers, starting with what the reviewers are late with."""
    running = claims.select_related("tenant", "location").order_by("due_at", "id")
    # Each turn from its own range of an index, as above.
    staff = running.filter(turn=Actor.STAFF, due_at__isnull=False)
    customer = running.filter(turn=Actor.CUSTOMER, due_at__gt=now)
    soonest = sorted(
        [*staff[:SHOWN], *customer[:SHOWN]], key=lambda claim: (claim.due_at, claim.pk)
    )
    return soonest[:SHOWN]


def _describe_count(status: Status, count: int) -> dict:
    return {"status": status, "count": min(count, COUNT_CAP), "is_capped": count > COUNT_CAP}
