"""With whom a claim is: its lane, the one mark of it in pages, lists, emails and exports [R6]."""

import functools
import operator

from django.db.models import Q, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..enums import Actor, Status
from ..models import Claim


class Lane(TextChoices):
    """Who has the claim, or how it ended."""

    PARTNER = "partner", pgettext_lazy("who has the claim", "Partner")
    REVIEWERS = "reviewers", pgettext_lazy("who has the claim", "Reviewers")
    CUSTOMER = "customer", pgettext_lazy("who has the claim", "Customer")
    OFFICIAL = "official", pgettext_lazy("who has the claim", "Official")
    CLOSED = "closed", pgettext_lazy("who has the claim", "Closed")


#: The lane of each status but Approved, of which something may stand in the way.
LANE_OF = {
    Status.EDITING: Lane.PARTNER,
    Status.SUBMITTED: Lane.REVIEWERS,
    Status.UNDER_REVIEW: Lane.REVIEWERS,
    Status.ACTION_REQUIRED: Lane.PARTNER,
    Status.OFFICIAL: Lane.OFFICIAL,
    Status.REJECTED: Lane.CLOSED,
    Status.DISPUTE: Lane.REVIEWERS,
    Status.REJECTED_FINAL: Lane.CLOSED,
    Status.ENDED: Lane.CLOSED,
}
#: The lane of an approved claim whose customer was not reached, by whose turn it is; else the customer's.
LANE_OF_STOPPED: dict[str, Lane] = {Actor.PARTNER: Lane.PARTNER, Actor.STAFF: Lane.REVIEWERS}

#: The lane that a reader calls theirs.
LANE_OF_READER: dict[str, Lane] = {Actor.PARTNER: Lane.PARTNER, Actor.STAFF: Lane.REVIEWERS}

SENTENCES = {
    Lane.PARTNER: _("With the partner"),
    Lane.REVIEWERS: _("With the reviewers"),
    Lane.CUSTOMER: _("With the customer"),
    Lane.OFFICIAL: Lane.OFFICIAL.label,
    Lane.CLOSED: Lane.CLOSED.label,
}

SET_ASIDE = _("Being checked")
UNDELIVERED = _("Notice not delivered")
UNCONFIRMED = _("Contact being confirmed")
ON_ITS_WAY = _("Notice on its way")
#: Why no window is open for the customer, by whose turn it is.
NO_WINDOW_YET: dict[str, str | Promise] = {Actor.PARTNER: UNDELIVERED, Actor.STAFF: UNCONFIRMED}


def find_lane(claim: Claim) -> Lane:
    """Return with whom the claim is, by what is stored of it; see ``in_lane`` for a queryset.

    A missed deadline changes nothing: the claim stays where it is until a sweep or a person moves it.
    """
    if claim.status != Status.APPROVED:
        return LANE_OF[Status(claim.status)]
    if claim.is_parked:
        return Lane.REVIEWERS  # whatever the stored turn: the reviewers check it
    return LANE_OF_STOPPED.get(claim.turn, Lane.CUSTOMER)


def in_lane(lane: str) -> Q:
    """Return the same as a filter on claims."""
    return functools.reduce(operator.or_, split_lane(lane))


def split_lane(lane: str) -> list[Q]:
    """Return the filter in parts that exclude each other, so that each can use its own index."""
    parts = [Q(status=status) for status, its_lane in LANE_OF.items() if its_lane == lane]
    approved = Q(status=Status.APPROVED, is_parked=False)
    parts += [approved & Q(turn=turn) for turn, its in LANE_OF_STOPPED.items() if its == lane]
    if lane == Lane.CUSTOMER:
        parts.append(approved & ~Q(turn__in=list(LANE_OF_STOPPED)))
    if lane == Lane.REVIEWERS:
        parts.append(Q(status=Status.APPROVED, is_parked=True))
    return parts


def name_lane(lane: str, *, reader: str) -> str:
    """Return the lane in one word, "You" if it is the reader's."""
    is_theirs = LANE_OF_READER.get(reader) == lane
    return str(pgettext_lazy("who has the claim", "You") if is_theirs else Lane(lane).label)


def describe_lane(lane: str, *, reader: str) -> str:
    """Say with whom the claim is, to ``reader``: "With you", "With the customer", "Official" …"""
    is_theirs = LANE_OF_READER.get(reader) == lane
    return str(_("With you") if is_theirs else SENTENCES[Lane(lane)])


def describe_stop(claim: Claim) -> str:
    """Say why an approved claim has no running window for the customer, or return ""."""
    if claim.status != Status.APPROVED:
        return ""
    if claim.is_parked:
        return str(SET_ASIDE)
    return str(NO_WINDOW_YET.get(claim.turn, "" if claim.due_at else ON_ITS_WAY))
