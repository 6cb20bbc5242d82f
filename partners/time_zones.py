"""The time zone in which a person reads times on pages: the one they chose, or their location's.

Deadlines are not affected: they are in the zone of the party that must act, and always name it [R5], [R6].
"""

import datetime as dt
import zoneinfo
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.http import HttpRequest

from .access import list_memberships
from .people.seats import find_time_zone

if TYPE_CHECKING:
    from .models import User


class ReaderZone(dt.tzinfo):
    """A zone that is looked up only when a time is shown: most pages show none, and cost no query."""

    def __init__(self, find: Callable[[], str]):
        self._find = find

    @cached_property
    def zone(self) -> zoneinfo.ZoneInfo:
        try:
            return zoneinfo.ZoneInfo(self._find())
        except (
            zoneinfo.ZoneInfoNotFoundError,
            ValueError,
            OSError,
        ):  # no longer in the tz database
            return zoneinfo.ZoneInfo(settings.OPERATOR_TIME_ZONE)

    @property
    def key(self) -> str:
        """Return the zone's name, as in ``ZoneInfo``."""
        return self.zone.key

    def __str__(self) -> str:
        return self.key

    def utcoffset(self, when: dt.datetime | None) -> dt.timedelta | None:
        return self.zone.utcoffset(when)

    def dst(self, when: dt.datetime | None) -> dt.timedelta | None:
        return self.zone.dst(when)

    def tzname(self, when: dt.datetime | None) -> str | None:
        return self.zone.tzname(when)

    def fromutc(self, when: dt.datetime) -> dt.datetime:
        return self.zone.fromutc(when.replace(tzinfo=self.zone))


def find_reader_zone(request: HttpRequest) -> str:
    """Return the name of the signed-in person's zone; UTC for a visitor.

    Their own choice first; else the operator's for staff, and for members that of their first
    location, by name, at the partner whose page this is, else at their first one.
    """
    if not request.user.is_authenticated:
        return settings.TIME_ZONE
    person = cast("User", request.user)
    if person.time_zone:
        return person.time_zone
    memberships = list_memberships(person)
    if person.is_staff or not memberships:
        return settings.OPERATOR_TIME_ZONE
    return find_time_zone(getattr(request, "membership", None) or memberships[0])
