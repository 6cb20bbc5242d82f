"""What all pages about claims show alike: status, deadline, icons."""

from django import template
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from associations.display import turns
from associations.display.icons import ICONS
from associations.display.sentences import describe_due
from associations.enums import Actor, AssociationStatus, Status

register = template.Library()

STATUS_ICONS = {
    Status.EDITING: "pencil",
    Status.SUBMITTED: "send",
    Status.UNDER_REVIEW: "eye",
    Status.ACTION_REQUIRED: "warning",
    Status.APPROVED: "check",
    Status.OFFICIAL: "check-circle",
    Status.REJECTED: "x-circle",
    Status.DISPUTE: "scale",
    Status.REJECTED_FINAL: "ban",
    Status.ENDED: "flag",
}

#: Products whose own status says everything: label, the claim status whose look it has, icon.
ASSOCIATION_LOOKS = {
    AssociationStatus.EXCLUDED: (AssociationStatus.EXCLUDED.label, Status.REJECTED, "minus"),
    AssociationStatus.OPTED_OUT: (AssociationStatus.OPTED_OUT.label, Status.REJECTED, "x-circle"),
    AssociationStatus.OFFICIAL: (AssociationStatus.OFFICIAL.label, Status.OFFICIAL, "check-circle"),
    AssociationStatus.ENDED: (AssociationStatus.ENDED.label, Status.ENDED, "flag"),
}

#: A proposed product shows what its claim is waiting for.
PROPOSED_LOOKS = {
    Status.EDITING: (gettext_lazy("In the draft"), Status.EDITING, "pencil"),
    Status.SUBMITTED: (gettext_lazy("Waiting for the review"), Status.SUBMITTED, "clock"),
    Status.ACTION_REQUIRED: (
        gettext_lazy("More information needed"),
        Status.ACTION_REQUIRED,
        "warning",
    ),
    Status.APPROVED: (gettext_lazy("Waiting for the customer"), Status.APPROVED, "clock"),
    Status.REJECTED: (gettext_lazy("Not accepted"), Status.REJECTED, "x-circle"),
    Status.REJECTED_FINAL: (gettext_lazy("Not accepted"), Status.REJECTED_FINAL, "ban"),
    Status.ENDED: (gettext_lazy("Did not become official"), Status.ENDED, "flag"),
}
UNDELIVERED_LOOK = (gettext_lazy("Notice not delivered"), Status.ACTION_REQUIRED, "warning")
UNCONFIRMED_LOOK = (gettext_lazy("Contact being confirmed"), Status.UNDER_REVIEW, "eye")
#: Whose turn it is before the customer of an approved claim is notified → what to show.
UNSENT_LOOKS: dict[str, tuple] = {Actor.PARTNER: UNDELIVERED_LOOK, Actor.STAFF: UNCONFIRMED_LOOK}
PARKED_LOOK = (gettext_lazy("On hold"), Status.ACTION_REQUIRED, "warning")
PROPOSED_LOOK = (gettext_lazy("Being reviewed"), Status.SUBMITTED, "clock")


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
def status_badge(claim) -> SafeString:
    """Return the status of a claim (or a bare status code) as icon, word and colour.

    An approved claim that is stopped, because its notice failed or it is on hold, says so instead.
    """
    status = Status(getattr(claim, "status", claim))
    if status == Status.APPROVED and claim != status:
        stopped = _find_stop(claim)
        if stopped:
            word, look, icon_name = stopped
            return _badge(word, look=look, icon_name=icon_name)
    return _badge(status.label, look=status, icon_name=STATUS_ICONS[status])


@register.simple_tag
def association_badge(association, claim=None) -> SafeString:
    """Return the status of one product of a claim; ``claim`` saves reading it again."""
    word, look, icon_name = _look_of(association, claim or association.claim)
    return _badge(word, look=look, icon_name=icon_name)


@register.simple_tag
def deadline(claim, reader: str = Actor.PARTNER) -> SafeString:
    """Say until when (with time zone), how much time is left and whose turn it is, for ``reader`` [R6]."""
    now = timezone.now()
    if turns.is_chance_missed(claim, now=now):
        return SafeString("")
    parts = [
        turns.describe_time_left(claim, now=now),
        turns.describe_turn(claim, reader=reader, now=now),
    ]
    if claim.due_at is None or claim.is_parked:
        parts[0] = turns.describe_no_clock(claim)
        start = ""
    else:
        sentence = (
            _("can be disputed until %(deadline)s")
            if claim.status == Status.REJECTED
            else _("until %(deadline)s")
        )
        words = sentence % {"deadline": describe_due(claim)}
        start = format_html(
            '<time class="deadline-date" datetime="{}">{}</time>', claim.due_at.isoformat(), words
        )
    # The separators are text, so that screen readers, printouts and admin have them too.
    words = format_html_join(" · ", "{}", ((part,) for part in [start, *parts] if part))
    if not words:
        return SafeString("")
    return format_html('<span class="deadline{}">{}</span>', _urgency(claim, reader=reader), words)


def _urgency(claim, *, reader: str) -> str:
    """Return the CSS class for the last day or for lateness; the words say so as well.

    A partner sees red only for what they are late with, never for the reviewers' lateness.
    """
    is_theirs = reader == Actor.PARTNER and claim.turn == Actor.STAFF
    if claim.due_at is None or claim.is_parked or is_theirs:
        return ""
    now = timezone.now()
    if now >= claim.due_at:
        return " is-late"
    return " is-urgent" if turns.count_days_left(claim, now=now) == 0 else ""


def _look_of(association, claim) -> tuple:
    if association.status != AssociationStatus.PROPOSED:
        return ASSOCIATION_LOOKS[AssociationStatus(association.status)]
    if association.parked_reason:
        return PARKED_LOOK
    if claim.status == Status.APPROVED and claim.turn in UNSENT_LOOKS:
        return UNSENT_LOOKS[claim.turn]
    return PROPOSED_LOOKS.get(Status(claim.status), PROPOSED_LOOK)


def _find_stop(claim) -> tuple | None:
    """Return the look of what stops an approved claim, or None."""
    return PARKED_LOOK if claim.is_parked else UNSENT_LOOKS.get(claim.turn)


def _badge(word: str | Promise, *, look: str, icon_name: str) -> SafeString:
    return format_html(
        '<span class="status-badge status-{}">{}<span>{}</span></span>', look, icon(icon_name), word
    )
