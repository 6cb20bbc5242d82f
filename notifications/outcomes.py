"""The outcomes of a row; only this module and ``leases`` write an email's state.

An email that the recipient's side defers is tried MAX_ATTEMPTS times; one that is refused for a reason on
our side is kept for as long as that lasts (see ``refusals``).

Each outcome is one short transaction: a conditional update (still in flight, still our lease), then
the signal. A receiver that raises undoes both. The email itself is never sent again for that: the
acceptance is recorded and only the announcement is repeated, after a pause, up to MAX_ATTEMPTS in all;
then the row keeps its outcome, with the error in ``last_error`` for staff.
"""

import datetime as dt
import logging
import secrets

from django.db import transaction
from django.utils import timezone

from .enums import State
from .models import Message
from .outside_text import read_line
from .signals import message_bounced, message_failed, message_sent
from .words.rendering import Rendered

logger = logging.getLogger(__name__)

#: Counted attempts: deferred by the recipient's side, or an outcome that a receiver did not accept.
MAX_ATTEMPTS = 20  # with the pauses below: about three days
FIRST_PAUSE = dt.timedelta(seconds=30)
LONGEST_PAUSE = dt.timedelta(hours=6)
LONGEST_PROVIDER_ID = 255
_random = secrets.SystemRandom()


class LeaseLostError(Exception):
    """The row is no longer ours: the lease ran out, or another process settled it."""


class NotSentYetError(Exception):
    """A bounce was reported for an email that is not marked as sent; report it again later."""


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
    answer: str = "",
    has_new_values: bool = False,
) -> None:
    """Mark ``message`` as accepted by the mail server, and send ``message_sent`` [R21].

    ``now`` is the instant of the acceptance, unless an earlier one is recorded in ``sent_at``;
    ``provider_id`` is the mail service's own id of the email, ``answer`` the server's last answer;
    ``has_new_values`` says that ``message.context`` differs from the row.
    Raise LeaseLostError if the row is no longer ours. A receiver's error is recorded, not raised.
    """
    # Kept on the object, too: whatever fails from here on, the email is not sent again.
    message.sent_at = message.sent_at or now
    accepted = {
        "sent_at": message.sent_at,
        "provider_id": message.provider_id or read_line(provider_id, limit=LONGEST_PROVIDER_ID),
        "answer": message.answer or read_line(answer),
        "attempts": message.attempts + 1,
        "refused_since": None,
    }
    if has_new_values:
        accepted["context"] = message.context
    try:
        with transaction.atomic():
            _settle(message, state=State.SENT, last_error="", **accepted)
            message_sent.send(sender=Message, message=message, rendered=rendered, now=now)
    except LeaseLostError:
        raise
    except Exception as error:
        logger.exception("email %s was sent, but a receiver failed", message.key)
        _announce_again(message, reason=describe_fault(error), now=now, **accepted)


def _announce_again(message, *, reason, now, **accepted) -> None:
    """Keep an accepted email in flight until its receivers accept the outcome, up to MAX_ATTEMPTS times."""
    counted = message.counted_attempts + 1
    is_last = counted >= MAX_ATTEMPTS
    _settle(
        message,
        state=State.SENT if is_last else State.IN_FLIGHT,
        new_lease=None if is_last else now + pause(counted),
        last_error=reason,
        counted_attempts=counted,
        **accepted,
    )


def mark_failed(message: Message, *, reason: str, now: dt.datetime) -> None:
    """Mark ``message`` as failed because it cannot reach its recipient; send ``message_failed`` [R21].

    Raise LeaseLostError. If a receiver raises, the row is queued again: the next refusal announces again.
    """
    attempts, counted = message.attempts + 1, message.counted_attempts + 1
    failed = {"state": State.FAILED, "attempts": attempts, "refused_since": None}
    try:
        with transaction.atomic():
            _settle(message, last_error=read_line(reason), **failed)
            message_failed.send(sender=Message, message=message, now=now)
    except LeaseLostError:
        raise
    except Exception as error:
        logger.exception("email %s failed, and a receiver failed too", message.key)
        told = read_line(f"{reason}; {describe_fault(error)}")
        if counted >= MAX_ATTEMPTS:
            _settle(message, last_error=told, counted_attempts=counted, **failed)
        else:
            at = now + pause(attempts)
            _requeue(message, reason=told, at=at, attempts=attempts, counted_attempts=counted)


