"""Reports of the mail service that an email came back, by django-anymail's webhooks [R21].

No report is silently dropped: one that names no email of ours is matched by recipient and time, and one
that matches nothing is shown to staff, or a claim could become official on an undelivered notice.
"""

import datetime as dt
import logging
from dataclasses import dataclass
from urllib.parse import urlencode

from anymail.signals import AnymailTrackingEvent, EventType, tracking
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from cpor_site.web.addresses import fold_address, read_address

from . import to_look_at
from .enums import LookAtKind, State
from .identity import METADATA, find_named
from .models import Message
from .outcomes import NotSentYetError, mark_bounced
from .outside_text import read_line

logger = logging.getLogger(__name__)

CAME_BACK = {EventType.BOUNCED, EventType.REJECTED, EventType.FAILED, EventType.COMPLAINED}
#: A mail server tries for up to five days (RFC 5321, 4.5.4.1), and its report may take its time.
LONGEST_WAY = dt.timedelta(days=7)
#: The year of the first email: an earlier instant is impossible.
FIRST_EMAIL = 1971
#: By how much another machine's clock may be behind ours.
SKEW = dt.timedelta(minutes=5)


def connect() -> None:
    tracking.connect(receive_event, dispatch_uid="notifications.bounces")


def receive_event(*, event: AnymailTrackingEvent, esp_name: str, **_signal) -> None:
    """Mark the email that ``event`` says came back, or have staff look at the report [R59].

    Raise NotSentYetError if the report arrives before the email is marked as sent: the service then
    reports again.
    """
    if event.event_type not in CAME_BACK:
        return
    report = read_report(event)
    message = find_by_name(report)
    candidates = [] if message else find_by_recipient(report)
    if message is None and candidates:
        message = candidates[0]
    if message is not None:
        mark_bounced(message, reason=report.words)
    if message is None or len(candidates) > 1:
        _report_unmatched(report, esp_name, candidates)


@dataclass(frozen=True)
class Report:
    """What a report says, each text on one line and safe to store; empty if not given.

    ``named`` is our own name of the email, ``message_id`` ours or the service's; ``at`` is aware.
    """

    recipient: str
    named: str
    message_id: str
    words: str
    at: dt.datetime


def read_report(event: AnymailTrackingEvent) -> Report:
    """Return what the event says; a value of an undocumented type counts as not given."""
    values = event.metadata if isinstance(event.metadata, dict) else {}
    answer = _read(event.mta_response) or _read(event.description) or _read(event.reject_reason)
    return Report(
        recipient=_read(event.recipient),
        named=_read(values.get(METADATA)),
        message_id=_read(event.message_id),
        words=f"{event.event_type}: {answer}"[:1000],
        at=_read_instant(event.timestamp, now=timezone.now()),
    )


def _read(value: object) -> str:
    """Return a text or number of a report on one line."""
    return read_line(str(value)) if isinstance(value, str | int) else ""


def _read_instant(value: object, *, now: dt.datetime) -> dt.datetime:
    """Return when it came back; ``now`` if the report gives no instant, or an impossible one."""
    if not isinstance(value, dt.datetime) or timezone.is_naive(value):
        return now
    return min(value, now) if value.year > FIRST_EMAIL else now


def find_by_name(report: Report) -> Message | None:
    """Return the email that the report names: by our own name, our Message-ID or the service's id."""
    return find_named(report.named) or find_message(report.message_id)


def find_message(message_id: str) -> Message | None:
    """Return the email with this Message-ID, or with this id of the mail service's own."""
    plain = read_line(message_id)
    given = Message.objects.exclude(provider_id="").filter(provider_id=plain)
    return find_named(plain) or given.first()


def find_by_recipient(report: Report) -> list[Message]:
    """Return the emails that the report may be about, by recipient and time, the likeliest first.

    These are the ones not known to have come back, newest first, else the newest that has. Raise
    NotSentYetError if there is none but one is being sent.
    """
    mine = _find_sent_to(report.recipient)
    span = (report.at - LONGEST_WAY, report.at + SKEW)
    sent = mine.filter(sent_at__range=span).order_by("-sent_at")
    for state in (State.SENT, State.BOUNCED):
        if found := list(sent.filter(state=state)):
            return found if state == State.SENT else found[:1]
    if mine.filter(state=State.IN_FLIGHT).exists():
        raise NotSentYetError("an email to this address is being sent")
    return []


def _find_sent_to(recipient: str) -> QuerySet[Message]:
    """Return the emails to this address; case is compared by our rules, not by the database's."""
    wanted = fold_address(recipient)
    alike = Message.objects.filter(to_address__iexact=read_address(recipient))
    same = {
        each for each in alike.values_list("to_address", flat=True) if fold_address(each) == wanted
    }
    return Message.objects.filter(to_address__in=same)


def report_unreadable(esp_name: str, error: Exception) -> None:
    """Have staff look at a report that cannot be read: it may contain a bounce."""
    to_look_at.report(
        LookAtKind.BOUNCE_UNMATCHED,
        key=f"{esp_name}:unreadable",
        subject=esp_name,
        detail=read_line(f"{type(error).__name__}: {error}"),
        link=reverse("admin:notifications_message_changelist"),
    )


def _report_unmatched(report: Report, esp_name: str, candidates: list[Message]) -> None:
    """Have staff look at a report that names no email, listing those it may be about."""
    who = report.recipient or report.message_id or "?"
    others = "".join(f"; {each.key}" for each in candidates)
    to_look_at.report(
        LookAtKind.BOUNCE_UNMATCHED,
        key=f"{esp_name}:{who.lower()}"[:200],
        subject=who,
        detail=f"{esp_name}: {report.words}{others}",
        link=f"{reverse('admin:notifications_message_changelist')}?{urlencode({'q': who})}",
    )
