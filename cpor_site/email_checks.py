"""System checks of email: a notice must be sent, and sent under the operator's name [R21]."""

from django.conf import settings
from django.core import checks

from .email_url import FOR_DEVELOPERS
from .web.addresses import UnusableAddressError
from .web.mailboxes import read_mailbox

#: The example operator's domain; no one receives email there.
EXAMPLE_DOMAIN = "northwind.example"
EXAMPLE_SERVER = ("127.0.0.1", 2525)
MAILBOX_SETTINGS = ("DEFAULT_FROM_EMAIL", "OPERATOR_SUPPORT_EMAIL")


def check_email_url(app_configs, **kwargs):
    """Check that all of EMAIL_URL is understood, and that no password is sent unencrypted."""
    hint = (
        "Set EMAIL_URL to smtp://user:password@host:587/?tls=True (STARTTLS) or "
        "smtps://user:password@host (TLS from the first byte), the password percent-encoded."
    )
    return [
        checks.Error(f"EMAIL_URL: {problem}", hint=hint, id="cpor.E008")
        for problem in settings.CPOR_EMAIL_URL_PROBLEMS
    ]


def check_mailboxes(app_configs, **kwargs):
    """Check the mailboxes in every email's headers: an unreadable one would hold back all email."""
    return [
        checks.Error(
            f"{name} is “{getattr(settings, name)}”, which is not a mailbox.",
            hint="Use one address, alone or after a name: Contoso, Inc. <no-reply@contoso.com>.",
            id="cpor.E009",
        )
        for name in MAILBOX_SETTINGS
        if _read(name) is None
    ]


def check_timeout(app_configs, **kwargs):
    """Check EMAIL_TIMEOUT: if it outlasts the lease on an email, another worker may send the email again."""
    from notifications.leases import longest_timeout  # noqa: PLC0415 - needs models, checks do not

    longest = longest_timeout()
    if 1 <= settings.EMAIL_TIMEOUT <= longest:
        return []
    return [
        checks.Error(
            f"EMAIL_TIMEOUT is {settings.EMAIL_TIMEOUT}; emails might go out twice, or never.",
            hint=f"Use a number of seconds from 1 to {longest}.",
            id="cpor.E010",
        )
    ]


def check_email_is_set_up(app_configs, **kwargs):
    """Check that email is configured: with the defaults nothing is sent, or under no one's name."""
    problems = []
    if (settings.EMAIL_HOST, settings.EMAIL_PORT) == EXAMPLE_SERVER:
        problems.append(("EMAIL_URL is not set.", "Set EMAIL_URL to your mail server."))
    if settings.EMAIL_BACKEND in FOR_DEVELOPERS.values():
        words = "EMAIL_URL names a backend for developers, which delivers nothing."
        problems.append((words, "Set EMAIL_URL to your mail server."))
    for name in MAILBOX_SETTINGS:
        mailbox = _read(name)
        if mailbox is not None and mailbox.domain == EXAMPLE_DOMAIN:
            words = f"{name} is “{getattr(settings, name)}”, an address in the example."
            problems.append((words, f"Set {name} to your own address."))
    return [checks.Error(words, hint=hint, id="cpor.E013") for words, hint in problems]


def _read(name: str):
    try:
        return read_mailbox(getattr(settings, name))
    except UnusableAddressError:
        return None
