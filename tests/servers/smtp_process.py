"""The recording mail server as a process of its own, for benchmarks and for tests that kill.

Messages are appended to a file, one JSON object a line, each written at once before its reply.
"""

import argparse
import base64
import json
import os
import signal
import threading
from functools import partial
from pathlib import Path
from typing import Self

from .processes import ManagedProcess, make_folder, python_command, remove_folder
from .smtp import Behaviour, ReceivedMail, SmtpServer


class SmtpProcess:
    """``with SmtpProcess() as server: server.url ... server.messages``."""

    host = "127.0.0.1"

    def __init__(self, *, behaviour: Behaviour = Behaviour.ACCEPT, delay: float = 0):
        self.behaviour, self.delay = behaviour, delay
        self.port = 0
        self._process: ManagedProcess | None = None

    def start(self) -> Self:
        self.folder = make_folder("smtp")
        self._process = ManagedProcess(
            python_command(
                "tests.servers.smtp_process",
                str(self.folder),
                "--behaviour",
                self.behaviour.value,
                "--delay",
                str(self.delay),
            ),
            log=self.folder / "server.log",
        )
        self._process.wait_until((self.folder / "port").exists, what="mail server")
        self.port = int((self.folder / "port").read_text())
        return self

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    @property
    def messages(self) -> list[ReceivedMail]:
        lines = (self.folder / "messages.jsonl").read_text().splitlines()
        return [_mail_from_line(line) for line in lines]

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None
        remove_folder(self.folder)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info) -> None:
        self.stop()


def _line_from_mail(mail: ReceivedMail) -> bytes:
    content = {
        "sender": mail.sender,
        "recipients": mail.recipients,
        "raw": base64.b64encode(mail.raw).decode(),
        "received_at": mail.received_at,
    }
    return json.dumps(content).encode() + b"\n"


def _mail_from_line(line: str) -> ReceivedMail:
    content = json.loads(line)
    return ReceivedMail(
        sender=content["sender"],
        recipients=tuple(content["recipients"]),
        raw=base64.b64decode(content["raw"]),
        received_at=content["received_at"],
    )


def _keep(output: int, mail: ReceivedMail) -> None:
    os.write(output, _line_from_mail(mail))


def serve(folder: Path, *, behaviour: Behaviour, delay: float) -> None:
    """Serve until SIGTERM."""
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    output = os.open(folder / "messages.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    keep = partial(_keep, output)
    with SmtpServer(keep=keep, delay=delay) as server:
        server.behave(behaviour)
        unready = folder / "port.new"
        unready.write_text(str(server.port))
        unready.rename(folder / "port")
        stopping.wait()
    os.close(output)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--behaviour", type=Behaviour, default=Behaviour.ACCEPT)
    parser.add_argument("--delay", type=float, default=0)
    options = parser.parse_args()
    serve(options.folder, behaviour=options.behaviour, delay=options.delay)


if __name__ == "__main__":
    main()
