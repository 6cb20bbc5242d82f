"""What became of a row; with ``leases`` the only writers of a mail's state.

Each outcome is one short transaction: a conditional update (still in flight, still our lease), then
the signal. A receiver that raises undoes both. The mail itself is never sent again for that: the
acceptance is noted and only the announcement is repeated, after a pause, up to MAX_ATTEMPTS in all;
then the row keeps its outcome, with the fault in ``last_error`` for staff.
"""

import datetime as dt
import logging
import secrets
from functools import lru_cache

from django.db import connection, transaction

from .enums import State
from .models import Message
from .rendering import Rendered
from .signals import message_bounced, message_failed, message_sent

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 20  # with the pauses below: some three days
FIRST_PAUSE = dt.timedelta(seconds=30)
LONGEST_PAUSE = dt.timedelta(hours=6)
_random = secrets.SystemRandom()


class LeaseLostError(Exception):
    """The row is no longer ours: the lease ran out, or somebody else settled it."""


class NotSentYetError(Exception):
    """A bounce was reported for a mail that is not marked as sent; report it again later."""


def pause(attempts: int) -> dt.timedelta:
    """Return how long to wait after the ``attempts``-th attempt: doubled each time, with jitter."""
    doubled = FIRST_PAUSE * 2 ** min(attempts - 1, 20)
    return min(doubled, LONGEST_PAUSE) * _random.uniform(0.8, 1.2)


def mark_sent(
    message: Message,
    *,
    rendered: Rendered,
    now: dt.datetime,
    provider_id: str = "",
    has_new_values: bool = False,
) -> None:
    """The mail server accepted ``message``: mark it and tell ``message_sent`` [R21].

    ``now`` is the instant of the acceptance, unless an earlier one was noted in ``sent_at``;
    ``has_new_values`` if ``message.context`` is no longer what the row holds.
    Raises LeaseLostError if the row is no longer ours. A receiver's fault is noted, not raised.
    """
    attempts = message.attempts + 1
    accepted = {
        "sent_at": message.sent_at or now,
        "provider_id": message.provider_id or provider_id,
        "attempts": attempts,
    }
    if has_new_values:
        accepted["context"] = message.context
    try:
        with transaction.atomic():
            _settle(message, state=State.SENT, last_error="", **accepted)
            message_sent.send(sender=Message, message=message, rendered=rendered)
    except LeaseLostError:
        raise
    except Exception as error:
        logger.exception("mail %s was sent, but a receiver failed", message.key)
        is_last = attempts >= MAX_ATTEMPTS
        _settle(
            message,
            state=State.SENT if is_last else State.IN_FLIGHT,
            new_lease=None if is_last else now + pause(attempts),
            last_error=_describe_fault(error),
            **accepted,
        )


def mark_failed(message: Message, *, reason: str, now: dt.datetime) -> None:
    """``message`` will not be sent: mark it and tell ``message_failed`` [R21].

    Raises LeaseLostError. A receiver's fault puts the row back: the next refusal announces again.
    """
    attempts = message.attempts + 1
    try:
        with transaction.atomic():
            _settle(message, state=State.FAILED, last_error=reason, attempts=attempts)
            message_failed.send(sender=Message, message=message)
    except LeaseLostError:
        raise
    except Exception as error:
        logger.exception("mail %s failed, and a receiver failed too", message.key)
        told = f"{reason}; {_describe_fault(error)}"
        if attempts >= MAX_ATTEMPTS:
            _settle(message, state=State.FAILED, last_error=told, attempts=attempts)
        else:
            _requeue(message, reason=told, attempts=attempts, at=now + pause(attempts))


def mark_cancelled(message: Message, *, reason: str) -> None:
    """``message`` is not wanted any more: it was not sent and never will be. Raises LeaseLostError."""
    _settle(message, state=State.CANCELLED, last_error=reason)


def postpone(message: Message, *, reason: str, now: dt.datetime) -> None:
    """An attempt failed for now: queue ``message`` again, or fail it after MAX_ATTEMPTS.

    Raises LeaseLostError.
    """
    attempts = message.attempts + 1
    if attempts >= MAX_ATTEMPTS:
        mark_failed(message, reason=reason, now=now)
    else:
        _requeue(message, reason=reason, attempts=attempts, at=now + pause(attempts))


def give_back(messages: list[Message], *, reason: str = "", at: dt.datetime) -> None:
    """Queue rows again that nobody tried; no attempt is counted.

    ``reason`` says why (no connection: the server's fault, not the mails'); empty if there was
    only no time left.
    """
    for message in messages:
        _requeue(message, reason=reason or message.last_error, attempts=message.attempts, at=at)


def mark_bounced(message: Message, *, reason: str) -> bool:
    """A sent mail came back: mark it and tell ``message_bounced`` [R21]; False if it is known.

    Raises NotSentYetError for a mail that is not marked as sent.
    """
    with transaction.atomic():
        fresh = Message.objects.select_for_update().get(pk=message.pk)
        if fresh.state in (State.QUEUED, State.IN_FLIGHT):
            raise NotSentYetError(f"mail {fresh.key} is {fresh.state}")
        if fresh.state != State.SENT:
            return False
        fresh.state, fresh.last_error = State.BOUNCED, reason
        fresh.save(update_fields=["state", "last_error"])
        message_bounced.send(sender=Message, message=fresh)
    return True


def retry_now(message: Message, *, now: dt.datetime) -> bool:
    """Queue a failed or waiting mail to be tried at once, with all its attempts anew.

    Returns False, and changes nothing, for a mail in any other state, or without its values.
    """
    waiting = Message.objects.filter(
        pk=message.pk, state__in=(State.FAILED, State.QUEUED), emptied_at=None
    )
    changed = waiting.update(state=State.QUEUED, attempts=0, next_attempt_at=now)
    return changed == 1


def _requeue(message, *, reason, attempts, at) -> None:
    _settle(message, state=State.QUEUED, next_attempt_at=at, attempts=attempts, last_error=reason)


def _settle(message, *, new_lease=None, **changes) -> None:
    """Write ``changes`` to a row in flight under our lease, and to ``message``.

    Raises LeaseLostError.
    """
    written = {"leased_until": new_lease, **changes}
    sql, fields = _update_statement(tuple(written))
    values = [
        field.get_db_prep_save(value, connection)
        for field, value in zip(fields, written.values(), strict=True)
    ]
    mine = [
        message.pk,
        State.IN_FLIGHT.value,
        fields[0].get_db_prep_save(message.leased_until, connection),
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, values + mine)
        if cursor.rowcount != 1:
            raise LeaseLostError(f"mail {message.key}: somebody else has it now")
    for name, value in changes.items():
        setattr(message, name, value)


def _describe_fault(error) -> str:
    return f"{type(error).__name__}: {error}"[:1000]


@lru_cache(maxsize=32)
def _update_statement(names: tuple[str, ...]):
    """Return the conditional update of these columns, and their fields.

    The ORM would build the same statement anew for each mail, which takes longer than running it.
    """
    fields: list = [Message._meta.get_field(name) for name in names]
    columns = ", ".join(f"{field.column} = %s" for field in fields)
    table = Message._meta.db_table
    sql = f"UPDATE {table} SET {columns} WHERE id = %s AND state = %s AND leased_until = %s"  # noqa: S608
    return sql, fields
