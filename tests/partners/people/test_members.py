"""Changing, removing and leaving: reach, the last admin, and what goes with a member [R41], [R45]."""

import pytest
from django.db import IntegrityError, transaction

from notifications.models import Message
from partners.enums import AccessKind, InvitationState
from partners.models import AccessRecord, Membership
from partners.people.members import (
    BeyondReachError,
    LastAdminError,
    StaleMemberError,
    change_member,
    leave_partner,
    remove_member,
)
from partners.people.seats import Seat, read_seat
from tests import cast

from ..joining_steps import ADMIN, USER, chosen, invite, membership_of

pytestmark = pytest.mark.django_db


def member(partner, role=USER, locations=None, **person):
    user = cast.make_member(partner, role, locations=locations, **person)
    return Membership.objects.get(user=user, partner=partner)


def change(found, seat, actor):
    return change_member(found, seat, shown=seat_now(found).code, actor=actor)


def seat_now(found):
    return read_seat(Membership.objects.get(pk=found.pk))


# --- Changing ------------------------------------------------------------------------------------


def test_role_and_locations_change_and_the_person_is_told_in_their_language(partner, ana, places):
    ben = member(partner, language="pt-br", email="ben@contoso.example")

    change(ben, chosen(places[1], role=ADMIN), ana)

    assert seat_now(ben) == chosen(places[1], role=ADMIN)
    mail = Message.objects.get(kind="member_changed")
    assert (mail.to_address, mail.language) == ("ben@contoso.example", "pt-br")
    assert (mail.context["places"], mail.context["actor"]) == ("Berlin", "Ana")
    record = AccessRecord.objects.get(kind=AccessKind.ROLE_CHANGED)
    assert (record.user, record.about, record.role, record.scope) == (
        ana,
        ben.user,
        ADMIN,
        "Berlin",
    )


def test_the_same_seat_again_tells_no_one(partner, ana):
    ben = member(partner)

    change(ben, Seat(USER), ana)

    assert not Message.objects.exists()
    assert not AccessRecord.objects.exists()


def test_what_one_changes_about_oneself_needs_no_mail(partner, ana):
    cast.make_member(partner)

    change(membership_of(ana, partner), Seat(USER), ana)

    assert seat_now(membership_of(ana, partner)) == Seat(USER)
    assert not Message.objects.exists()


def test_a_page_that_someone_overtook_changes_nothing(partner, ana, places):
    ben = member(partner)
    shown = read_seat(ben).code
    change(ben, chosen(places[0]), ana)

    with pytest.raises(StaleMemberError):
        change_member(ben, Seat(ADMIN), shown=shown, actor=ana)

    assert seat_now(ben) == chosen(places[0])


def test_a_member_who_was_removed_since_then_is_not_changed(partner, ana):
    ben = member(partner)
    remove_member(ben, actor=ana)

    with pytest.raises(StaleMemberError):
        change_member(ben, Seat(ADMIN), shown=Seat(USER).code, actor=ana)
    with pytest.raises(StaleMemberError):
        remove_member(ben, actor=ana)


# --- No one gives, changes or takes more than they have ------------------------------------------


@pytest.mark.parametrize("who", ["user", "stranger", "removed", "closed", "staff"])
def test_only_an_admin_of_the_partner_manages_members(partner, ana, who):
    ben = member(partner)
    actor = {
        "user": lambda: cast.make_member(partner, USER),
        "stranger": lambda: cast.make_member(cast.make_partner("Litware")),
        "removed": cast.UserFactory,
        "closed": lambda: cast.make_member(partner, is_active=False),
        "staff": lambda: cast.UserFactory(is_staff=True, is_superuser=True),
    }[who]()

    with pytest.raises(BeyondReachError):
        change(ben, Seat(ADMIN), actor)
    with pytest.raises(BeyondReachError):
        remove_member(ben, actor=actor)

    assert seat_now(ben) == Seat(USER)


def test_an_admin_for_chosen_locations_manages_what_lies_within_them(partner, ana, places):
    gerd = cast.make_member(partner, ADMIN, locations=places)
    ben = member(partner, locations=[places[0]])

    change(ben, chosen(*places, role=ADMIN), gerd)
    assert seat_now(ben) == chosen(*places, role=ADMIN)
    remove_member(ben, actor=gerd)

    assert membership_of(ben.user, partner) is None


def test_an_admin_for_chosen_locations_reaches_no_further(partner, ana, places):
    gerd = cast.make_member(partner, ADMIN, locations=[places[1]])
    inside = member(partner, locations=[places[1]])
    outside, everywhere = member(partner, locations=[places[0]]), member(partner)

    for found, seat in (
        (inside, Seat(USER)),
        (inside, chosen(*places)),
        (outside, chosen(places[1])),
        (everywhere, chosen(places[1])),
        (membership_of(gerd, partner), Seat(ADMIN)),
    ):
        with pytest.raises(BeyondReachError):
            change(found, seat, gerd)
    for found in (outside, everywhere):
        with pytest.raises(BeyondReachError):
            remove_member(found, actor=gerd)

    assert [seat_now(each) for each in (inside, outside, everywhere)] == [
        chosen(places[1]),
        chosen(places[0]),
        Seat(USER),
    ]


# --- The last admin [R45] ------------------------------------------------------------------------


