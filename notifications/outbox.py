"""Queuing email: a row in the caller's transaction, delivered after it commits (safeguard 6)."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import TextChoices
from django.utils import timezone

from cpor_site.web.identifiers import make_storable, read_words
from cpor_site.web.workers import ask_worker

from .models import Message
from .words import rendering

#: A longer name is left out: it may be an address, used as the name of a person without one.
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
    """Queue an email of ``kind`` to ``to`` in the caller's transaction, and return its row.

    ``key`` (at most 120 characters) identifies the email, such as "customer-notice:12": the same key
    again queues nothing and returns the existing row [R14]. ``context`` gives each value that
    templates/mail/<kind>.html prints, as a plain string.

    Raise MissingContext, TypeError or UnsafeAddressError (see ``rendering.require_context``) immediately
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
    """Return a name without invisible characters, or "" if it is too long for a mailbox."""
    shown = read_words(name)
    return shown if len(shown) <= NAME_MAX else ""


def deliver_on_commit() -> None:
    """Start a delivery once the caller's transaction commits.

    Set-based code that inserts rows by itself calls this once. One delivery too many does no harm.
    """
    transaction.on_commit(start_delivery)


def start_delivery() -> None:
    """Ask a worker to deliver what is due.

    If the broker does not answer, this is only logged: the page that queued the email works, and the sweep
    sends it.
    """
    ask_worker(DELIVER_TASK, expires=DELIVER_WITHIN)
