"""What became of a row; with ``leases`` the only writers of a mail's state.

A mail that the recipient's side puts off is tried MAX_ATTEMPTS times; one that is refused because of us
is kept for as long as that lasts (see ``refusals``).

Each outcome is one short transaction: a conditional update (still in flight, still our lease), then
the signal. A receiver that raises undoes both. The mail itself is never sent again for that: the
acceptance is noted and only the announcement is repeated, after a pause, up to MAX_ATTEMPTS in all;
then the row keeps its outcome, with the fault in ``last_error`` for staff.
"""

import datetime as dt
import logging
import secrets

from django.db import transaction

from .enums import State
from .models import Message
from .outside_text import read_line
from .signals import message_bounced, message_failed, message_sent
from .words.rendering import Rendered

logger = logging.getLogger(__name__)

#: Of those that count: put off by the recipient's side, or an outcome that a receiver did not take.
MAX_ATTEMPTS = 20  # with the pauses below: some three days
FIRST_PAUSE = dt.timedelta(seconds=30)
LONGEST_PAUSE = dt.timedelta(hours=6)
LONGEST_PROVIDER_ID = 255
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
    answer: str = "",
    has_new_values: bool = False,
) -> None:
    """The mail server accepted ``message``: mark it and tell ``message_sent`` [R21].

    ``now`` is the instant of the acceptance, unless an earlier one was noted in ``sent_at``;
    ``provider_id`` is the mail service's own name of the email, ``answer`` the server's last words;
    ``has_new_values`` if ``message.context`` is no longer what the row holds.
    Raises LeaseLostError if the row is no longer ours. A receiver's fault is noted, not raised.
    """
    # Kept on the row in memory, too: whatever fails from here on, the mail is not sent again.
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
            message_sent.send(sender=Message, message=message, rendered=rendered)
    except LeaseLostError:
        raise
    except Exception as error:
        logger.exception("mail %s was sent, but a receiver failed", message.key)
        _announce_again(message, reason=describe_fault(error), now=now, **accepted)


def _announce_again(message, *, reason, now, **accepted) -> None:
    """Keep an accepted mail in flight until its receivers take it, up to MAX_ATTEMPTS times."""
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
    """``message`` cannot reach its recipient: mark it and tell ``message_failed`` [R21].

    Raises LeaseLostError. A receiver's fault puts the row back: the next refusal announces again.
    """
    attempts, counted = message.attempts + 1, message.counted_attempts + 1
    failed = {"state": State.FAILED, "attempts": attempts, "refused_since": None}
    try:
        with transaction.atomic():
            _settle(message, last_error=read_line(reason), **failed)
            message_failed.send(sender=Message, message=message)
    except LeaseLostError:
        raise
    except Exception as error:
        logger.exception("mail %s failed, and a receiver failed too", message.key)
        told = read_line(f"{reason}; {describe_fault(error)}")
        if counted >= MAX_ATTEMPTS:
            _settle(message, last_error=told, counted_attempts=counted, **failed)
        else:
            at = now + pause(attempts)
            _requeue(message, reason=told, at=at, attempts=attempts, counted_attempts=counted)


def mark_cancelled(message: Message, *, reason: str) -> None:
    """``message`` is not wanted any more: it was not sent and never will be. Raises LeaseLostError."""
    _settle(message, state=State.CANCELLED, last_error=read_line(reason), refused_since=None)


def postpone(message: Message, *, reason: str, now: dt.datetime) -> None:
    """The recipient's side put ``message`` off: queue it again, or fail it after MAX_ATTEMPTS.

    Raises LeaseLostError.
    """
    counted = message.counted_attempts + 1
    if counted >= MAX_ATTEMPTS:
        mark_failed(message, reason=reason, now=now)
        return
    at = now + pause(message.attempts + 1)
    _requeue(message, reason=reason, at=at, counted_attempts=counted, refused_since=None)


def keep(message: Message, *, reason: str, now: dt.datetime) -> None:
    """``message`` was refused because of us: queue it again, however often that happens.

    ``refused_since`` says since when, until it goes out. Raises LeaseLostError.
    """
    at = now + pause(message.attempts + 1)
    _requeue(message, reason=reason, at=at, refused_since=message.refused_since or now)


def count_fault(message: Message, *, error: Exception, now: dt.datetime) -> None:
    """Count an attempt whose outcome could not be written, with nothing that came from outside.

    A mail that was accepted is only announced again, never sent again. Raises LeaseLostError.
    """
    reason, attempts = type(error).__name__, message.attempts + 1
    if message.sent_at is None:
        since = message.refused_since or now
        _requeue(message, reason=reason, at=now + pause(attempts), refused_since=since)
        return
    _announce_again(message, reason=reason, now=now, attempts=attempts, sent_at=message.sent_at)


def give_back(messages: list[Message], *, reason: str = "", at: dt.datetime) -> None:
    """Queue rows again that nobody tried; no attempt is counted.

    ``reason`` says why (nothing goes out: the server's fault or ours, not the mails'); empty if
    there was only no time left.
    """
    for message in messages:
        words = reason or message.last_error
        try:
            _requeue(message, reason=words, at=at, attempts=message.attempts)
        except LeaseLostError as error:
            logger.warning("%s", error)


def mark_bounced(message: Message, *, reason: str) -> bool:
    """A sent mail came back: mark it and tell ``message_bounced`` [R21]; False if it is known.

    So does one that waits because of us, where staff found that the recipient is to blame after all,
    or where the server lost its connection after it had taken the mail. Raises NotSentYetError for any
    other mail that is not marked as sent.
    """
    with transaction.atomic():
        fresh = Message.objects.select_for_update().get(pk=message.pk)
        if fresh.state in (State.QUEUED, State.IN_FLIGHT) and not is_kept_back(fresh):
            raise NotSentYetError(f"mail {fresh.key} is {fresh.state}")
        if fresh.state not in (State.SENT, State.QUEUED):
            return False
        fresh.state, fresh.last_error = State.BOUNCED, read_line(reason)
        fresh.refused_since = None
        fresh.save(update_fields=["state", "last_error", "refused_since"])
        message_bounced.send(sender=Message, message=fresh)
    return True


def is_kept_back(message: Message) -> bool:
    """Return whether ``message`` waits because it was refused for a reason that is ours."""
    return message.state == State.QUEUED and message.refused_since is not None


def retry_now(message: Message, *, now: dt.datetime) -> bool:
    """Queue a failed or waiting mail to be tried at once, with all its attempts anew.

    Returns False, and changes nothing, for a mail in any other state, or without its values.
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

    Raises LeaseLostError.
    """
    mine = Message.objects.filter(
        pk=message.pk, state=State.IN_FLIGHT, leased_until=message.leased_until
    )
    if not mine.update(leased_until=new_lease, **changes):
        raise LeaseLostError(f"mail {message.key}: another sender has it now")
    for name, value in changes.items():
        setattr(message, name, value)


def describe_fault(error) -> str:
    return read_line(f"{type(error).__name__}: {error}")
