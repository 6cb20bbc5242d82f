"""What an error while sending means: whose fault it is, and whether trying again can help [R21].

Only errors about the recipient may fail an email, since a failed notice pauses the customer's deadline and
asks the partner for another contact. All others are about us: the email is kept, and staff see the error.
An answer that can be read both ways is about us: staff look at it, and no partner is asked in vain.

The stage of the conversation decides first:

connect, banner, EHLO, STARTTLS, sign-in   us: no recipient was named yet
MAIL FROM                                  us: the server refuses this sender, its quota or its size
RCPT TO                                    by the table below
DATA, and the message after it             by the table below, but only by what clearly names a mailbox

Then the enhanced status code (RFC 3463, by its subject and detail) where the answer has one:

x.1.1–x.1.6, x.1.9, x.1.10  recipient: no such mailbox or domain, moved, ambiguous, takes no email
x.1.7, x.1.8                us: the *sender's* address
x.2.1–x.2.4                 recipient: the mailbox is disabled, full, takes no message of this size, or
                            is a list that cannot be expanded. A full one is the recipient's to empty: by
                            5.2.2 the server says that it will not wait for that, 4.2.2 is tried again
x.1.0, x.2.0                recipient at RCPT TO, where the address is all that was asked about; us
                            after DATA, where servers say this of senders and of policy too
x.0, x.3, x.4, x.5, x.6     us: the server we talk to, its routes and quotas, our protocol, our words
x.7                         us: policy; our sender, network, sign-in or reputation is not wanted
other details of x.1, x.2   us: mail services number their own limits there (5.1.90, 5.2.252)

Without one, the reply code alone (RFC 5321, 4.2.3 and 4.3.2), at RCPT TO only:

550                         recipient, unless the words speak of relaying, senders or policy: the RFC
                            gives this code both meanings
450                         recipient, for now, with the same exception
551, 552, 553, 556          recipient: moved, full, misspelled, domain takes no email (RFC 7504)
all others                  us: 451 and 452 are the server's own trouble, 554 names no mailbox
"""

import enum
import re
import smtplib
from dataclasses import dataclass

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused

from .outside_text import read_line

CLOSING = 421  # RFC 5321: the server closes the connection
NO_ANSWER = -1  # what smtplib makes of an answer that is none
SIGN_IN_CODES = frozenset({530, 534, 535, 538})  # RFC 4954
PERMANENT_CODES = range(500, 600)

RECIPIENT_DETAILS = {1: frozenset({1, 2, 3, 4, 5, 6, 9, 10}), 2: frozenset({1, 2, 3, 4})}
UNDEFINED = 0
RECIPIENT_CODES = frozenset({450, 550, 551, 552, 553, 556})
AMBIGUOUS_CODES = frozenset({450, 550})
WORDS_ABOUT_US = re.compile(
    r"relay|sender|authenti|polic|prohibit|spam|block|black|reputation|gr[ea]y.?list|rate.?limit",
    re.IGNORECASE,
)
AN_ADDRESS = re.compile(r"<[^>]*>|\S+@\S+")  # whose letters say nothing about the fault

#: At the beginning by RFC 2034, and in brackets after the words by older servers: (#5.7.1).
ENHANCED_CODE = re.compile(
    r"^#?([245])\.(\d{1,3})\.(\d{1,3})\b|[(\[]#?([245])\.(\d{1,3})\.(\d{1,3})[)\]]"
)

#: What a mail service's API says of our account, whatever the email: sign-in, payment, rate.
ACCOUNT_STATUSES = frozenset({401, 402, 403, 407, 429})
SERVER_ERRORS = 500


class About(enum.Enum):
    """Whom or what an error is about."""

    RECIPIENT = "recipient"
    EMAIL = "email"  # us, with this one email: others may go out
    SERVER = "server"  # us, whatever the email: nothing goes out
    CONNECTION = "connection"  # lost in the middle of one email: another may do


class Stage(enum.Enum):
    """How far the conversation had come; the value is shown to staff."""

    CONNECT = "connect"
    SIGN_IN = "sign-in"
    SENDER = "MAIL FROM"
    RECIPIENT = "RCPT TO"
    MESSAGE = "DATA"
    OURS = "before sending"


@dataclass(frozen=True)
class Refusal:
    """What an error means; ``is_permanent`` if the same email would get the same answer again."""

    about: About
    is_permanent: bool
    stage: Stage
    words: str


class UnreachableAddressError(Exception):
    """The recipient of an email is not a valid address; ``str()`` says what is wrong."""


