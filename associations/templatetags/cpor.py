"""What all pages about claims show alike: lane, deadline, icons."""

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from associations.display import lanes, turns
from associations.display.icons import ICONS
from associations.display.lanes import Lane
from associations.display.mediations import Stage
from associations.display.sentences import describe_short, describe_until
from associations.enums import Actor, AssociationStatus, Status

register = template.Library()

LANE_ICONS = {
    Lane.PARTNER: "user",
    Lane.REVIEWERS: "eye",
    Lane.CUSTOMER: "building",
    Lane.OFFICIAL: "check-circle",
    Lane.CLOSED: "flag",
}

#: Products whose own status says everything: label, the lane whose colour it has, icon.
ASSOCIATION_LOOKS = {
    AssociationStatus.EXCLUDED: (AssociationStatus.EXCLUDED.label, Lane.CLOSED, "minus"),
    AssociationStatus.OPTED_OUT: (AssociationStatus.OPTED_OUT.label, Lane.CLOSED, "x-circle"),
    AssociationStatus.OFFICIAL: (AssociationStatus.OFFICIAL.label, Lane.OFFICIAL, "check-circle"),
    AssociationStatus.ENDED: (AssociationStatus.ENDED.label, Lane.CLOSED, "flag"),
}

#: What a proposed product says by the status of its claim, whose lane gives it its colour.
PROPOSED_WORDS = {
    Status.EDITING: (gettext_lazy("In the draft"), "pencil"),
    Status.SUBMITTED: (gettext_lazy("Waiting for the review"), "clock"),
    Status.ACTION_REQUIRED: (gettext_lazy("More information needed"), "warning"),
    Status.APPROVED: (gettext_lazy("Waiting for the customer"), "clock"),
    Status.REJECTED: (gettext_lazy("Not accepted"), "x-circle"),
    Status.REJECTED_FINAL: (gettext_lazy("Not accepted"), "ban"),
    Status.ENDED: (gettext_lazy("Did not become official"), "flag"),
}
BEING_REVIEWED = (gettext_lazy("Being reviewed"), "clock")
#: A product that a mediation took off its claim.
LOST = (gettext_lazy("Lost in mediation"), Lane.CLOSED, "scale")

#: Stages of a mediation that wait for no one but the reviewers, by whose colour they have and icon.
STAGE_LOOKS = {
    Stage.HEARING: (Lane.PARTNER, "clock"),
    Stage.DECIDING: (Lane.REVIEWERS, "eye"),
    Stage.DISPUTED: (Lane.REVIEWERS, "eye"),
    Stage.WON: (Lane.OFFICIAL, "check-circle"),
    Stage.WON_FINALLY: (Lane.OFFICIAL, "check-circle"),
}
STAGE_OVER = (Lane.CLOSED, "flag")


@register.filter
def among(name: str, names: str) -> bool:
    """Is it one of these names, separated by spaces?"""
    return name in names.split()


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """Return a line icon, hidden from screen readers: the word beside it says what it means."""
    return format_html(
        '<svg class="icon icon-{} {}" viewBox="0 0 16 16" width="16" height="16" fill="none" '
        'stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" '
        'aria-hidden="true" focusable="false">{}</svg>',
        name,
        css_class,
        mark_safe(ICONS[name]),  # a constant of this project
    )


@register.simple_tag
def lane_mark(claim, reader: str = Actor.PARTNER, *, whole: bool = False) -> SafeString:
    """Return with whom a claim (or a bare lane) is, for ``reader``, as icon, word and colour.

    ``whole`` writes "With you" instead of "You", where no heading says what the word means.
    """
    lane = claim if isinstance(claim, Lane) else lanes.find_lane(claim)
    name = lanes.describe_lane if whole else lanes.name_lane
    return _mark(name(lane, reader=reader), lane=lane, icon_name=LANE_ICONS[lane], reader=reader)


@register.simple_tag
def lane_class(claim, reader: str = Actor.PARTNER) -> str:
    """Return the CSS class that gives an element the colour of the claim's lane."""
    return _name_class(lanes.find_lane(claim), reader=reader)


