"""Parts of sentences about claims, in the active language."""

import datetime as dt
import zoneinfo
from collections.abc import Collection, Iterable
from typing import Protocol

from django.utils import formats
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from cpor_site.web.countries import name_place

from ..claims.deadlines import end_of_day, find_last_day
from ..enums import ContactRole, Status
from ..models import Association, Claim
from .lanes import describe_lane, describe_stop, find_lane
from .turns import describe_time_left, explain_undisputable, is_chance_missed


class NamedProduct(Protocol):
    """A product that a customer is asked about; ``subscription_id`` is None for a workload."""

    @property
    def subscription_id(self) -> object: ...


def describe_deadline(instant: dt.datetime | None, time_zone: str) -> str:
    """Return a deadline as part of a sentence ("until …", "by …"), in the active language [R6].

    It reads "the end of" a day if it falls there, else day and time; both name the time zone.
    Return "" if there is no deadline.
    """
    if instant is None:
        return ""
    zone = zoneinfo.ZoneInfo(time_zone)
    day = find_last_day(instant, zone)
    zone_name = _describe_zone(time_zone)
    if instant.astimezone(dt.UTC) == end_of_day(day, zone):
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


def _format_day(day: dt.date, name: str = "DEADLINE_FORMAT") -> str:
    words = formats.date_format(day, name)
    # Django capitalises weekdays, which some languages never do inside a sentence.
    return words.lower() if formats.get_format("IS_DAY_IN_LOWER_CASE") is True else words


def describe_due(claim: Claim) -> str:
    """Return the claim's current deadline as ``describe_deadline`` does [R6]; "" if there is none."""
    return describe_deadline(claim.due_at, claim.due_time_zone)


def describe_until(claim: Claim) -> str:
    """Say until when the claim stays where it is, or can be disputed; it has a deadline."""
    if claim.status == Status.REJECTED:
        words = _("can be disputed until %(deadline)s")
    else:
        words = _("until %(deadline)s")
    return words % {"deadline": describe_due(claim)}


def describe_short(claim: Claim, *, now: dt.datetime) -> str:
    """Say in a few words until when the claim stays where it is, or what stops it; "" if nothing is open."""
    if words := describe_stop(claim):
        return words
    if claim.due_at is None or is_chance_missed(claim, now=now):
        return ""
    day = describe_short_day(claim)
    if claim.status == Status.REJECTED:
        return _("dispute until %(date)s") % {"date": day} if claim.is_disputable else ""
    return f"{day} · {describe_time_left(claim, now=now)}"


def describe_short_day(claim: Claim) -> str:
    """Return the last day of the claim's deadline without its year: "Fri 4 Dec"; "" if there is none.

    The day is that of the deadline's own zone, which the claim's page names.
    """
    if claim.due_at is None:
        return ""
    zone = zoneinfo.ZoneInfo(claim.due_time_zone or "UTC")
    return _format_day(find_last_day(claim.due_at, zone), "SHORT_DEADLINE_FORMAT")


def describe_stand(claim: Claim, *, reader: str, at: dt.datetime | None = None) -> str:
    """Say in one line, for an email, with whom the claim is and until when.

    ``at`` is the instant of an event that may come after a missed deadline to dispute.
    """
    where = describe_lane(find_lane(claim), reader=reader)
    if stopped := describe_stop(claim):
        return f"{where} · {stopped}"
    if claim.due_at is None or (at is not None and is_chance_missed(claim, now=at)):
        return where
    return f"{where} · {describe_until(claim)}"


def describe_asker(claim: Claim) -> str:
    """Name the person who asks [R20]: the claim's partner contact; "" where it names none. One query."""
    contact = claim.contacts.filter(role=ContactRole.PARTNER).first()
    return contact.name if contact else ""


def join_products(associations: Iterable[Association]) -> str:
    """Return the products' names as part of a sentence."""
    return get_text_list([str(each.product) for each in associations], _("and"))


def describe_dispute(claim: Claim, *, now: dt.datetime) -> str:
    """Say how and until when a rejection can be disputed, or that it cannot [R2]."""
    return explain_undisputable(claim, now=now) or _(
        "You can dispute this once, until %(deadline)s: open the claim and choose "
        "“Dispute the rejection”."
    ) % {"deadline": describe_due(claim)}


def describe_data(products: Collection[NamedProduct]) -> str:
    """Say what data the partner will see, in everyday words [R20], [R36]."""
    seen = []
    if any(each.subscription_id is None for each in products):
        seen.append(_("how many people use it each month, and how many paid units you have"))
    if any(each.subscription_id for each in products):
        seen.append(_("how many seats are sold, assigned and in use each month"))
    return "; ".join(seen)