def read_refusal(error: Exception) -> Refusal:
    """Return what ``error``, raised while one email was sent, means for it."""
    if isinstance(error, AnymailRecipientsRefused):
        return _refusal(error, About.RECIPIENT, Stage.RECIPIENT, is_permanent=True)
    if isinstance(error, AnymailAPIError):
        # Before OSError, which the requests library's errors also are.
        return _read_api_error(error)
    if isinstance(error, smtplib.SMTPException):
        return _read_smtp_error(error)
    is_lost = isinstance(error, OSError)
    about, stage = (About.CONNECTION, Stage.MESSAGE) if is_lost else (About.EMAIL, Stage.OURS)
    return _refusal(error, about, stage, is_permanent=False)


def read_own_fault(error: Exception) -> Refusal:
    """Return what ``error`` means, raised by a receiver or a template before anything was sent."""
    if isinstance(error, UnreachableAddressError):
        return _refusal(error, About.RECIPIENT, Stage.OURS, is_permanent=True)
    return _refusal(error, About.EMAIL, Stage.OURS, is_permanent=False)


def read_while_opening(error: Exception) -> Refusal:
    """Return what ``error`` means, raised before any email was offered: it is never about one."""
    return _refusal(error, About.SERVER, find_stage(error), is_permanent=True)


def find_stage(error: Exception) -> Stage:
    """Return the stage that ``error``, of opening a connection or of sending, belongs to."""
    if isinstance(error, smtplib.SMTPSenderRefused):
        return Stage.SENDER
    if isinstance(error, smtplib.SMTPDataError):
        return Stage.MESSAGE
    if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return Stage.CONNECT
    is_smtp = isinstance(error, smtplib.SMTPException)
    is_lost = isinstance(error, smtplib.SMTPServerDisconnected)
    return Stage.SIGN_IN if is_smtp and not is_lost else Stage.CONNECT


def _read_api_error(error) -> Refusal:
    status = error.status_code
    is_account = status is None or status in ACCOUNT_STATUSES or status >= SERVER_ERRORS
    about = About.SERVER if is_account else About.EMAIL
    return _refusal(error, about, Stage.MESSAGE, is_permanent=True)


def _read_smtp_error(error) -> Refusal:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return _read_answer(error, code, words, stage=Stage.RECIPIENT)
    if isinstance(error, smtplib.SMTPResponseException):
        return _read_answer(error, error.smtp_code, error.smtp_error, stage=find_stage(error))
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return _refusal(error, About.CONNECTION, Stage.MESSAGE, is_permanent=False)
    return _refusal(error, About.SERVER, Stage.SIGN_IN, is_permanent=True)


def _read_answer(error, code: int, words: bytes | str, *, stage: Stage) -> Refusal:
    if code in (CLOSING, NO_ANSWER):
        return _refusal(error, About.CONNECTION, stage, is_permanent=False)
    text = read_line(words)
    enhanced = _read_enhanced_code(text)
    is_permanent = code in PERMANENT_CODES and (enhanced is None or enhanced[0] != 4)  # noqa: PLR2004
    if stage not in (Stage.RECIPIENT, Stage.MESSAGE) or code in SIGN_IN_CODES:
        about = About.SERVER
    elif _is_about_recipient(code, enhanced, text, stage=stage):
        about = About.RECIPIENT
    else:
        about = About.EMAIL
    return _refusal(error, about, stage, is_permanent=is_permanent)


def _read_enhanced_code(text: str) -> tuple[int, int, int] | None:
    found = ENHANCED_CODE.search(text)
    if found is None:
        return None
    status, subject, detail = (int(each) for each in found.groups() if each is not None)
    return status, subject, detail


def _is_about_recipient(code, enhanced, text, *, stage) -> bool:
    """Look the answer up in the table above."""
    if enhanced is not None:
        _status, subject, detail = enhanced
        named = RECIPIENT_DETAILS.get(subject, frozenset())
        return detail in named or bool(named and detail == UNDEFINED and stage is Stage.RECIPIENT)
    if stage is not Stage.RECIPIENT or code not in RECIPIENT_CODES:
        return False
    return code not in AMBIGUOUS_CODES or not WORDS_ABOUT_US.search(AN_ADDRESS.sub("", text))


def _refusal(error, about, stage, *, is_permanent) -> Refusal:
    return Refusal(about=about, is_permanent=is_permanent, stage=stage, words=describe(error))


def describe(error: Exception) -> str:
    """Return one line about ``error`` for staff, with the server's own words."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(_answer(*answer) for answer in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return read_line(f"{type(error).__name__}: {error}")


def _answer(code: int, words: bytes | str) -> str:
    return read_line(f"{code} {read_line(words)}")
