"""What all emails about claims share: the facts they state and how they are queued."""

import datetime as dt
from collections.abc import Callable

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

from cpor_site.web.instants import to_microseconds
from notifications import outbox
from notifications.models import Message
from notifications.outbox import Recipient
from notifications.words.blocks import Letter
from notifications.words.rendering import read_letter

from ..display.sentences import describe_stand
from ..enums import ClaimEmail
from ..models import Claim

#: A text, a lazy translation, or a function that returns a text; evaluated in the recipient's language.
Value = str | Promise | Callable[[], str]


def absolute(path: str) -> str:
    return settings.CPOR_BASE_URL + path


def describe_claim(claim: Claim) -> dict[str, Value]:
    """Return the facts that every email about a claim to partner or staff states."""
    return {
        "reference": claim.reference,
        "claim_name": claim.name,
        "customer": str(claim.tenant or ""),
        "url": absolute(claim.get_absolute_url()),
    }


def say_stand(claim: Claim, *, reader: str, at: dt.datetime | None = None) -> Value:
    """Return the first line of an email about a claim: with whom it is, and until when.

    ``at`` is the instant of an event that changes nothing of the claim, such as a comment.
    """
    return lambda: describe_stand(claim, reader=reader, at=at)


def name_step(kind: ClaimEmail, claim: Claim) -> str:
    """Return the key of an email about the newest row of the claim's history."""
    return f"{kind.value.replace('_', '-')}:{claim.pk}:{claim.history_length}"


def name_window(kind: ClaimEmail, claim: Claim) -> str:
    """Return the key of an email sent once in the claim's open window; raise ValueError without one."""
    if claim.window_opened_at is None:
        raise ValueError(f"No window of claim {claim.reference} is open.")
    return f"{kind.value.replace('_', '-')}:{claim.pk}:{to_microseconds(claim.window_opened_at)}"


def queue(kind: ClaimEmail, *, key: str, to: Recipient, values: dict[str, Value]) -> Message:
    """Evaluate ``values`` in the recipient's language and queue the email (see ``outbox``)."""
    context = _evaluate(values, language=to.language)
    return outbox.enqueue(kind, key=key, to=to, context=context)


def read_early(kind: ClaimEmail, *, to: Recipient, values: dict[str, Value]) -> Letter:
    """Return the email that ``queue`` would queue, as its recipient would read it; nothing is stored."""
    message = Message(
        kind=kind.value,
        to_address=to.email,
        to_name=to.name,
        language=to.language,
        context=_evaluate(values, language=to.language),
    )
    return read_letter(message)


def _evaluate(values: dict[str, Value], *, language: str) -> dict[str, str]:
    with translation.override(language):
        return {name: str(each() if callable(each) else each) for name, each in values.items()}
