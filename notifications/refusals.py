"""What an error while sending says: never, not now, or nobody there."""

import enum
import smtplib

from anymail.exceptions import AnymailAPIError, AnymailInvalidAddress, AnymailRecipientsRefused
from django.core.exceptions import ValidationError

#: The server wants us to sign in (RFC 4954): our configuration, not the mail, is wrong.
SIGN_IN_CODES = frozenset({530, 534, 535, 538})
NEVER = range(500, 600)
CLOSING = 421  # RFC 5321: the server closes the connection


class Refusal(enum.Enum):
    PERMANENT = "permanent"
    TEMPORARY = "temporary"
    CONNECTION = "connection"


PERMANENT_ERRORS = (
    AnymailRecipientsRefused,
    AnymailInvalidAddress,
    ValidationError,  # not an address at all
    smtplib.SMTPNotSupportedError,  # an address this server cannot write
)


def classify(error: Exception) -> Refusal:
    """Return what ``error`` means for the mail that was being sent.

    What is no answer of a server (a fault of ours) counts as temporary, so that a repaired template
    or setting still sends the mail.
    """
    if isinstance(error, PERMANENT_ERRORS):
        return Refusal.PERMANENT
    if isinstance(error, AnymailAPIError):
        # Before OSError, which the requests library's errors also are.
        return Refusal.TEMPORARY
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _read_codes([code for code, _words in error.recipients.values()])
    if isinstance(error, smtplib.SMTPResponseException):
        return _read_codes([error.smtp_code])
    return Refusal.CONNECTION if isinstance(error, OSError) else Refusal.TEMPORARY


def _read_codes(codes: list[int]) -> Refusal:
    if CLOSING in codes or -1 in codes:
        return Refusal.CONNECTION
    if all(code in NEVER and code not in SIGN_IN_CODES for code in codes):
        return Refusal.PERMANENT
    return Refusal.TEMPORARY


def describe(error: Exception) -> str:
    """Return one line about ``error`` for staff, with the server's own words."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(_answer(*answer) for answer in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:1000]


def _answer(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"[:1000]