@pytest.mark.parametrize("smaller", ["user", "chosen"])
def test_the_last_admin_for_all_locations_cannot_get_less(partner, ana, places, smaller):
    cast.make_member(partner, ADMIN, locations=places)
    less = Seat(USER) if smaller == "user" else chosen(*places, role=ADMIN)

    with pytest.raises(LastAdminError):
        change(membership_of(ana, partner), less, ana)

    assert seat_now(membership_of(ana, partner)) == Seat(ADMIN)


def test_the_last_admin_for_all_locations_cannot_leave_or_be_removed(partner, ana):
    mine = membership_of(ana, partner)

    with pytest.raises(LastAdminError):
        leave_partner(mine)
    with pytest.raises(LastAdminError):
        remove_member(mine, actor=ana)

    assert Membership.objects.filter(pk=mine.pk).exists()
    assert not AccessRecord.objects.exists()


def test_an_admin_who_cannot_sign_in_is_none_to_rely_on(partner, ana):
    closed = member(partner, ADMIN, is_active=False)

    with pytest.raises(LastAdminError):
        leave_partner(membership_of(ana, partner))
    remove_member(closed, actor=ana)

    assert list(Membership.objects.filter(partner=partner)) == [membership_of(ana, partner)]


def test_another_partners_admin_does_not_count(partner, ana):
    cast.make_member(cast.make_partner("Litware"))

    with pytest.raises(LastAdminError):
        leave_partner(membership_of(ana, partner))


def test_where_admins_have_chosen_locations_only_the_last_of_them_stays(partner, places):
    gerd = cast.make_member(partner, ADMIN, locations=[places[0]])
    hana = cast.make_member(partner, ADMIN, locations=[places[1]])

    leave_partner(membership_of(hana, partner))

    with pytest.raises(LastAdminError):
        leave_partner(membership_of(gerd, partner))
    with pytest.raises(LastAdminError):
        change(membership_of(gerd, partner), chosen(places[0]), gerd)


def test_with_a_second_admin_the_first_may_go(partner, ana):
    cast.make_member(partner)

    leave_partner(membership_of(ana, partner))

    assert membership_of(ana, partner) is None
    assert AccessRecord.objects.get().kind == AccessKind.MEMBER_LEFT
    assert not Message.objects.exists()


# --- What goes with a member ---------------------------------------------------------------------


def test_drafts_of_someone_who_was_removed_stay_the_partners(partner, ana):
    ben = member(partner)
    draft = cast.make_draft(partner, ben.user, cast.make_tenant())

    remove_member(ben, actor=ana)

    draft.refresh_from_db()
    assert (draft.partner, draft.created_by, draft.is_draft) == (partner, ben.user, True)
    mail = Message.objects.get(kind="member_removed")
    assert (mail.to_address, mail.context["partner"]) == (ben.user.email, "Contoso")


def test_who_is_removed_leaves_no_link_to_come_back_by(partner, ana):
    eve = member(partner, ADMIN)
    theirs = invite(partner, eve.user, email="eve@elsewhere.example", seat=Seat(ADMIN))
    mine = invite(partner, ana)

    remove_member(eve, actor=ana)

    theirs.refresh_from_db()
    mine.refresh_from_db()
    assert (theirs.state, mine.state) == (InvitationState.REVOKED, InvitationState.OPEN)


@pytest.mark.parametrize("way", ["removed", "left", "smaller"])
def test_what_one_loses_at_a_partner_touches_no_invitation_at_another(partner, ana, way):
    eve = member(partner, ADMIN)
    litware = cast.make_partner("Litware")
    cast.make_member(litware, ADMIN, user=eve.user)
    there = invite(litware, eve.user, email="lin@litware.example", seat=Seat(ADMIN))
    here = invite(partner, eve.user, email="eve@elsewhere.example", seat=Seat(ADMIN))
    ways = {
        "removed": lambda: remove_member(eve, actor=ana),
        "left": lambda: leave_partner(eve),
        "smaller": lambda: change(eve, Seat(USER), ana),
    }

    ways[way]()

    there.refresh_from_db()
    here.refresh_from_db()
    assert (there.state, here.state) == (InvitationState.OPEN, InvitationState.REVOKED)


def test_with_a_smaller_role_one_keeps_the_invitations_one_could_still_send(partner, ana, places):
    eve = member(partner, ADMIN)
    kept = invite(partner, eve.user, email="a@contoso.example", seat=chosen(places[0]))
    lost = invite(partner, eve.user, email="b@contoso.example", seat=Seat(USER))

    change(eve, chosen(places[0], role=ADMIN), ana)
    kept.refresh_from_db()
    lost.refresh_from_db()
    assert (kept.state, lost.state) == (InvitationState.OPEN, InvitationState.REVOKED)

    change(eve, chosen(places[0]), ana)
    kept.refresh_from_db()
    assert kept.state == InvitationState.REVOKED


def test_a_closed_account_leaves_no_link_to_come_back_by(partner, ana):
    eve = member(partner, ADMIN).user
    theirs = invite(partner, eve, email="eve@elsewhere.example", seat=Seat(ADMIN))
    mine = invite(partner, ana)

    eve.is_active = False
    eve.save()

    theirs.refresh_from_db()
    mine.refresh_from_db()
    assert (theirs.state, mine.state) == (InvitationState.REVOKED, InvitationState.OPEN)
    assert AccessRecord.objects.get(kind=AccessKind.INVITATION_REVOKED).user is None


def test_the_database_knows_one_membership_a_person_and_partner(partner, ana):
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=ana, partner=partner, role=USER)
