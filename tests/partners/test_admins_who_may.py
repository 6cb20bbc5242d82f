"""Who is told, named or asked as a partner's admin [R41], and who has left a partner [R42]."""

import pytest

from partners.access import find_admins_who_may
from partners.audit.access_record import has_left
from partners.enums import Role
from partners.models import Membership
from partners.people.members import change_member, leave_partner, remove_member
from partners.people.seats import Seat, read_seat
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(partner, places):
    """One of each kind; only the first three can act as admins of the partner."""
    other = cast.make_partner("Litware")
    return {
        "everywhere": cast.make_member(partner, full_name="A"),
        "here": cast.make_member(partner, locations=[places[0]], full_name="B"),
        "there": cast.make_member(partner, locations=[places[1]], full_name="C"),
        "user": cast.make_member(partner, Role.INCENTIVES_USER),
        "closed": cast.make_member(partner, is_active=False),
        "elsewhere": cast.make_member(other),
        "staff": cast.make_staff(),
    }


def test_admins_are_those_of_the_partner_who_can_sign_in(partner, people):
    admins = [people[name] for name in ("everywhere", "here", "there")]

    assert list(find_admins_who_may(partner.pk)) == admins


def test_for_a_location_they_are_those_whose_role_covers_it(partner, people, places):
    admins = [people[name] for name in ("everywhere", "here")]

    assert list(find_admins_who_may(partner.pk, location_id=places[0].pk)) == admins


def test_for_all_locations_they_are_those_of_all(partner, people):
    assert list(find_admins_who_may(partner.pk, for_all_locations=True)) == [people["everywhere"]]


def test_who_covers_several_locations_is_named_once(partner, places):
    person = cast.make_member(partner, locations=places)

    assert list(find_admins_who_may(partner.pk)) == [person]
    assert list(find_admins_who_may(partner.pk, location_id=places[0].pk)) == [person]


@pytest.mark.parametrize("way", ["removed", "left"])
def test_only_who_went_from_this_partner_has_left_it(partner, people, way):
    other = cast.make_partner("Proseware")
    person, colleague = people["here"], people["there"]
    cast.make_member(other, user=person)
    cast.make_member(other)
    assert not has_left(person, partner.pk)
    seat = Membership.objects.get(user=person, partner=partner)

    if way == "removed":
        remove_member(seat, actor=people["everywhere"])
    else:
        leave_partner(seat)

    assert has_left(person, partner.pk)
    assert not has_left(person, other.pk)
    assert not has_left(colleague, partner.pk)
    assert not has_left(people["everywhere"], partner.pk)


def test_another_role_is_no_leaving(partner, people):
    seat = Membership.objects.get(user=people["here"], partner=partner)
    change_member(
        seat,
        Seat(Role.INCENTIVES_USER),
        shown=read_seat(seat).code,
        actor=people["everywhere"],
    )

    assert not has_left(people["here"], partner.pk)
