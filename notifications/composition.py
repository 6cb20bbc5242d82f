"""The mail as an email message, with the headers every mail of ours has."""

import base64
import hashlib
from email.header import Header
from email.utils import formataddr, formatdate, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.core.validators import validate_email

from .models import Message
from .rendering import Rendered

LONGEST_LINE = 998  # octets without the line end (RFC 5322, 2.1.1)


class OutboxEmail(EmailMultiAlternatives):
    """An email that remembers the words it was made of.

    Over Django's own SMTP backend, which asks for nothing but bytes and addresses, it writes them
    itself: the email package's generator takes longer than everything else done for a mail. Every
    other backend gets what Django makes.
    """

    def __init__(self, *, recipient: str, rendered: Rendered, **kwargs):
        super().__init__(
            subject=rendered.subject,
            body=rendered.text,
            alternatives=[(rendered.html, "text/html")],
            **kwargs,
        )
        self.rendered, self._recipient = rendered, recipient
        self._is_plain_smtp = type(self.connection) is EmailBackend
        if self._is_plain_smtp:
            # A pair is not parsed again, as a string would be.
            self.from_email = ("", parseaddr(self.from_email)[1])

    def recipients(self):
        return [("", self._recipient)] if self._is_plain_smtp else super().recipients()

    def message(self):
        return _Bytes(self) if self._is_plain_smtp else super().message()


class _Bytes:
    """What the SMTP backend needs of a message."""

    def __init__(self, email):
        self.email = email

    def as_bytes(self, *, linesep: str = "\n") -> bytes:
        """Return the mail as it goes over the wire."""
        boundary = _boundary(self.email.rendered)
        lines = [
            *_head(self.email),
            f'Content-Type: multipart/alternative; boundary="{boundary}"',
            "",
            *_part(self.email.rendered.text, "plain", boundary=boundary),
            *_part(self.email.rendered.html, "html", boundary=boundary),
            f"--{boundary}--",
            "",
        ]
        return linesep.join(lines).encode()


def _boundary(rendered) -> str:
    """A line that cannot stand in the words, whatever was typed: it holds their own digest."""
    return "=_" + hashlib.sha256((rendered.text + rendered.html).encode()).hexdigest()[:32]


def _head(email) -> list[str]:
    named = {
        "Subject": email.subject,
        "Date": formatdate(localtime=settings.EMAIL_USE_LOCALTIME),
        **email.extra_headers,
    }
    addresses = {"From": settings.DEFAULT_FROM_EMAIL, "To": email.to[0]}
    addresses["Reply-To"] = email.reply_to[0]
    return [
        "MIME-Version: 1.0",
        *(f"{name}: {_address(value)}" for name, value in addresses.items()),
        *(f"{name}: {_words(name, value)}" for name, value in named.items()),
    ]


def _words(name, value) -> str:
    """A header's value: as it is if short ASCII on one line, else encoded and folded (RFC 2047)."""
    if value.isascii() and value.isprintable() and len(name) + len(value) < 76:
        return value
    charset = "us-ascii" if value.isascii() else "utf-8"
    return Header(value, charset, header_name=name).encode(linesep="\r\n")


def _address(value) -> str:
    return value


def _part(content, subtype, *, boundary) -> list[str]:
    """One part of the body: as it is (8bit) where its lines are short enough, else in base64."""
    lines = content.splitlines()
    encoding = "8bit"
    if any(len(line.encode()) > LONGEST_LINE for line in lines):
        encoding = "base64"
        lines = base64.encodebytes(content.encode()).decode().splitlines()
    return [
        f"--{boundary}",
        f"Content-Type: text/{subtype}; charset=utf-8",
        f"Content-Transfer-Encoding: {encoding}",
        "",
        *lines,
    ]
