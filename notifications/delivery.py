"""Sending what is queued: lease a batch, send each email outside any transaction, mark it immediately.

Delivery is at least once: if a sender dies between the server's acceptance and the mark, that one email
is sent again, with the same Message-ID.
"""

import contextlib
import datetime as dt
import logging
import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction
from django.utils import timezone

from cpor_site.web.mailboxes import read_mailbox

from . import leases, outcomes, sending_state
from .durability import without_waiting_for_the_disk
from .models import Message
from .outcomes import LeaseLostError
from .refusals import (
    About,
    Refusal,
    Stage,
    describe,
    read_own_fault,
    read_refusal,
    read_while_opening,
)
from .signals import UnwantedMail, message_preparing
from .words import rendering
from .words.composition import OutboxEmail, compose

logger = logging.getLogger(__name__)

#: Seconds after which one call starts no further email; the next sweep continues.
ROUND = leases.ROUND.total_seconds()


def deliver_due(*, batch: int = 50, now: dt.datetime | None = None) -> int:
    """Send what is due, in batches of one connection each; return how many emails were accepted.

    Stop when nothing is due, the mail server refuses us or cannot be reached, or ROUND is over. ``now`` (an
    aware instant) fixes the clock; without it, the current time is read whenever it is needed.
    """
    clock = timezone.now if now is None else lambda: now
    rescue_stuck(now=clock())
    announce_accepted(batch=batch, now=clock())
    until = sending_state.paused_until()
    if until is not None and until > clock():
        return 0
    accepted, deadline = 0, time.monotonic() + ROUND
    while messages := leases.lease_due(batch=batch, now=clock()):
        sending = _Batch(messages, clock=clock, deadline=deadline)
        accepted += sending.run()
        if not sending.is_finished:
            break
    if accepted:
        sending_state.close_if_none_is_kept(now=clock())
    return accepted


def rescue_stuck(now: dt.datetime) -> int:
    """Queue again what a sender left in flight when it died; return how many rows."""
    number = leases.rescue_stuck(now=now)
    if number:
        logger.warning("%d emails were left in flight and are queued again", number)
    return number


def announce_accepted(*, batch: int, now: dt.datetime) -> None:
    """Announce emails again that were accepted while a receiver failed."""
    for message in leases.lease_unannounced(batch=batch, now=now):
        with _unlosable(message, now=now):
            outcomes.mark_sent(message, rendered=rendering.render(message), now=now)


@contextlib.contextmanager
def _unlosable(message: Message, *, now: dt.datetime) -> Iterator[None]:
    """Keep an error in one row from stopping the others, and count it as an attempt at that row."""
    try:
        yield
    except LeaseLostError as lost:
        logger.warning("%s", lost)
    except Exception as error:
        logger.exception("email %s could not be marked", message.key)
        try:
            outcomes.count_fault(message, error=error, now=now)
        except Exception:
            logger.exception("email %s stays in flight until its lease ends", message.key)


