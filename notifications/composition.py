"""The mail as an email message, with the headers every mail of ours has."""

from email.utils import quote

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.core.validators import validate_email

from .identity import make_headers
from .models import Message, sender_address
from .rendering import Rendered
from .wire import address_header, mail_bytes


class OutboxEmail(EmailMultiAlternatives):
    """An email that remembers the words it was made of.

    Django's own SMTP backend asks for nothing but bytes and addresses, and gets them from ``wire``:
    making them with the email package takes longer than all else that is done for a mail. Every
    other backend gets what Django makes.
    """

    def __init__(self, *, name: str, address: str, rendered: Rendered, **kwargs):
        super().__init__(
            to=[f'"{quote(name)}" <{address}>' if name else address],
            subject=rendered.subject,
            body=rendered.text,
            alternatives=[(rendered.html, "text/html")],
            **kwargs,
        )
        self.rendered, self._name, self._address = rendered, name, address
        self.has_new_values = False
        self._is_plain_smtp = type(self.connection) is EmailBackend
        if self._is_plain_smtp:
            # Django parses an address that is a string anew for each mail, but not a pair.
            self.from_email = ("", sender_address())  # type: ignore[assignment]  # see above

    def recipients(self):
        return [("", self._address)] if self._is_plain_smtp else super().recipients()

    def message(self):  # type: ignore[override]  # this object writes its own bytes
        return self if self._is_plain_smtp else super().message()

    def as_bytes(self, *, linesep: str) -> bytes:
        """Return the mail as it goes over the wire; for the SMTP backend."""
        addresses = {
            "From": settings.DEFAULT_FROM_EMAIL,
            "To": address_header(self._name, self._address),
            "Reply-To": self.reply_to[0],
        }
        headers = {"Subject": self.subject, **self.extra_headers}
        return mail_bytes(addresses, headers, self.rendered, linesep=linesep)


def compose(message: Message, rendered: Rendered, *, connection) -> OutboxEmail:
    """Return the email for ``message``, to be sent over ``connection``.

    It never has a List-Unsubscribe header: a mail program would opt out on its own [R27]. Raises
    ValidationError where ``to_address`` is no address.
    """
    validate_email(message.to_address)
    return OutboxEmail(
        name=" ".join(message.to_name.split()),
        address=message.to_address,
        rendered=rendered,
        reply_to=[settings.OPERATOR_SUPPORT_EMAIL],
        headers={
            "Message-ID": message.message_id,
            "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday replies to this
            "X-Auto-Response-Suppress": "All",
            **make_headers(message),  # by which a bounce report can name it [R21]
        },
        connection=connection,
    )
