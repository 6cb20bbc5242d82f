"""The email of the demo's past: rendered and kept as if it had been sent on its day."""

import datetime as dt
import re
from functools import partial

from django.core.mail import get_connection
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from associations.enums import ClaimEmail
from notifications import leases, outcomes
from notifications.models import LookAtEntry, Message
from notifications.signals import message_preparing
from notifications.words.composition import compose
from notifications.words.rendering import render

from . import mailbox

_DATE = re.compile(rb"^Date: .*$", re.MULTILINE)


def newest_message() -> int:
    """Return the number of the email that was queued last, to recognise later ones."""
    return Message.objects.aggregate(newest=Max("pk"))["newest"] or 0


def post_emails(*, at: dt.datetime, after: int, deadline: str = "") -> None:
    """Send what was queued after email ``after``, as if at ``at``; email to ``full`` mailboxes waits.

    ``deadline`` replaces the one in a customer's notice.
    """
    due = leases.lease_due(batch=1000, now=timezone.now() + dt.timedelta(seconds=1))
    waiting = [each for each in due if each.pk > after and not each.to_address.startswith("full@")]
    outcomes.give_back([each for each in due if each not in waiting], at=timezone.now())
    for message in waiting:
        _settle(message, at=at, deadline=deadline)
    Message.objects.filter(pk__in=[each.pk for each in waiting]).update(created_at=at)


def newest_entry() -> int:
    """Return the number of the entry under To look at that was opened last."""
    return LookAtEntry.objects.aggregate(newest=Max("pk"))["newest"] or 0


def date_entries(*, at: dt.datetime, after: int) -> int:
    """Backdate entries opened later than ``after`` to ``at``; return the number of the last."""
    LookAtEntry.objects.filter(pk__gt=after).update(since=at, last_seen_at=at)
    return newest_entry()


def _settle(message: Message, *, at: dt.datetime, deadline: str) -> None:
    refusal = mailbox.ANSWERS.get(message.to_address.partition("@")[0])
    if refusal:
        outcomes.mark_failed(message, reason=refusal, now=at)
        return
    message_preparing.send(sender=Message, message=message, now=at)
    if deadline and message.kind == ClaimEmail.CUSTOMER_NOTICE:
        message.context["deadline"] = deadline
    rendered = render(message)
    mail = compose(message, rendered, connection=get_connection())
    raw = mail.message().as_bytes(linesep="\r\n")
    dated = _DATE.sub(f"Date: {at:%a, %d %b %Y %H:%M:%S +0000}\r".encode(), raw, count=1)
    transaction.on_commit(partial(mailbox.keep, dated, at=at))
    outcomes.mark_sent(message, rendered=rendered, now=at)
