"""How a report about an email names it: by what we send along with each [R21].

Many mail services replace the Message-ID, so each email has a header of our own. A service that is named
in ``EMAIL_SERVICE`` also gets it in the header that it gives back in its reports.
"""

import json
import re

from django.conf import settings

from .models import Message

HEADER = "X-CPOR-Message"
#: What our name of an email is called among the values that a service gives back.
METADATA = "cpor-message"
NAME = re.compile(r"(?P<digest>[0-9a-f]{16})\.(?P<pk>[0-9]{1,18})")
OUR_MESSAGE_ID = re.compile(rf"<?{NAME.pattern}@[^>]+>?")

#: Service, as its webhook's address calls it → the header whose value it gives back, and its form.
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
    """Return our name of an email, the same at each attempt; nobody can guess that of another."""
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
    """Return the email of this name or Message-ID of ours; None where it is neither, or of no email."""
    parts = NAME.fullmatch(name) or OUR_MESSAGE_ID.fullmatch(name)
    if parts is None:
        return None
    message = Message.objects.filter(pk=parts["pk"]).first()
    return message if message and message.key_digest == parts["digest"] else None
