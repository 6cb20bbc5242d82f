"""What the outbox announces, brought to the notices it carried [R21].

The receivers run inside the transaction that marks the mail, so both stand or fall together.
"""

from django.dispatch import receiver
from django.utils import translation

from notifications.signals import (
    message_bounced,
    message_failed,
    message_preparing,
    message_sent,
)

from . import notices
from .models import CustomerNotice


def _find_notice_id(message) -> int | None:
    """The notice a message carries, read from its key; None for every other mail, without a query."""
    if message.kind != notices.NOTICE_KIND:
        return None
    return int(message.key.rpartition(":")[2])


@receiver(message_preparing)
def name_the_deadline(sender, message, **kwargs):
    """A notice names the deadline of a window that opens as it is sent, not as it was queued."""
    notice_id = _find_notice_id(message)
    if notice_id is not None:
        notice = CustomerNotice.objects.select_related("claim__tenant").get(pk=notice_id)
        notices.require_wanted(notice)
        with translation.override(message.language):
            message.context["deadline"] = notices.describe_prospect(notice.claim)


@receiver(message_sent)
def keep_what_was_sent(sender, message, rendered, **kwargs):
    notice_id = _find_notice_id(message)
    if notice_id is not None:
        notices.record_sent(notice_id, rendered)


@receiver(message_failed)
@receiver(message_bounced)
def stop_the_clock(sender, message, **kwargs):
    notice_id = _find_notice_id(message)
    if notice_id is not None:
        notices.record_failed(notice_id, failure=message.last_error)
