"""EMAIL_URL: where the mail server is, and how the connection is protected."""

from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

SMTP = "notifications.smtp.EmailBackend"
#: Scheme → (TLS from the first byte, STARTTLS, usual port).
SCHEMES = {
    "smtp": (False, False, 25),
    "smtps": (True, False, 465),
    "smtp+ssl": (True, False, 465),
    "smtp+tls": (False, True, 587),
}
#: Backends for developers: what they "accept" is never delivered.
FOR_DEVELOPERS = {
    "consolemail": "django.core.mail.backends.console.EmailBackend",
    "memorymail": "django.core.mail.backends.locmem.EmailBackend",
    "dummymail": "django.core.mail.backends.dummy.EmailBackend",
}
#: Query parameters, and what each asks for.
STARTTLS_KEYS = frozenset({"tls", "email_use_tls"})
SSL_KEYS = frozenset({"ssl", "email_use_ssl"})
YES = frozenset({"true", "1", "yes", "on"})
NO = frozenset({"false", "0", "no", "off"})


class EmailUrl(NamedTuple):
    """Django's email settings, and what is wrong with the address, one sentence per problem.

    The sentences never contain the password.
    """

    settings: dict
    problems: list[str]


def read_email_url(written: str) -> EmailUrl:
    """Return the settings that ``written`` asks for; never raises, so that `check` can report problems."""
    written = written.strip()
    try:
        url = urlsplit(written)
        port = url.port
    except ValueError:
        return EmailUrl(_settings(), ["It is not a valid address: percent-encode the password."])
    scheme = url.scheme.lower()
    if scheme in FOR_DEVELOPERS:
        return EmailUrl({**_settings(), "EMAIL_BACKEND": FOR_DEVELOPERS[scheme]}, [])
    if scheme not in SCHEMES:
        known = ", ".join(f"{each}://" for each in SCHEMES)
        return EmailUrl(_settings(), [f"It must begin with one of {known}."])
    wanted, problems = _read_query(url.query)
    uses_ssl, uses_tls, usual_port = SCHEMES[scheme]
    uses_ssl, uses_tls = wanted.get("ssl", uses_ssl), wanted.get("tls", uses_tls)
    settings = _settings(
        host=url.hostname or "",
        port=port or (587 if uses_tls else 465 if uses_ssl else usual_port),
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        uses_tls=uses_tls and not uses_ssl,
        uses_ssl=uses_ssl,
    )
    problems += _find_contradictions(settings, uses_both=uses_tls and uses_ssl)
    if url.path.strip("/") or url.fragment:
        problems.append("Only ?tls=True may follow the host and port.")
    return EmailUrl(settings, problems)


def _settings(*, host="", port=0, user="", password="", uses_tls=False, uses_ssl=False) -> dict:
    return {
        "EMAIL_BACKEND": SMTP,
        "EMAIL_HOST": host,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": user,
        "EMAIL_HOST_PASSWORD": password,
        "EMAIL_USE_TLS": uses_tls,
        "EMAIL_USE_SSL": uses_ssl,
    }


def _read_query(query: str) -> tuple[dict[str, bool], list[str]]:
    wanted, problems = {}, []
    for key, value in parse_qsl(query, keep_blank_values=True):
        name = {**dict.fromkeys(STARTTLS_KEYS, "tls"), **dict.fromkeys(SSL_KEYS, "ssl")}.get(
            key.lower()
        )
        answer = value.strip().lower()
        if name is None:
            problems.append(f"It has an unknown key “{key}”; the known keys are tls and ssl.")
        elif answer not in YES | NO:
            problems.append(f"“{key}” is “{value}”; it must be True or False.")
        else:
            wanted[name] = answer in YES
    return wanted, problems


def _find_contradictions(settings: dict, *, uses_both: bool) -> list[str]:
    problems = []
    user, password = settings["EMAIL_HOST_USER"], settings["EMAIL_HOST_PASSWORD"]
    if not settings["EMAIL_HOST"]:
        problems.append("It names no host.")
    if uses_both:
        problems.append("It asks for both TLS from the first byte and STARTTLS; choose one.")
    if bool(user) != bool(password):
        problems.append("It has a user or a password, but not both, so sign-in would fail.")
    if password and not (settings["EMAIL_USE_TLS"] or settings["EMAIL_USE_SSL"]):
        problems.append(
            "It has a password but no encryption, so the password would be sent unencrypted."
        )
    return problems
