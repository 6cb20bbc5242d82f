"""Who is told what: one outbox row per message, in the transaction of what it tells (safeguard 6).

Values are put into words here, in the reader's language; templates/mail/ holds the sentences.
"""

import datetime as dt
import zoneinfo
from collections.abc import Callable, Iterable

from django.conf import settings
from django.urls import reverse
from django.utils import formats, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from notifications import outbox
from notifications.outbox import Recipient
from notifications.rendering import placeholders

from .enums import ContactRole
from .models import Association, Claim, CustomerNotice
from .places import name_place

#: Words, a lazy translation, or a function that finds them; read in the recipient's language.
Value = str | Promise | Callable[[], str]


def absolute(path: str) -> str:
    return settings.CPOR_BASE_URL + path


def describe_deadline(instant, time_zone: str) -> str:
    """Name the last moment of a window: date, 24:00 where it ends at midnight, and zone [R6]."""
    if instant is None:
        return ""
    zone = zoneinfo.ZoneInfo(time_zone)
    local = instant.astimezone(zone)
    if local.time() == dt.time.min:
        day, hour = local.date() - dt.timedelta(days=1), "24:00"
    else:
        day, hour = local.date(), formats.date_format(local, "H:i")
    return _("%(date)s, %(hour)s (%(place)s)") % {
        "date": _format_day(day),
        "hour": hour,
        "place": name_place(time_zone),
    }


def _format_day(day: dt.date) -> str:
    words = formats.date_format(day, "DEADLINE_FORMAT")
    # Django names weekdays with a capital, which some languages never write inside a sentence.
    return words.lower() if formats.get_format("IS_DAY_IN_LOWER_CASE") is True else words


def join_products(associations: Iterable[Association]) -> str:
    return ", ".join(str(association.product) for association in associations)


def tell_partner(claim: Claim, kind: str, *, key: str, **context: Value) -> None:
    """Write to the claim's partner contact, in that person's language.

    ``key`` makes the message unique for ever; ``context`` holds values, see ``Value``. A draft without
    a contact tells nobody.
    """
    contact = claim.contacts.filter(role=ContactRole.PARTNER).first()
    if contact is None:
        return
    to = Recipient(email=contact.email, name=contact.name, language=contact.language)
    _enqueue(kind, key=key, to=to, context={**describe_claim(claim), **context})


def tell_staff(claim: Claim, kind: str, *, key: str, **context: Value) -> None:
    """Write to the claim's reviewer, or to the operator's support where there is none."""
    reviewer = claim.assigned_to
    to = (
        Recipient(email=reviewer.email, name=str(reviewer), language=reviewer.language)
        if reviewer
        else Recipient(
            email=settings.OPERATOR_SUPPORT_EMAIL,
            name=settings.OPERATOR_NAME,
            language=settings.LANGUAGE_CODE,
        )
    )
    facts = describe_claim(claim) | {
        "url": absolute(reverse("admin:associations_claim_change", args=[claim.pk]))
    }
    _enqueue(kind, key=key, to=to, context={**facts, **context})


def tell_customer(notice: CustomerNotice, kind: str, *, key: str, **context: Value) -> None:
    """Write to the contact of a notice, with its link."""
    to = Recipient(email=notice.email, name=notice.name, language=notice.language)
    facts = {
        "partner": str(notice.claim.partner),
        "organisation": str(notice.claim.tenant),
        "url": absolute(reverse("associations:opt-out", args=[notice.token])),
    }
    _enqueue(kind, key=key, to=to, context={**facts, **context})


def describe_claim(claim: Claim) -> dict[str, str]:
    """What every mail about a claim names."""
    return {
        "reference": claim.reference,
        "claim_name": claim.name,
        "customer": str(claim.tenant or ""),
        "url": absolute(claim.get_absolute_url()),
    }


def _enqueue(kind: str, *, key: str, to: Recipient, context: dict[str, Value]) -> None:
    """Put the values that the mail prints into words in the reader's language, and queue it."""
    printed = placeholders(kind, to.language) & context.keys()
    with translation.override(to.language):
        words = {name: _in_words(context[name]) for name in printed}
    outbox.enqueue(kind, key=key, to=to, context=words)


def _in_words(value: Value) -> str:
    return str(value() if callable(value) else value)
