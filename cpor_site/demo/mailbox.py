"""The demo's mail server, and the folder in which it keeps every email it receives."""

import datetime as dt
import email.policy
import itertools
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from pathlib import Path

from aiosmtpd.controller import Controller
from django.conf import settings
from django.http import Http404

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
    """An email as it was received. ``text`` and ``html`` are empty if only its headers were read."""

    name: str
    received_at: dt.datetime
    to: str
    subject: str
    message_id: str
    text: str = ""
    html: str = ""


def find_refusal(address: str) -> str:
    """Return the answer of the mail server that does not take email to ``address``, or ""."""
    return ANSWERS.get(address.partition("@")[0].lower(), "")


def folder() -> Path:
    where = settings.CPOR_DATA_DIR / "mail"
    where.mkdir(exist_ok=True)
    return where


def keep(raw: bytes, *, at: dt.datetime) -> None:
    """Save an email as a file named after the instant ``at`` (aware)."""
    name = f"{at.astimezone(dt.UTC).strftime(_STAMP)}-{next(_numbers) % 10_000:04}"
    unfinished = folder() / f"{name}.part"
    unfinished.write_bytes(raw)
    unfinished.rename(folder() / f"{name}.eml")


def list_names() -> list[str]:
    """Return the names of all emails, newest first; only lists the folder."""
    return sorted((each.stem for each in folder().glob("*.eml")), reverse=True)


def read(name: str, *, headers_only: bool = False) -> Mail:
    """Return the email with this name. Raise Http404 if there is none."""
    path = folder() / f"{name}.eml"
    if not _NAME.fullmatch(name) or not path.exists():
        raise Http404
    with path.open("rb") as file:
        parsed = BytesParser(policy=email.policy.default).parse(file, headersonly=headers_only)
    parts = {} if headers_only else {"text": _part(parsed, "plain"), "html": _part(parsed, "html")}
    return Mail(
        name=name,
        received_at=dt.datetime.strptime(name[: name.index("-")], _STAMP).replace(tzinfo=dt.UTC),
        to=parseaddr(str(parsed["To"]))[1],
        subject=str(parsed["Subject"]),
        message_id=str(parsed["Message-ID"]),
        **parts,
    )


def _part(parsed: EmailMessage, kind: str) -> str:
    """Return the body of this kind; links from an earlier start, maybe on another port, lead to this one."""
    part = parsed.get_body(preferencelist=(kind,))
    words = part.get_content() if part else ""
    return re.sub(r"http://127\.0\.0\.1:[0-9]+(?=/)", settings.CPOR_BASE_URL, words)


class Handler:
    """Accepts every email, except to the names in ``ANSWERS``."""

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        if refusal := find_refusal(address):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        keep(envelope.content, at=dt.datetime.now(dt.UTC))
        return "250 Kept for the demo"


def start_server() -> Controller:
    """Start the mail server, on EMAIL_URL's port and in a thread of its own."""
    server = Controller(Handler(), hostname=settings.EMAIL_HOST, port=settings.EMAIL_PORT)
    server.start()
    return server
