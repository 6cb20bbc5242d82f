"""A seat at a partner: a role, and the locations for which it is held [R41]."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from ..enums import Role
from ..models import Location, Membership
from ..models.seat import HeldSeat
from ..rules import locations_of


@dataclass(frozen=True)
class Seat:
    """``location_ids`` is None for every location of the partner, including future ones."""

    role: Role
    location_ids: frozenset[int] | None = None

    @property
    def has_all_locations(self) -> bool:
        return self.location_ids is None

    @property
    def is_admin(self) -> bool:
        return self.role == Role.INCENTIVES_ADMIN

    @property
    def code(self) -> str:
        """Return the seat as a short text, for a form to say what its page showed."""
        places = (
            "all" if self.location_ids is None else "+".join(map(str, sorted(self.location_ids)))
        )
        return f"{self.role.value}:{places}"

    def reaches(self, other: "Seat") -> bool:
        """Return whether all locations of ``other`` are among this seat's."""
        if self.location_ids is None:
            return True
        return other.location_ids is not None and other.location_ids <= self.location_ids

    def may_manage(self, other: "Seat") -> bool:
        """Return whether its holder can give, change and take away ``other``: never more than they have."""
        return self.is_admin and self.reaches(other)


def read_seat(holder: HeldSeat) -> Seat:
    """Return the seat of a membership or an invitation; one query unless its locations are prefetched."""
    if holder.has_all_locations:
        return Seat(Role(holder.role))
    return Seat(Role(holder.role), frozenset(each.pk for each in holder.locations.all()))


def write_seat(holder: HeldSeat, seat: Seat) -> None:
    """Store the seat of a membership or an invitation, new or not."""
    holder.role, holder.has_all_locations = seat.role, seat.has_all_locations
    holder.save()
    holder.locations.set(seat.location_ids or ())


def find_seat(user, partner_id: int) -> Seat | None:
    """Return the current seat of ``user``, read afresh; None if they are not an active member."""
    if not user.is_active:
        return None
    member = Membership.objects.filter(user=user, partner_id=partner_id).first()
    return read_seat(member) if member else None


def name_places(seat: Seat) -> list[str]:
    """Return the names of the chosen locations; empty if the seat is for all."""
    chosen = Location.objects.filter(pk__in=seat.location_ids or ())
    return list(chosen.order_by("name").values_list("name", flat=True))


def describe_places(seat: Seat) -> str:
    """Return the seat's locations in words, in the active language."""
    if seat.has_all_locations:
        return _("all locations")
    return ", ".join(name_places(seat)) or _("no location")


def find_time_zone(membership: Membership) -> str:
    """Return the zone in which a member reads times: their first location's, by name, else the operator's."""
    zones = locations_of(membership).order_by("name").values_list("time_zone", flat=True)
    return zones.first() or settings.OPERATOR_TIME_ZONE
