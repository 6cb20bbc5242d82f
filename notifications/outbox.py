"""Queuing mail: a row in the caller's transaction, delivered after it commits (safeguard 6)."""

import logging
from dataclasses import dataclass

from celery import current_app
from django.db import transaction
from django.db.models import TextChoices
from django.utils import timezone

from cpor_site.web.identifiers import make_storable, read_words

from .models import Message
from .words import rendering

logger = logging.getLogger(__name__)

#: A longer name is left out: a person without one is named by their address, which may be 254 letters.
NAME_MAX = 150
DELIVER_TASK = "notifications.tasks.deliver_outbox"
#: Seconds after which a request to deliver is dropped: while a mail server hangs they would pile up, and one
#: delivery sends everything that is due.
DELIVER_WITHIN = 30


@dataclass(frozen=True)
class Recipient:
    """One mailbox and the language its owner reads (a code of settings.LANGUAGES)."""

    email: str
    name: str
    language: str


def enqueue(kind: TextChoices, *, key: str, to: Recipient, context: dict[str, str]) -> Message:
    """Queue a mail of ``kind`` to ``to`` in the caller's transaction, and return its row.

    ``key`` (at most 120 characters) names the occasion, such as "customer-notice:12": the same key
    again queues nothing and returns the row that is there [R14]. ``context`` gives each value that
    templates/mail/<kind>.html prints, as a plain string.

    Raises MissingContext, TypeError or UnsafeAddressError (see ``rendering.require_context``) at once
    for values that do not fit the template, and TemplateDoesNotExist for a kind without one.
    """
    message = Message(
        key=key,
        kind=kind.value,
        to_address=to.email,
        to_name=_read_name(to.name),
        language=to.language,
        context=context,
        next_attempt_at=timezone.now(),
    )
    rendering.require_context(message)
    message.context = {name: make_storable(value) for name, value in context.items()}
    Message.objects.bulk_create([message], ignore_conflicts=True)
    deliver_on_commit()
    return Message.objects.get(key=key)


def _read_name(name: str) -> str:
    """Return a name without what cannot be seen, or "" for one that is too long for a mailbox."""
    shown = read_words(name)
    return shown if len(shown) <= NAME_MAX else ""


def deliver_on_commit() -> None:
    """Start a delivery once the caller's transaction commits.

    Set-based code that inserts rows by itself calls this once. A delivery too many finds nothing due.
    """
    transaction.on_commit(start_delivery)


def start_delivery() -> None:
    """Ask a worker to deliver what is due.

    A broker that does not answer is logged and nothing else: the page that queued the mail works,
    and the sweep sends it.
    """
    try:
        current_app.send_task(DELIVER_TASK, retry=False, ignore_result=True, expires=DELIVER_WITHIN)
    except Exception:  # whatever the broker does, the row is safe
        logger.warning("no broker to start a delivery; the sweep will", exc_info=True)
