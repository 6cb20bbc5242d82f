"""Parts of sentences about claims, in the language of now."""

import datetime as dt
import zoneinfo
from collections.abc import Collection, Iterable
from typing import Protocol

from django.utils import formats
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from cpor_site.web.countries import name_place

from ..claims.deadlines import end_of_day
from ..models import Association, Claim


class NamedProduct(Protocol):
    """What a customer is asked about; ``subscription_id`` is None for a workload."""

    @property
    def subscription_id(self) -> object: ...


def describe_deadline(instant: dt.datetime | None, time_zone: str) -> str:
    """Name the last moment of a window: date, 24:00 where it ends with that day, and zone [R6]."""
    if instant is None:
        return ""
    zone = zoneinfo.ZoneInfo(time_zone)
    instant = instant.astimezone(dt.UTC)  # there alone subtracting and comparing are about instants
    day = (instant - dt.timedelta(microseconds=1)).astimezone(zone).date()
    if instant == end_of_day(day, zone):
        hour = "24:00"
    else:
        local = instant.astimezone(zone)
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


def describe_due(claim: Claim) -> str:
    """Name the last moment of the claim's window that runs now [R6]; "" where none does."""
    return describe_deadline(claim.due_at, claim.due_time_zone)


def join_products(associations: Iterable[Association]) -> str:
    """Return the products as a part of a sentence."""
    return get_text_list([str(each.product) for each in associations], _("and"))


def describe_dispute(claim: Claim) -> str:
    """Say how and until when a rejection can be disputed, or that it cannot."""
    if claim.due_at is None:
        return _("This rejection cannot be disputed. You can file a new claim.")
    return _(
        "You may dispute this once, until %(deadline)s: open the claim and choose "
        "“Dispute the rejection”."
    ) % {"deadline": describe_due(claim)}


def describe_data(products: Collection[NamedProduct]) -> str:
    """Say what the partner will see, in the words of the reader [R20], [R36]."""
    seen = []
    if any(each.subscription_id is None for each in products):
        seen.append(_("how many people use it each month, and how many paid units you have"))
    if any(each.subscription_id for each in products):
        seen.append(_("how many seats are sold, assigned and in use each month"))
    return "; ".join(seen)
