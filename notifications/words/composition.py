"""The mail as an email message, with the headers every mail of ours has."""

from email.charset import QP, Charset
from email.header import Header

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from cpor_site.web.addresses import UnusableAddressError, encode_address
from cpor_site.web.mailboxes import Mailbox, read_mailbox

from ..identity import make_headers
from ..models import Message
from ..refusals import UnreachableAddressError
from .rendering import Rendered


def _make_encoding() -> Charset:
    """Return UTF-8 whose bodies are quoted-printable: lines of any length pass any mail server."""
    encoding = Charset("utf-8")
    encoding.body_encoding = QP
    return encoding


class OutboxEmail(EmailMultiAlternatives):
    """An email that remembers the words it was made of."""

    encoding = _make_encoding()  # type: ignore[assignment]  # Django takes a Charset, too

    def __init__(self, *, to: Mailbox, rendered: Rendered, **kwargs):
        super().__init__(
            to=[str(to)],
            subject=rendered.subject,
            body=rendered.text,
            alternatives=[(rendered.html, "text/html")],
            **kwargs,
        )
        self.mailbox, self.rendered = to, rendered
        self.has_new_values = False

    def recipients(self) -> list[str]:
        """Return what the envelope names: addresses without names."""
        return [self.mailbox.encoded]

    def message(self):  # type: ignore[override]  # the stubs are those of a later Django
        """Return Django's message, its subject folded with room for the header's own name."""
        message = super().message()
        if not str(self.subject).isascii():
            subject = Header(str(self.subject), "utf-8", header_name="Subject")
            message.replace_header("Subject", subject)
        return message


def compose(message: Message, rendered: Rendered, *, connection) -> OutboxEmail:
    """Return the email for ``message``, to be sent over ``connection``.

    It never has a List-Unsubscribe header: a mail program would opt out on its own [R27]. Raises
    UnreachableAddressError where ``to_address`` is no address, UnusableAddressError where a setting is.
    """
    return OutboxEmail(
        to=_find_recipient(message),
        rendered=rendered,
        from_email=str(read_mailbox(settings.DEFAULT_FROM_EMAIL)),
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