@register.simple_tag
def stand_in_short(claim, reader: str = Actor.PARTNER) -> SafeString:
    """Say in a few words until when the claim is where its mark says, or what stops it."""
    now = timezone.now()
    words = describe_short(claim, now=now)
    urgency = _urgency(claim, reader=reader, now=now)
    if not words:
        return SafeString("")
    return format_html('<span class="deadline{}">{}</span>', urgency, words)


@register.simple_tag
def association_badge(association, claim=None, own=None) -> SafeString:
    """Return the status of one product of a claim; ``claim`` saves reading it again.

    ``own`` is the mediation about the product, if there was one.
    """
    is_lost = own is not None and own.stage == Stage.LOST_FINALLY
    if is_lost and association.status == AssociationStatus.EXCLUDED:
        word, lane, icon_name = LOST
    else:
        word, lane, icon_name = _look_of(association, claim or association.claim)
    return _mark(word, lane=lane, icon_name=icon_name)


@register.simple_tag
def mediation_mark(own) -> SafeString:
    """Return where a mediation stands for the partner; what waits for them has their own colour."""
    lane, icon_name = STAGE_LOOKS.get(own.stage, STAGE_OVER)
    if own.wants_act:
        lane, icon_name = Lane.PARTNER, LANE_ICONS[Lane.PARTNER]
    reader = Actor.PARTNER if own.wants_act else ""
    return _mark(own.label, lane=lane, icon_name=icon_name, reader=reader)


@register.simple_tag
def deadline(claim, reader: str = Actor.PARTNER) -> SafeString:
    """Say until when (with time zone) and how much time is left, beside the lane's mark [R6]."""
    now = timezone.now()
    if turns.is_chance_missed(claim, now=now):
        return SafeString("")
    parts = [
        turns.describe_time_left(claim, now=now),
        _("no action needed") if turns.is_settled_by_a_sweep(claim, now=now) else "",
    ]
    if claim.due_at is None or claim.is_parked:
        parts = [turns.describe_no_clock(claim)]
        start = ""
    else:
        start = format_html(
            '<time class="deadline-date" datetime="{}">{}</time>',
            claim.due_at.isoformat(),
            describe_until(claim),
        )
    # The separators are text, so that screen readers, printouts and admin have them too.
    words = format_html_join(" · ", "{}", ((part,) for part in [start, *parts] if part))
    if not words:
        return SafeString("")
    urgency = _urgency(claim, reader=reader, now=now)
    return format_html('<span class="deadline{}">{}</span>', urgency, words)


def _urgency(claim, *, reader: str, now: dt.datetime) -> str:
    """Return the CSS class for the last day or for lateness; the words say so as well.

    Readers see red only for what they are late with themselves.
    """
    is_theirs = lanes.LANE_OF_READER.get(reader) == lanes.find_lane(claim)
    if claim.due_at is None or claim.is_parked or not is_theirs:
        return ""
    if now >= claim.due_at:
        return " is-late"
    return " is-urgent" if turns.count_days_left(claim, now=now) == 0 else ""


def _look_of(association, claim) -> tuple:
    if association.status != AssociationStatus.PROPOSED:
        return ASSOCIATION_LOOKS[AssociationStatus(association.status)]
    if association.parked_reason:
        return lanes.SET_ASIDE, Lane.REVIEWERS, "clock"
    lane = lanes.find_lane(claim)
    if claim.status == Status.APPROVED and lane != Lane.CUSTOMER:
        return lanes.describe_stop(claim), lane, LANE_ICONS[lane]
    word, icon_name = PROPOSED_WORDS.get(Status(claim.status), BEING_REVIEWED)
    return word, lane, icon_name


def _mark(word: str | Promise, *, lane: Lane, icon_name: str, reader: str = "") -> SafeString:
    return format_html(
        '<span class="lane-mark {}">{}<span>{}</span></span>',
        _name_class(lane, reader=reader),
        icon(icon_name),
        word,
    )


def _name_class(lane: Lane, *, reader: str) -> str:
    """Return the CSS class of a lane: "lane-yours" if it is the reader's."""
    return "lane-yours" if lanes.LANE_OF_READER.get(reader) == lane else f"lane-{lane}"
