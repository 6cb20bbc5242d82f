"""How a report about an email identifies it: by a name that we send along [R21].

Many mail services replace the Message-ID, so each email has our own header. The service named in
``EMAIL_SERVICE`` also gets it in the header that it returns in its reports.
"""

import json
import re

from django.conf import settings

from .models import Message

HEADER = "X-CPOR-Message"
#: The key of our name of an email among the values that a service returns.
METADATA = "cpor-message"
NAME = re.compile(r"(?P<digest>[0-9a-f]{16})\.(?P<pk>[0-9]{1,18})")
OUR_MESSAGE_ID = re.compile(rf"<?{NAME.pattern}@[^>]+>?")

#: Service, as named in its webhook's address → the header whose value it returns, and the value's form.
#: ``{pair}`` is a JSON object with our name of the email, ``{name}`` that name alone.
SERVICE_HEADERS = {
    "brevo": ("X-Mailin-custom", "{pair}"),
    "mailgun": ("X-Mailgun-Variables", "{pair}"),
    "mailjet": ("X-MJ-EventPayload", "{pair}"),
    "mailtrap": ("X-MT-Custom-Variables", "{pair}"),
    "mandrill": ("X-MC-Metadata", "{pair}"),
    "postmark": (f"X-PM-Metadata-{METADATA}", "{name}"),
    "sendgrid": ("X-SMTPAPI", '{{"unique_args":{pair}}}'),
    "sparkpost": ("X-MSYS-API", '{{"metadata":{pair}}}'),
}


def name_of(message: Message) -> str:
    """Return our name of an email: the same for each attempt, and impossible to guess."""
    return f"{message.key_digest}.{message.pk}"


def make_headers(message: Message) -> dict[str, str]:
    """Return the headers by which a report about ``message`` can name it."""
    name = name_of(message)
    headers = {HEADER: name}
    if settings.EMAIL_SERVICE in SERVICE_HEADERS:
        header, form = SERVICE_HEADERS[settings.EMAIL_SERVICE]
        pair = json.dumps({METADATA: name}, separators=(",", ":"))
        headers[header] = form.format(pair=pair, name=name)
    return headers


def find_named(name: str) -> Message | None:
    """Return the email with this name or Message-ID of ours, or None."""
    parts = NAME.fullmatch(name) or OUR_MESSAGE_ID.fullmatch(name)
    if parts is None:
        return None
    message = Message.objects.filter(pk=parts["pk"]).first()
    return message if message and message.key_digest == parts["digest"] else None
