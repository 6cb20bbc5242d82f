"""Reports of the mail service that an email came back, by django-anymail's webhooks [R21].

No report is dropped without a word: what names no email of ours is matched by recipient and time, and
what matches nothing is for staff to look at, or a claim could become official on an undelivered notice.
"""

import datetime as dt
import logging
from urllib.parse import urlencode

from anymail.signals import AnymailTrackingEvent, EventType, tracking
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from cpor_site.addresses import fold_address, read_address
from cpor_site.identifiers import make_storable

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
#: By how much another machine's clock may be behind ours.
SKEW = dt.timedelta(minutes=5)


def connect() -> None:
    tracking.connect(receive_event, dispatch_uid="notifications.bounces")


def receive_event(*, event: AnymailTrackingEvent, esp_name: str, **_signal) -> None:
    """Mark the email that ``event`` says came back, or have staff look at the report [R59].

    Raises NotSentYetError where the report overtakes the mark: the service then reports again.
    """
    if event.event_type not in CAME_BACK:
        return
    message = find_by_name(event)
    candidates = [] if message else find_by_recipient(event)
    if message is None and candidates:
        message = candidates[0]
    if message is not None:
        mark_bounced(message, reason=describe(event))
    if message is None or len(candidates) > 1:
        _report(event, esp_name, candidates)


def describe(event: AnymailTrackingEvent) -> str:
    """Return what the report says, on one line."""
    words = event.mta_response or event.description or event.reject_reason or ""
    return f"{event.event_type}: {read_line(words)}"[:1000]


def find_by_name(event: AnymailTrackingEvent) -> Message | None:
    """Return the email that the report names: by our own name, our Message-ID or the service's id."""
    named = read_line(str((event.metadata or {}).get(METADATA, "")))
    return find_named(named) or find_message(event.message_id or "")


def find_message(message_id: str) -> Message | None:
    """Return the email with this Message-ID, or with this id of the mail service's own."""
    plain = read_line(message_id)
    given = Message.objects.exclude(provider_id="").filter(provider_id=plain)
    return find_named(plain) or given.first()


def find_by_recipient(event: AnymailTrackingEvent) -> list[Message]:
    """Return the emails that the report may be about, by recipient and time, the likeliest first.

    Those not known to have come back, if there are any, the newest first. Raises NotSentYetError where
    one is only just being sent.
    """
    at = min(event.timestamp or timezone.now(), timezone.now())
    mine = _find_sent_to(event.recipient or "")
    sent = mine.filter(sent_at__lte=at + SKEW, sent_at__gte=at - LONGEST_WAY).order_by("-sent_at")
    for state in (State.SENT, State.BOUNCED):
        if found := list(sent.filter(state=state)):
            return found if state == State.SENT else found[:1]
    if mine.filter(state=State.IN_FLIGHT).exists():
        raise NotSentYetError("an email to this address is being sent")
    return []


def _find_sent_to(recipient: str) -> QuerySet[Message]:
    """Return the emails to this address; no database's capitals decide which letters are the same."""
    wanted = fold_address(make_storable(recipient))
    alike = Message.objects.filter(to_address__iexact=read_address(make_storable(recipient)))
    same = {
        each for each in alike.values_list("to_address", flat=True) if fold_address(each) == wanted
    }
    return Message.objects.filter(to_address__in=same)


def _report(event: AnymailTrackingEvent, esp_name: str, candidates: list[Message]) -> None:
    """Have staff look at a report that names no email, with those it may be about."""
    who = read_line(event.recipient or event.message_id or "") or "?"
    others = "".join(f"; {each.key}" for each in candidates)
    to_look_at.report(
        LookAtKind.BOUNCE_UNMATCHED,
        key=f"{esp_name}:{who.lower()}"[:200],
        subject=who,
        detail=f"{esp_name}: {describe(event)}{others}",
        link=f"{reverse('admin:notifications_message_changelist')}?{urlencode({'q': who})}",
    )
