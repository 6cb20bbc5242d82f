"""The partners' dashboard: with whom their claims are, until when, and what the partner has to do."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from partners.access import member_of_partner

from ...claims import visible
from ...contests import own_cases
from ...display.lanes import Lane
from ...display.sentences import describe_short_day
from ...enums import Status
from ...filing.completeness import list_gaps
from ...lists import board
from ...lists.listing import COUNT_CAP
from ...models import Claim

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise, WithAnnotations


#: What the partner has to do about a claim that is with them, for a reader who may do it …
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

#: What is said of a claim whose partner missed the deadline to answer, until a sweep closes it.
TOO_LATE = _("Too late to answer: the claim will be rejected shortly")

#: What an empty column says.
EMPTY = {
    Lane.PARTNER: _("Nothing needs your attention. Claims that need an answer appear here."),
    Lane.REVIEWERS: _("Claims appear here once you have submitted them."),
    Lane.CUSTOMER: _("Approved claims appear here while the customer can opt out."),
    Lane.OFFICIAL: _("Claims that became official appear here, with their usage."),
    Lane.CLOSED: _("No rejection can be disputed now."),
}


@dataclass(frozen=True)
class Row:
    """A claim in its column, and what the partner has to do about it, if anything."""

    claim: Claim
    need: "StrOrPromise" = ""


@member_of_partner
@require_safe
def dashboard(request) -> HttpResponse:
    """Show with whom the partner's claims are and until when, and what the partner has to do."""
    now = timezone.now()
    claims = visible.claims_visible_to(request.user, request.membership)
    waiting = own_cases.find_waiting(claims, partner_id=request.membership.partner_id, now=now)
    counts, others = board.count_by_lane(claims, waiting=waiting)
    words = ADMIN_NEEDS if request.membership.is_incentives_admin else USER_NEEDS
    disputable = board.find_disputable(claims, now=now)
    rows = {
        Lane.PARTNER: _find_needs(claims, words=words, now=now),
        Lane.REVIEWERS: [Row(claim) for claim in board.find_with_reviewers(claims)],
        Lane.CUSTOMER: [Row(claim) for claim in board.find_with_customer(claims)],
        Lane.OFFICIAL: [Row(claim) for claim in board.find_official(claims)],
        Lane.CLOSED: [Row(claim, words[Status.REJECTED]) for claim in disputable],
    }
    context = {
        "columns": [_describe_column(lane, rows[lane], counts[lane], now=now) for lane in Lane],
        "has_claims": any(counts.values()),
        # Most partners have none: it is counted with the claims, and read only where there is one.
        "waiting": own_cases.list_waiting(waiting, now=now) if others["waiting"] else [],
    }
    return render(request, "associations/dashboard.html", context)


def _find_needs(claims, *, words: dict, now: dt.datetime) -> list[Row]:
    """Return the first claims that are with the partner, then drafts, each with what is to be done."""
    waiting = board.find_with_partner(claims)
    rows = [
        Row(each, TOO_LATE if each.is_unanswered(at=now) else words[Status(each.status)])
        for each in waiting
    ]
    if len(rows) < board.SHOWN:  # else no draft is shown, so none needs to be queried
        drafts = board.find_drafts(claims)
        rows += [Row(each, _find_first_gap(each) or words[Status.EDITING]) for each in drafts]
    return rows[: board.SHOWN]


def _find_first_gap(draft: "WithAnnotations[Claim, board.Contents]"):
    """Return what to do on the first incomplete page of filing, or None."""
    gaps = list_gaps(draft, has_products=draft.has_products, has_proof=draft.has_proof)
    return DRAFT_NEEDS[gaps[0]] if gaps else None


def _describe_column(lane: Lane, rows: list[Row], count: int, *, now: dt.datetime) -> dict:
    due = [(row.claim.due_at, row.claim) for row in rows if row.claim.due_at]
    first = min((each for each in due if each[0] > now), default=None, key=lambda each: each[0])
    return {
        "lane": lane,
        "rows": rows,
        "count": min(count, COUNT_CAP),
        "is_capped": count > COUNT_CAP,
        "next": describe_short_day(first[1]) if first else "",
        "has_more": count > len(rows) and lane != Lane.CLOSED,
        "empty": EMPTY[lane],
    }
