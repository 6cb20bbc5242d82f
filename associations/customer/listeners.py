"""Apply what the outbox announces to the notices it carried [R21].

The receivers run in the transaction that marks the email: both are committed, or neither.
"""

from django.dispatch import receiver
from django.utils import translation
from django.utils.translation import gettext as _

from notifications.models import Message
from notifications.signals import (
    ActRefused,
    message_bounced,
    message_failed,
    message_handling,
    message_preparing,
    message_sent,
)
from partners.rules import has_no_stake

from .. import emails
from ..enums import ClaimEmail
from ..models import CustomerNotice
from . import notice_outcomes, notices, registered


def _find_notice_id(message: Message) -> int | None:
    """Return the ID of the notice that an email carries, or None for other emails; no query."""
    if message.kind != ClaimEmail.CUSTOMER_NOTICE:
        return None
    return CustomerNotice.objects.filter(message=message).values_list("pk", flat=True).first()


@receiver(message_preparing)
def name_the_deadline(sender, message, now, **kwargs):
    """Let the notice name the deadline as of its sending, not as of its queueing."""
    notice_id = _find_notice_id(message)
    if notice_id is not None:
        notice, promise = notices.make_promise(notice_id, now=now)
        with translation.override(message.language):
            message.context |= emails.describe_promise(
                notice.claim, promise, may_end_later=registered.has_several_readers(notice.claim)
            )


@receiver(message_sent)
def keep_what_was_sent(sender, message, rendered, now, **kwargs):
    notice_id = _find_notice_id(message)
    if notice_id is not None:
        notice_outcomes.record_sent(notice_id, rendered, now=now)


@receiver(message_failed)
def stop_the_clock(sender, message, now, **kwargs):
    """Stop the clock on a permanent refusal; the partner is told each time, also after a retry by staff."""
    notice_id = _find_notice_id(message)
    if notice_id is not None:
        notice_outcomes.record_failed(notice_id, failure=message.last_error, is_retry=True, now=now)


@receiver(message_bounced)
def stop_the_clock_late(sender, message, now, **kwargs):
    notice_id = _find_notice_id(message)
    if notice_id is not None:
        notice_outcomes.record_failed(notice_id, failure=message.last_error, now=now)


@receiver(message_handling)
def require_no_stake(sender, message, user, **kwargs):
    """Refuse people with a stake: marking a notice as bounced is a step of the claim's review [R19]."""
    notice_id = _find_notice_id(message)
    if notice_id is None:
        return
    notice = CustomerNotice.objects.select_related("claim").filter(pk=notice_id).first()
    if notice is not None and not has_no_stake(user, notice.claim):
        raise ActRefused(
            _("You are a member of this claim's partner, so someone else must handle its notice.")
        )