class _Batch:
    """One lease of rows and the one connection they are sent over."""

    def __init__(
        self, messages: list[Message], *, clock: Callable[[], dt.datetime], deadline: float
    ):
        self.messages, self.clock, self.deadline = messages, clock, deadline
        self.connection = get_connection()
        self.accepted = 0
        self.losses = 0  # connections lost in a row
        self.stopping: Refusal | None = None  # why the server takes nothing more
        self.is_finished = False

    def run(self) -> int:
        """Send the batch; return how many emails were accepted."""
        try:
            if self._open(self.messages):
                # The lease's commit waited for the disk, so no row whose email is sent can get lost.
                with without_waiting_for_the_disk():
                    self._send_all()
        finally:
            self._close()
        return self.accepted

    def _send_all(self) -> None:
        for number, message in enumerate(self.messages):
            if self._is_late(message):
                outcomes.give_back(self.messages[number:], at=self.clock())
                return
            with _unlosable(message, now=self.clock()):
                self._send(message)
            if not self._can_go_on(self.messages[number + 1 :]):
                return
        self.is_finished = True

    def _is_late(self, message) -> bool:
        """Return whether the round is over, or the lease might end before ``message`` is marked."""
        left = message.leased_until - self.clock()
        return time.monotonic() > self.deadline or left < leases.longest_sending()

    def _can_go_on(self, waiting) -> bool:
        if self.stopping is not None:
            self._stop(waiting, self.stopping)
            return False
        return not self.losses or self._reopen(waiting)

    def _send(self, message) -> None:
        email = self._prepare(message)
        if email is None:
            return
        try:
            self.connection.send_messages([email])
        except Exception as error:  # noqa: BLE001 - each kind of error has its outcome
            self._settle_refusal(message, error, read_refusal(error))
            return
        self._note_accepted()
        outcomes.mark_sent(
            message,
            rendered=email.rendered,
            now=self.clock(),
            provider_id=_provider_id(email),
            answer=email.answer,
            has_new_values=email.has_new_values,
        )

    def _note_accepted(self) -> None:
        self.accepted += 1
        self.losses = 0
        if self.accepted == 1:
            sending_state.note_accepted(now=self.clock())

    def _prepare(self, message) -> OutboxEmail | None:
        """Render the email; an error of ours stops only this email."""
        try:
            return self._compose(message)
        except UnwantedMail as unwanted:
            outcomes.mark_cancelled(message, reason=str(unwanted))
        except Exception as error:  # noqa: BLE001 - a receiver or a template may raise anything
            self._settle_refusal(message, error, read_own_fault(error))
        return None

    def _compose(self, message) -> OutboxEmail:
        before = dict(message.context)
        message_preparing.send(sender=Message, message=message, now=self.clock())
        email = compose(message, rendering.render(message), connection=self.connection)
        email.has_new_values = message.context != before
        return email

    def _settle_refusal(self, message, error, refusal: Refusal) -> None:
        self.losses = self.losses + 1 if refusal.about is About.CONNECTION else 0
        logger.warning("email %s: %s", message.key, refusal.words, exc_info=error)
        now = self.clock()
        if refusal.about is About.SERVER:
            self.stopping = refusal
            # Behind the others: if the server only refuses this email, they still go out.
            at = now + outcomes.pause(1)
            outcomes.give_back([message], reason=refusal.words, at=at)
        elif refusal.about is not About.RECIPIENT:
            with transaction.atomic():
                outcomes.keep(message, reason=refusal.words, now=now)
                sending_state.report_kept(message, refusal, now=now)
        elif refusal.is_permanent:
            outcomes.mark_failed(message, reason=refusal.words, now=now)
        else:
            outcomes.postpone(message, reason=refusal.words, now=now)

    def _open(self, waiting) -> bool:
        """Open the connection; if that fails, give ``waiting`` back with a pause.

        That does not count as an attempt: the server's absence says nothing about the emails, and a long
        one must not fail them all.
        """
        try:
            read_mailbox(settings.DEFAULT_FROM_EMAIL)
            self.connection.open()
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing can be sent
            self._stop(waiting, read_while_opening(error))
            return False
        return True

    def _stop(self, waiting, refusal: Refusal) -> None:
        """Tell staff that nothing goes out, and leave the server alone for a while."""
        logger.warning("email does not go out: %s", refusal.words)
        until = sending_state.report_server(refusal, now=self.clock())
        outcomes.give_back(waiting, reason=refusal.words, at=until)

    def _reopen(self, waiting) -> bool:
        """Reconnect after a lost connection; after two in a row, leave the server alone."""
        self._close()
        if self.losses > 1:
            words = "the mail server closed the connection twice in a row"
            self._stop(waiting, Refusal(About.SERVER, False, Stage.CONNECT, words))
            return False
        return self._open(waiting)

    def _close(self) -> None:
        try:
            self.connection.close()
        except Exception as error:  # noqa: BLE001 - what was accepted is accepted
            logger.warning("closing the connection to the mail server: %s", describe(error))


def _provider_id(email) -> str:
    """Return the mail service's own id of an email, by which it reports a bounce, or ""."""
    status = getattr(email, "anymail_status", None)
    given = getattr(status, "message_id", None)
    return given if isinstance(given, str) else ""
