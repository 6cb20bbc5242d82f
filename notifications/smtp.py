"""Django's SMTP backend, which also keeps the server's answers and gives it our name of each email."""

import contextlib
import smtplib
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp

from .outside_text import read_line
from .words.composition import OutboxEmail

OK, WILL_FORWARD = 250, 251


class EmailBackend(smtp.EmailBackend):
    """Send each ``OutboxEmail`` in our own way, and any other email in Django's."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send emails over one connection; return how many were accepted.

        Each ``OutboxEmail`` gets the server's ``answer``. Raise what smtplib raises for the first that is
        refused, and OSError if the connection is lost.
        """
        ours = [each for each in email_messages if isinstance(each, OutboxEmail)]
        if len(ours) < len(email_messages):
            return super().send_messages(email_messages)
        is_new = self.open()
        if self.connection is None:  # asked to fail silently
            return 0
        try:
            for email in ours:
                email.answer = _deliver(self.connection, email)
        finally:
            if is_new:
                self.close()
        return len(ours)


def _deliver(client: smtplib.SMTP, email: OutboxEmail) -> str:
    """Send an email to its one recipient; return the server's last answer, which decides.

    Whatever fails, the connection is reset for the next email, unless it is lost.
    """
    client.ehlo_or_helo_if_needed()
    try:
        return _converse(client, email)
    except Exception:
        with contextlib.suppress(OSError):
            client.rset()
        raise


def _converse(client: smtplib.SMTP, email: OutboxEmail) -> str:
    sender, recipient = email.sender.encoded, email.recipient.encoded
    client.putcmd("mail", f"FROM:{smtplib.quoteaddr(sender)}{_write_options(client, email)}")
    try:
        content = email.message().as_bytes(linesep="\r\n")  # while the server thinks
    finally:
        code, words = client.getreply()
    if code != OK:
        raise smtplib.SMTPSenderRefused(code, words, sender)
    code, words = client.rcpt(recipient)
    if code not in (OK, WILL_FORWARD):
        raise smtplib.SMTPRecipientsRefused({recipient: (code, words)})
    code, words = client.data(content)
    if code != OK:
        raise smtplib.SMTPDataError(code, words)
    return f"{code} {read_line(words)}"


def _write_options(client: smtplib.SMTP, email: OutboxEmail) -> str:
    """Return the options of MAIL FROM that the server knows, each after a space.

    The envelope's id lets a report name the email, whatever happened to its headers on the way (RFC 3461).
    """
    return f" RET=HDRS ENVID={email.envelope_id}" if client.has_extn("dsn") else ""