def mark_cancelled(message: Message, *, reason: str) -> None:
    """Mark ``message`` as no longer needed: it was not sent and never will be. Raise LeaseLostError."""
    _settle(message, state=State.CANCELLED, last_error=read_line(reason), refused_since=None)


def postpone(message: Message, *, reason: str, now: dt.datetime) -> None:
    """Queue ``message`` again that the recipient's side deferred, or fail it after MAX_ATTEMPTS.

    Raise LeaseLostError.
    """
    counted = message.counted_attempts + 1
    if counted >= MAX_ATTEMPTS:
        mark_failed(message, reason=reason, now=now)
        return
    at = now + pause(message.attempts + 1)
    _requeue(message, reason=reason, at=at, counted_attempts=counted, refused_since=None)


def keep(message: Message, *, reason: str, now: dt.datetime) -> None:
    """Queue ``message`` again after a refusal for a reason on our side, however often that happens.

    ``refused_since`` says since when, until it goes out. Raise LeaseLostError.
    """
    at = now + pause(message.attempts + 1)
    _requeue(message, reason=reason, at=at, refused_since=message.refused_since or now)


def count_fault(message: Message, *, error: Exception, now: dt.datetime) -> None:
    """Count an attempt whose outcome could not be written, storing nothing that came from outside.

    An accepted email is only announced again, never sent again. Raise LeaseLostError.
    """
    reason, attempts = type(error).__name__, message.attempts + 1
    if message.sent_at is None:
        since = message.refused_since or now
        _requeue(message, reason=reason, at=now + pause(attempts), refused_since=since)
        return
    _announce_again(message, reason=reason, now=now, attempts=attempts, sent_at=message.sent_at)


def give_back(messages: list[Message], *, reason: str = "", at: dt.datetime) -> None:
    """Queue rows again that were not tried; no attempt is counted.

    ``reason`` says why (nothing goes out, for reasons that are not the emails'); it is empty if
    there was simply no time left.
    """
    for message in messages:
        words = reason or message.last_error
        try:
            _requeue(message, reason=words, at=at, attempts=message.attempts)
        except LeaseLostError as error:
            logger.warning("%s", error)


def mark_bounced(message: Message, *, reason: str) -> bool:
    """Mark a sent email as bounced and send ``message_bounced`` [R21]; return False if that is known.

    This also applies to one that is kept back, if staff found that the problem is the recipient's after
    all, or if the connection was lost after the server had accepted the email. Raise NotSentYetError for
    any other email that is not marked as sent.
    """
    with transaction.atomic():
        fresh = Message.objects.select_for_update().get(pk=message.pk)
        if fresh.state in (State.QUEUED, State.IN_FLIGHT) and not is_kept_back(fresh):
            raise NotSentYetError(f"email {fresh.key} is {fresh.state}")
        if fresh.state not in (State.SENT, State.QUEUED):
            return False
        fresh.state, fresh.last_error = State.BOUNCED, read_line(reason)
        fresh.refused_since = None
        fresh.save(update_fields=["state", "last_error", "refused_since"])
        message_bounced.send(sender=Message, message=fresh, now=timezone.now())
    return True


def is_kept_back(message: Message) -> bool:
    """Return whether ``message`` waits because it was refused for a reason on our side."""
    return message.state == State.QUEUED and message.refused_since is not None


def retry_now(message: Message, *, now: dt.datetime) -> bool:
    """Queue a failed or waiting email to be tried immediately, and reset its attempts.

    Return False, and change nothing, for an email in any other state, or without its values.
    """
    waiting = Message.objects.filter(
        pk=message.pk, state__in=(State.FAILED, State.QUEUED), emptied_at=None
    )
    changed = waiting.update(
        state=State.QUEUED, attempts=0, counted_attempts=0, next_attempt_at=now
    )
    return changed == 1


def _requeue(message, *, reason, at, **changes) -> None:
    written = {"attempts": message.attempts + 1, "last_error": read_line(reason), **changes}
    _settle(message, state=State.QUEUED, next_attempt_at=at, **written)


def _settle(message, *, new_lease=None, **changes) -> None:
    """Write ``changes`` to a row in flight under our lease, and to ``message``.

    Raise LeaseLostError.
    """
    mine = Message.objects.filter(
        pk=message.pk, state=State.IN_FLIGHT, leased_until=message.leased_until
    )
    if not mine.update(leased_until=new_lease, **changes):
        raise LeaseLostError(f"email {message.key}: another sender has it now")
    for name, value in changes.items():
        setattr(message, name, value)


def describe_fault(error) -> str:
    return read_line(f"{type(error).__name__}: {error}")
