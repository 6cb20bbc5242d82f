"""A mail server of our own over a bare socket, which says at each stage what a test wants.

with ScriptedSmtp() as server:
    server.answers["MAIL"] = "553 5.7.1 Sender rejected"
    server.answers["RCPT"] = lambda line: "550 5.1.1 No such user" if b"gone" in line else None
    server.answers["DATA-END"] = Act.HANG

Stages: BANNER, EHLO, HELO, STARTTLS, AUTH, MAIL, RCPT, DATA, DATA-END. What is not in ``answers``, or
answers None, is accepted. tests/servers/smtp.py is the well-behaved one.
"""

import contextlib
import enum
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Self

from .certificates import make_server_context

if TYPE_CHECKING:
    from collections.abc import Callable


class Act(enum.Enum):
    HANG = "hang"
    CLOSE = "close"


Answer = str | bytes | Act | None
ACCEPTED = {"BANNER": "220 mail.test", "STARTTLS": "220 Go ahead", "AUTH": "235 2.7.0 Welcome"}
ACCEPTED |= {"DATA": "354 Go ahead", "DATA-END": "250 2.0.0 Accepted"}


class ScriptedSmtp:
    """Listens on 127.0.0.1; ``commands`` holds (verb, over TLS?), ``mails`` the accepted messages."""

    host = "127.0.0.1"

    def __init__(self, *, extensions: tuple[str, ...] = (), implicit_tls: bool = False):
        self.extensions, self.implicit_tls = extensions, implicit_tls
        self.answers: dict[str, Answer | Callable[[bytes], Answer]] = {}
        self.commands: list[tuple[str, bool]] = []
        self.lines: list[bytes] = []
        self.mails: list[bytes] = []
        self.connections = 0
        self._stopping = threading.Event()
        self._sockets: list[socket.socket] = []

    @property
    def verbs(self) -> list[str]:
        return [verb for verb, _is_over_tls in self.commands]

    def __enter__(self) -> Self:
        self._context = make_server_context() if self._wants_tls() else None
        self._listener = socket.create_server((self.host, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exc_info) -> None:
        self._stopping.set()
        for each in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _wants_tls(self) -> bool:
        return self.implicit_tls or "STARTTLS" in self.extensions

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._sockets.append(connection)
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ConnectionError):
            if self.implicit_tls:
                connection = self._context.wrap_socket(connection, server_side=True)
            _Session(self, connection).run()


class _Session:
    def __init__(self, server: ScriptedSmtp, connection: socket.socket):
        self.server, self._use = server, connection
        self._begin(connection)

    def _begin(self, connection) -> None:
        self.connection, self.input = connection, connection.makefile("rb")
        self.server._sockets.append(connection)

    def run(self) -> None:
        self._answer("BANNER", b"")
        while line := self.input.readline():
            self.server.lines.append(line)
            verb = line.split()[0].decode("ascii", "replace").upper() if line.split() else ""
            self.server.commands.append((verb, isinstance(self.connection, ssl.SSLSocket)))
            self._answer(verb, line)
            if verb == "QUIT":
                return
            if verb == "DATA" and self.last.startswith(b"354"):
                self._take_message()
            if verb == "STARTTLS" and self.last.startswith(b"220"):
                context = self.server._context
                self._begin(context.wrap_socket(self.connection, server_side=True))

    def _take_message(self) -> None:
        received = []
        while (line := self.input.readline()) not in (b".\r\n", b""):
            received.append(line)
        if self._answer("DATA-END", b"".join(received)):
            self.server.mails.append(b"".join(received))

    def _answer(self, stage: str, line: bytes) -> bool:
        """Say what the stage's script says; return whether that was yes."""
        wanted = self.server.answers.get(stage)
        if callable(wanted):
            wanted = wanted(line)
        if wanted is Act.HANG:
            self.server._stopping.wait()
        if isinstance(wanted, Act):
            self.connection.close()
            raise ConnectionAbortedError
        self.last = self._encode(wanted if wanted is not None else self._accept(stage))
        self.connection.sendall(self.last)
        return self.last.startswith(b"2")

    def _accept(self, stage: str) -> str:
        if stage == "EHLO":
            lines = ["mail.test", *self.server.extensions]
            marks = ["-"] * (len(lines) - 1) + [" "]
            return "\r\n".join(f"250{mark}{line}" for mark, line in zip(marks, lines, strict=True))
        return ACCEPTED.get(stage, "250 2.0.0 OK")

    def _encode(self, answer: str | bytes) -> bytes:
        return (answer.encode() if isinstance(answer, str) else answer) + b"\r\n"
