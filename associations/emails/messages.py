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
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from cpor_site.web.countries import name_place
from notifications import outbox
from notifications.outbox import Recipient
from notifications.words.rendering import placeholders

from ..claims.deadlines import end_of_day
from ..models import Association, Claim, CustomerNotice
from .recipients import find_owner_recipients, find_partner_recipients, find_staff_recipient

#: Words, a lazy translation, or a function that finds them; read in the recipient's language.
Value = str | Promise | Callable[[], str]


def absolute(path: str) -> str:
    return settings.CPOR_BASE_URL + path


def describe_deadline(instant, time_zone: str) -> str:
    """Return a deadline as part of a sentence ("until …", "by …"), in the active language [R6].

    That is "the end of" the day with which it ends, or its day and time; both name the time zone.
    Return "" where there is no deadline.
    """
    if instant is None:
        return ""
    zone = zoneinfo.ZoneInfo(time_zone)
    instant = instant.astimezone(dt.UTC)  # only UTC datetimes subtract and compare as instants
    day = (instant - dt.timedelta(microseconds=1)).astimezone(zone).date()
    zone_name = _describe_zone(time_zone)
    if instant == end_of_day(day, zone):
        return _("the end of %(date)s (%(zone)s)") % {"date": _format_day(day), "zone": zone_name}
    local = instant.astimezone(zone)
    return _("%(date)s, %(hour)s (%(zone)s)") % {
        "date": _format_day(local.date()),
        "hour": formats.date_format(local, "H:i"),
        "zone": zone_name,
    }


def _describe_zone(time_zone: str) -> str:
    place = name_place(time_zone)
    return place if place == time_zone else _("%(place)s time") % {"place": place}


def _format_day(day: dt.date) -> str:
    words = formats.date_format(day, "DEADLINE_FORMAT")
    # Django names weekdays with a capital, which some languages never write inside a sentence.
    return words.lower() if formats.get_format("IS_DAY_IN_LOWER_CASE") is True else words


def join_products(associations: Iterable[Association]) -> str:
    """The products as a part of a sentence, in the language of now."""
    return get_text_list([str(each.product) for each in associations], _("and"))


def tell_partner(claim: Claim, kind: str, *, key: str, **context: Value) -> None:
    """Write to the claim's partner contact, or to those who answer for it now (see ``recipients``).

    ``key`` makes the message unique for ever; ``context`` holds values, see ``Value``.
    """
    for own_key, to in find_partner_recipients(claim, key=key).items():
        _enqueue(kind, key=own_key, to=to, context={**describe_claim(claim), **context})


def find_review_path(claim: Claim) -> str:
    """Return the address of the claim's page for staff, on this site."""
    return reverse("admin:associations_claim_change", args=[claim.pk])


def tell_owner(claim: Claim, kind: str, *, owner, key: str, **context: Value) -> None:
    """Write to the person who did something on a claim, or to those who answer for it now."""
    for own_key, to in find_owner_recipients(claim, owner, key=key).items():
        _enqueue(kind, key=own_key, to=to, context={**describe_claim(claim), **context})


def tell_staff(claim: Claim, kind: str, *, key: str, **context: Value) -> None:
    """Write to the claim's reviewer, or to the operator's support where nobody has it in hand."""
    facts = describe_claim(claim) | {"url": absolute(find_review_path(claim))}
    to = find_staff_recipient(claim)
    _enqueue(kind, key=key, to=to, context={**facts, **context})


def tell_customer(notice: CustomerNotice, kind: str, *, key: str, **context: Value) -> None:
    """Write to the contact of a notice, with its link."""
    to = Recipient(email=notice.email, name=notice.name, language=notice.language)
    facts: dict[str, Value] = {
        "partner": str(notice.claim.partner),
        "organisation": str(notice.claim.tenant),
        "why_you": lambda: _describe_registration(notice),
        "url": absolute(reverse("associations:opt-out", args=[notice.token])),
    }
    _enqueue(kind, key=key, to=to, context={**facts, **context})


def _describe_registration(notice: CustomerNotice) -> str:
    """Why somebody whom no partner named is written to [R57]; "" for whoever a partner named."""
    if not notice.is_to_registered:
        return ""
    return _(
        "You get this email because you are registered with %(operator)s as a contact of "
        "%(organisation)s."
    ) % {"operator": settings.OPERATOR_NAME, "organisation": notice.claim.tenant}


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
