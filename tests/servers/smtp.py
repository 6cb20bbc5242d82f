"""A mail server in a thread: records every message, and can refuse, defer, hang or break off.

with SmtpServer() as server:
    server.rule = lambda address: Behaviour.REFUSE if "bad" in address else Behaviour.ACCEPT
    ...
    assert server.messages[0].recipients == ("ana@contoso.example",)
"""

import asyncio
import enum
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from typing import Self

from aiosmtpd.smtp import SMTP

from .processes import ServerError

FOREVER = 3600


class Behaviour(enum.Enum):
    ACCEPT = "accept"
    REFUSE = "refuse"  # 550 at RCPT: this address will never work
    REFUSE_CONTENT = "refuse-content"  # 554 after DATA
    DEFER = "defer"  # 451 at RCPT: try again later
    HANG = "hang"  # takes the message and never answers
    DROP = "drop"  # takes the message, does not keep it, closes the connection
    LOSE_REPLY = "lose-reply"  # keeps the message, closes the connection before saying so


@dataclass(frozen=True)
class ReceivedMail:
    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    received_at: float = field(default_factory=time.time)

    @cached_property
    def parsed(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def subject(self) -> str:
        return str(self.parsed["Subject"])

    @property
    def text(self) -> str:
        return self.parsed.get_body(("plain",)).get_content()

    @property
    def html(self) -> str:
        return self.parsed.get_body(("html",)).get_content()


class MailHandler:
    """aiosmtpd's callbacks; ``keep`` gets each accepted message, ``rule`` says how to treat an address."""

    def __init__(
        self,
        *,
        keep: Callable[[ReceivedMail], None],
        rule: Callable[[str], Behaviour],
        refuse: Callable[[], str],
        delay: float = 0,
    ):
        self.keep, self.rule, self.refuse = keep, rule, refuse
        self.delay = delay

    async def handle_MAIL(self, server, session, envelope, address, mail_options):  # noqa: N802
        await asyncio.sleep(self.delay)
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802
        await asyncio.sleep(self.delay)
        behaviour = self.rule(address)
        if behaviour is Behaviour.REFUSE:
            return self.refuse()
        if behaviour is Behaviour.DEFER:
            return "451 4.7.1 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        await asyncio.sleep(2 * self.delay)  # DATA, which cannot be made to wait, and the message
        wanted = {self.rule(address) for address in envelope.rcpt_tos}
        if Behaviour.REFUSE_CONTENT in wanted:
            return "554 5.7.1 Message refused"
        if Behaviour.HANG in wanted:
            await asyncio.sleep(FOREVER)
        if Behaviour.DROP not in wanted:
            self.keep(
                ReceivedMail(
                    envelope.mail_from, tuple(envelope.rcpt_tos), envelope.original_content
                )
            )
        if wanted & {Behaviour.DROP, Behaviour.LOSE_REPLY}:
            server.transport.abort()
        return "250 2.0.0 Accepted"


class SmtpServer:
    """Listens on 127.0.0.1; ``port`` stays the same over ``stop``, ``start`` and ``restart``.

    Takes ``delay`` seconds for each command of an email.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        *,
        port: int = 0,
        keep: Callable[[ReceivedMail], None] | None = None,
        delay: float = 0,
    ):
        self.port, self.delay = port, delay
        self.messages: list[ReceivedMail] = []
        self.connections = 0
        self.refusal = "550 5.1.1 No such mailbox here"
        self.rule: Callable[[str], Behaviour] = lambda address: Behaviour.ACCEPT
        self._keep = keep or self.messages.append
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """What EMAIL_URL takes."""
        return f"smtp://{self.host}:{self.port}"

    @property
    def recipients(self) -> list[str]:
        return [address for message in self.messages for address in message.recipients]

    def behave(self, behaviour: Behaviour) -> None:
        """Treat every address alike from now on."""
        self.rule = lambda address: behaviour

    def _treat(self, address: str) -> Behaviour:
        return self.rule(address)  # the rule of this moment: a test may change it at any time

    def messages_to(self, address: str) -> list[ReceivedMail]:
        return [message for message in self.messages if address in message.recipients]

    def wait_for_messages(self, count: int, *, timeout: float = 20) -> list[ReceivedMail]:
        """Return the messages once there are ``count``; raise ServerError after ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while len(self.messages) < count:
            if time.monotonic() > deadline:
                raise ServerError(f"{len(self.messages)} of {count} messages after {timeout} s")
            time.sleep(0.02)
        return self.messages

    def start(self) -> Self:
        started = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=[started], daemon=True)
        self._thread.start()
        if not started.wait(10) or self._failure:
            raise ServerError("the mail server did not start") from self._failure
        return self

    def _run(self, started: threading.Event) -> None:
        try:
            asyncio.run(self._serve(started))
        except OSError as error:
            self._failure = error
            started.set()

    async def _serve(self, started: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._sessions: list[SMTP] = []
        handler = MailHandler(
            keep=self._keep, rule=self._treat, refuse=lambda: self.refusal, delay=self.delay
        )
        listener = await self._loop.create_server(
            lambda: self._open_session(handler), self.host, self.port
        )
        self.port = listener.sockets[0].getsockname()[1]
        started.set()
        await self._stopping.wait()
        listener.close()
        for session in self._sessions:
            if session.transport is not None:
                session.transport.abort()
        await listener.wait_closed()

    def _open_session(self, handler: MailHandler) -> SMTP:
        self.connections += 1
        session = SMTP(handler, hostname="mail.test", enable_SMTPUTF8=True, loop=self._loop)
        self._sessions.append(session)
        return session

    def stop(self) -> None:
        """Close the port and every connection; what was received stays in ``messages``."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(10)
            self._thread = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info) -> None:
        self.stop()
