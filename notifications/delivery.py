"""Sending what is queued: take a batch, send each mail outside any transaction, mark it at once.

Delivery is at least once: a sender that dies between the server's acceptance and the mark repeats
that one mail, with the same Message-ID.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.utils import timezone

from . import leases, outcomes, rendering
from .composition import OutboxEmail, compose
from .durability import without_waiting_for_the_disk
from .models import Message
from .outcomes import LeaseLostError, mark_bounced
from .refusals import Refusal, classify, describe
from .signals import UnwantedMail, message_preparing

__all__ = ["deliver_due", "mark_bounced", "rescue_stuck"]

logger = logging.getLogger(__name__)

ROUND = 60  # seconds after which one call begins no further mail; the next sweep goes on


def deliver_due(*, batch: int = 50, now: dt.datetime | None = None) -> int:
    """Send what is due, in batches of one connection each; return how many mails were accepted.

    Ends when nothing is due, the mail server cannot be reached, or ROUND is over. ``now`` (an
    aware instant) is for those who must choose the clock; each instant is read anew without it.
    """
    clock = timezone.now if now is None else lambda: now
    rescue_stuck(now=clock())
    announce_accepted(batch=batch, now=clock())
    accepted, deadline = 0, time.monotonic() + ROUND
    while messages := leases.lease_due(batch=batch, now=clock()):
        sending = _Batch(messages, clock=clock, deadline=deadline)
        accepted += sending.run()
        if not sending.is_finished:
            break
    return accepted


def rescue_stuck(now: dt.datetime) -> int:
    """Queue again what a sender left in flight when it died; return how many rows."""
    number = leases.rescue_stuck(now=now)
    if number:
        logger.warning("%d mails were left in flight and are queued again", number)
    return number


def announce_accepted(*, batch: int, now: dt.datetime) -> None:
    """Tell the receivers again of mails that were accepted while a receiver failed."""
    for message in leases.lease_unannounced(batch=batch, now=now):
        with _Unlosable(message):
            outcomes.mark_sent(message, rendered=rendering.render(message), now=now)


class _Unlosable:
    """Keeps the fault of one row from stopping the others; the row's lease runs out by itself."""

    def __init__(self, message):
        self.message = message

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if isinstance(error, LeaseLostError):
            logger.warning("%s", error)
        elif isinstance(error, Exception):
            logger.error("mail %s stays in flight", self.message.key, exc_info=error)
        return isinstance(error, Exception)


class _Batch:
    """One lease of rows and the one connection they are sent over."""

    def __init__(
        self, messages: list[Message], *, clock: Callable[[], dt.datetime], deadline: float
    ):
        self.messages, self.clock, self.deadline = messages, clock, deadline
        self.connection = get_connection()
        self.accepted = 0
        self.losses = 0  # connections lost in a row
        self.is_finished = False

    def run(self) -> int:
        """Send the batch; return how many mails were accepted."""
        try:
            if self._open(self.messages):
                # The lease was committed before, and waited: no mail is of a row that could get lost.
                with without_waiting_for_the_disk():
                    self._send_all()
        finally:
            self._close()
        return self.accepted

    def _send_all(self) -> None:
        for number, message in enumerate(self.messages):
            if time.monotonic() > self.deadline:
                outcomes.give_back(self.messages[number:], at=self.clock())
                return
            with _Unlosable(message):
                self._send(message)
            if self.losses and not self._reopen(self.messages[number + 1 :]):
                return
        self.is_finished = True

    def _send(self, message) -> None:
        email = self._prepare(message)
        if email is None:
            return
        try:
            self.connection.send_messages([email])
        except Exception as error:  # noqa: BLE001 - each kind of error has its outcome
            self._settle_refusal(message, error, refusal=classify(error))
            return
        self.accepted += 1
        self.losses = 0
        outcomes.mark_sent(
            message,
            rendered=email.rendered,
            now=self.clock(),
            provider_id=_provider_id(email),
            has_new_values=email.has_new_values,
        )

    def _prepare(self, message) -> OutboxEmail | None:
        """Put the mail into words; a fault of ours stops this mail only."""
        try:
            return self._compose(message)
        except UnwantedMail as unwanted:
            outcomes.mark_cancelled(message, reason=str(unwanted))
        except ValidationError as error:
            self._settle_refusal(message, error, refusal=Refusal.PERMANENT)
        except Exception as error:  # noqa: BLE001 - a receiver or a template may raise anything
            self._settle_refusal(message, error, refusal=Refusal.TEMPORARY)
        return None

    def _compose(self, message) -> OutboxEmail:
        before = dict(message.context)
        message_preparing.send(sender=Message, message=message)
        email = compose(message, rendering.render(message), connection=self.connection)
        email.has_new_values = message.context != before
        return email

    def _settle_refusal(self, message, error, *, refusal) -> None:
        reason = describe(error)
        self.losses = self.losses + 1 if refusal is Refusal.CONNECTION else 0
        logger.warning("mail %s: %s", message.key, reason, exc_info=error)
        if refusal is Refusal.PERMANENT:
            outcomes.mark_failed(message, reason=reason, now=self.clock())
        else:
            outcomes.postpone(message, reason=reason, now=self.clock())

    def _open(self, waiting) -> bool:
        """Open the connection; where nobody answers, give ``waiting`` back with a pause.

        That counts as no attempt: the server's absence says nothing about the mails, and a long
        one must not fail them all.
        """
        try:
            self.connection.open()
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody can be reached
            logger.warning("no mail server: %s", describe(error))
            at = self.clock() + outcomes.pause(1)
            outcomes.give_back(waiting, reason=describe(error), at=at)
            return False
        return True

    def _reopen(self, waiting) -> bool:
        """After a lost connection try once more; lost twice in a row, leave the server alone."""
        self._close()
        if self.losses > 1:
            at = self.clock() + outcomes.pause(1)
            outcomes.give_back(waiting, reason="the mail server closed the connection", at=at)
            return False
        return self._open(waiting)

    def _close(self) -> None:
        try:
            self.connection.close()
        except Exception as error:  # noqa: BLE001 - what was accepted is accepted
            logger.warning("closing the connection to the mail server: %s", describe(error))


def _provider_id(email) -> str:
    """Return the mail service's own id of a mail, by which it reports a bounce, if there is one."""
    status = getattr(email, "anymail_status", None)
    given = getattr(status, "message_id", None)
    return given if isinstance(given, str) else ""
