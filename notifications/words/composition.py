"""The email as it is sent, with the headers that every email of ours has."""

import binascii
from email.charset import QP, Charset
from email.header import Header

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from cpor_site.web.addresses import UnusableAddressError, encode_address
from cpor_site.web.mailboxes import Mailbox, read_mailbox

from ..identity import make_headers, name_of
from ..models import Message
from ..refusals import UnreachableAddressError
from .rendering import Rendered

#: Never occurs in a quoted-printable body (RFC 2045, 6.7), so the body is not searched for it.
BOUNDARY = "=_words"


class _QuotedPrintable(Charset):
    """UTF-8 whose bodies are quoted-printable: lines of any length pass any mail server."""

    def __init__(self):
        super().__init__("utf-8")
        self.body_encoding = QP

    def body_encode(self, string):  # type: ignore[override]  # it is given bytes, too
        """Return ``string`` encoded, in C: Python's own encoder would take a fifth of the sending time."""
        content = string.encode() if isinstance(string, str) else string
        lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return binascii.b2a_qp(lines, istext=True).decode("ascii")


class OutboxEmail(EmailMultiAlternatives):
    """An email to one recipient that keeps the text it was made from and the server's answer.

    ``envelope_id`` names it to a server that offers delivery reports.
    """

    encoding = _QuotedPrintable()  # type: ignore[assignment]  # Django takes a Charset, too

    def __init__(
        self, *, sender: Mailbox, recipient: Mailbox, rendered: Rendered, envelope_id: str, **kwargs
    ):
        super().__init__(
            from_email=str(sender),
            to=[str(recipient)],
            subject=rendered.subject,
            body=rendered.text,
            alternatives=[(rendered.html, "text/html")],
            **kwargs,
        )
        self.sender, self.recipient = sender, recipient
        self.rendered, self.envelope_id = rendered, envelope_id
        self.has_new_values = False
        self.answer = ""  # of the server, where the backend keeps it

    def recipients(self) -> list[str]:
        """Return the envelope's recipients: addresses without names."""
        return [self.recipient.encoded]

    def message(self):  # type: ignore[override]  # the stubs are those of a later Django
        """Return Django's message, its subject folded with room for the header's own name."""
        message = super().message()
        message.set_boundary(BOUNDARY)
        if not str(self.subject).isascii():
            subject = Header(str(self.subject), "utf-8", header_name="Subject")
            message.replace_header("Subject", subject)
        return message


def compose(message: Message, rendered: Rendered, *, connection) -> OutboxEmail:
    """Return the email for ``message``, to be sent over ``connection``.

    It never has a List-Unsubscribe header, with which a mail program could opt out on its own [R27]. Raise
    UnreachableAddressError if ``to_address`` is not an address, UnusableAddressError if a setting is not.
    """
    return OutboxEmail(
        sender=read_mailbox(settings.DEFAULT_FROM_EMAIL),
        recipient=_find_recipient(message),
        rendered=rendered,
        envelope_id=name_of(message),
        reply_to=[str(read_mailbox(settings.OPERATOR_SUPPORT_EMAIL))],
        headers={
            "Message-ID": message.message_id,
            "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday replies to this
            "X-Auto-Response-Suppress": "All",
            **make_headers(message),  # by which a bounce report can name it [R21]
        },
        connection=connection,
    )


def _find_recipient(message: Message) -> Mailbox:
    try:
        encoded = encode_address(message.to_address)
    except UnusableAddressError as error:
        raise UnreachableAddressError(str(error)) from error
    return Mailbox(" ".join(message.to_name.split()), message.to_address, encoded)
