"""System checks of email: a notice must be sent, and sent under the operator's name [R21]."""

from django.conf import settings
from django.core import checks

from .checks import Findings, registered
from .email_url import FOR_DEVELOPERS
from .web.addresses import UnusableAddressError
from .web.mailboxes import read_mailbox

#: The example operator's domain; no one receives email there.
EXAMPLE_DOMAIN = "northwind.example"
EXAMPLE_SERVER = ("127.0.0.1", 2525)
MAILBOX_SETTINGS = ("DEFAULT_FROM_EMAIL", "OPERATOR_SUPPORT_EMAIL")


@registered()
def check_email_url() -> Findings:
    """Check that all of EMAIL_URL is understood, and that no password is sent unencrypted."""
    hint = (
        "Set EMAIL_URL to smtp://user:password@host:587/?tls=True (STARTTLS) or "
        "smtps://user:password@host (TLS from the first byte), the password percent-encoded."
    )
    for problem in settings.CPOR_EMAIL_URL_PROBLEMS:
        yield checks.Error(f"EMAIL_URL: {problem}", hint=hint, id="cpor.E008")


@registered()
def check_mailboxes() -> Findings:
    """Check the mailboxes in every email's headers: an unreadable one would hold back all email."""
    for name in MAILBOX_SETTINGS:
        if _read(name) is None:
            yield checks.Error(
                f"{name} is “{getattr(settings, name)}”, which is not a mailbox.",
                hint="Use one address, alone or after a name: Contoso, Inc. <no-reply@contoso.com>.",
                id="cpor.E009",
            )


@registered()
def check_timeout() -> Findings:
    """Check EMAIL_TIMEOUT: if it outlasts the lease on an email, another worker may send the email again."""
    from notifications.leases import longest_timeout  # noqa: PLC0415 - needs models, checks do not

    longest = longest_timeout()
    if not 1 <= settings.EMAIL_TIMEOUT <= longest:
        yield checks.Error(
            f"EMAIL_TIMEOUT is {settings.EMAIL_TIMEOUT}; emails might go out twice, or never.",
            hint=f"Use a number of seconds from 1 to {longest}.",
            id="cpor.E010",
        )


@registered(deploy=True)
def check_email_is_set_up() -> Findings:
    """Check that email is configured: with the defaults nothing is sent, or under no one's name."""
    hint = "Set EMAIL_URL to your mail server."
    if (settings.EMAIL_HOST, settings.EMAIL_PORT) == EXAMPLE_SERVER:
        yield checks.Error("EMAIL_URL is not set.", hint=hint, id="cpor.E013")
    if settings.EMAIL_BACKEND in FOR_DEVELOPERS.values():
        words = "EMAIL_URL names a backend for developers, which delivers nothing."
        yield checks.Error(words, hint=hint, id="cpor.E013")
    for name in MAILBOX_SETTINGS:
        mailbox = _read(name)
        if mailbox is not None and mailbox.domain == EXAMPLE_DOMAIN:
            words = f"{name} is “{getattr(settings, name)}”, an address in the example."
            yield checks.Error(words, hint=f"Set {name} to your own address.", id="cpor.E013")


def _read(name: str):
    try:
        return read_mailbox(getattr(settings, name))
    except UnusableAddressError:
        return None
