"""Reports of the mail service that a mail came back, by django-anymail's webhooks [R21]."""

import logging
import re

from anymail.signals import EventType, tracking

from .models import Message
from .outcomes import mark_bounced

logger = logging.getLogger(__name__)

CAME_BACK = {EventType.BOUNCED, EventType.REJECTED, EventType.FAILED, EventType.COMPLAINED}
OUR_MESSAGE_ID = re.compile(r"^<?(?P<digest>[0-9a-f]{16})\.(?P<pk>[0-9]{1,18})@[^>]+>?$")


def connect() -> None:
    tracking.connect(receive_event, dispatch_uid="notifications.bounces")


def receive_event(*, event, esp_name, **_signal) -> None:
    """Mark the mail that ``event`` says came back; events about other mails are not ours.

    Raises NotSentYetError where the report overtakes the mark: the service then reports again.
    """
    if event.event_type not in CAME_BACK:
        return
    message = find_message(event.message_id or "")
    if message is None:
        logger.info("%s reports %s for an unknown mail", esp_name, event.event_type)
        return
    words = event.mta_response or event.description or event.reject_reason or ""
    mark_bounced(message, reason=f"{event.event_type}: {' '.join(words.split())}"[:1000])


def find_message(message_id: str) -> Message | None:
    """Return the mail with this Message-ID, or with this id of the mail service's own."""
    ours = OUR_MESSAGE_ID.match(message_id)
    if ours is None:
        return Message.objects.filter(provider_id=message_id).exclude(provider_id="").first()
    message = Message.objects.filter(pk=ours["pk"]).first()
    return message if message and message.key_digest == ours["digest"] else None
