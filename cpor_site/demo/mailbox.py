"""The demo's mail server, and the folder in which it keeps every email it receives."""

import datetime as dt
import email
import email.policy
import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from pathlib import Path

from aiosmtpd.controller import Controller
from django.conf import settings

#: Email to these names, at any domain, gets the refusals that occur in real life [R21].
ANSWERS = {
    "unknown": "550 5.1.1 No such mailbox here",
    "full": "452 4.2.2 The mailbox is full, try later",
}
_numbers = itertools.count()
_NAME = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9]{4}")
_STAMP = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True)
class Mail:
    """An email as it was received. ``html`` is empty if it has no HTML part."""

    name: str
    received_at: dt.datetime
    to: str
    subject: str
    message_id: str = ""
    text: str = ""
    html: str = ""


def folder() -> Path:
    where = settings.CPOR_DATA_DIR / "mail"
    where.mkdir(exist_ok=True)
    return where


def keep(raw: bytes, *, at: dt.datetime) -> None:
    """Save an email as a file named after the instant ``at`` (aware)."""
    stamp = at.astimezone(dt.UTC).strftime(_STAMP)
    name = f"{stamp}-{next(_numbers) % 10_000:04}"
    unfinished = folder() / f"{name}.part"
    unfinished.write_bytes(raw)
    unfinished.rename(folder() / f"{name}.eml")


def names() -> list[str]:
    """Return the names of all emails, newest first; only lists the folder."""
    return sorted((each.stem for each in folder().glob("*.eml")), reverse=True)


def read(name: str) -> Mail | None:
    """Return the email with this name, or None if there is none."""
    path = folder() / f"{name}.eml"
    if not _NAME.fullmatch(name) or not path.exists():
        return None
    parsed = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return _describe(name, parsed, text=_part(parsed, "plain"), html=_part(parsed, "html"))


def read_head(name: str) -> Mail:
    """Return the email with only its addresses and subject, for lists."""
    with (folder() / f"{name}.eml").open("rb") as file:
        return _describe(name, BytesHeaderParser(policy=email.policy.default).parse(file))


def _describe(name: str, parsed: EmailMessage, **parts: str) -> Mail:
    return Mail(
        name=name,
        received_at=_instant_of(name),
        to=parseaddr(str(parsed["To"]))[1],
        subject=str(parsed["Subject"]),
        message_id=str(parsed["Message-ID"]),
        **parts,
    )


def _instant_of(name: str) -> dt.datetime:
    return dt.datetime.strptime(name.partition("-")[0], _STAMP).replace(tzinfo=dt.UTC)


def _part(parsed: EmailMessage, kind: str) -> str:
    part = parsed.get_body(preferencelist=(kind,))
    return _with_our_address(part.get_content()) if part else ""


def _with_our_address(words: str) -> str:
    """Rewrite links from an earlier start, perhaps on another port, to lead to this one."""
    return re.sub(r"http://127\.0\.0\.1:[0-9]+(?=/)", settings.CPOR_BASE_URL, words)


class Handler:
    """Accepts every email, except to the names in ``ANSWERS``."""

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        answer = ANSWERS.get(address.partition("@")[0].lower())
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        keep(envelope.content, at=dt.datetime.now(dt.UTC))
        return "250 Kept for the demo"


@contextmanager
def receive() -> Iterator[None]:
    """Run the mail server, on EMAIL_URL's port and in a thread of its own, inside the block."""
    server = Controller(Handler(), hostname=settings.EMAIL_HOST, port=settings.EMAIL_PORT)
    server.start()
    try:
        yield
    finally:
        server.stop()
