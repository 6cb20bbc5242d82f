"""Inviting, sending again, revoking, accepting: the functions [R42]."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from notifications.delivery import deliver_due
from notifications.models import Message
from notifications.outcomes import mark_bounced
from partners.enums import AccessKind, InvitationState
from partners.models import AccessRecord, Invitation, Membership, User
from partners.people.invitations import (
    AddressTaken,
    AlreadySentError,
    NotOpenError,
    find_invitation,
    invite_first_admin,
    resend_invitation,
    revoke_invitation,
)
from partners.people.joining import (
    AccountExistsError,
    WrongPersonError,
    accept_as_new,
    accept_invitation,
)
from partners.people.members import (
    BeyondReachError,
    MemberError,
    has_open_invitation,
    remove_member,
)
from partners.people.seats import Seat, read_seat
from partners.staff_groups import PROGRAMME_MANAGER, REVIEWER
from tests import cast

from ..joining_steps import ADMIN, USER, chosen, invite, is_confirmed, link_of, membership_of

pytestmark = pytest.mark.django_db


def token_of(invitation):
    return link_of(invitation).split("/")[2]


def make_old(invitation, *, days=15):
    """Let so many days pass since it was sent."""
    passed = dt.timedelta(days=days)
    Invitation.objects.filter(pk=invitation.pk).update(
        invited_at=invitation.invited_at - passed, expires_at=invitation.expires_at - passed
    )
    return Invitation.objects.get(pk=invitation.pk)


# --- Inviting ------------------------------------------------------------------------------------


def test_the_mail_has_the_link_and_the_table_has_not(partner, ana, places):
    invitation = invite(partner, ana, seat=chosen(places[1]), language="pt-br")

    mail = Message.objects.get()
    token = token_of(invitation)
    assert (mail.to_address, mail.language) == ("nora@contoso.example", "pt-br")
    assert (mail.context["partner"], mail.context["places"]) == ("Contoso", "Berlin")
    assert find_invitation(token) == invitation
    row = Invitation.objects.filter(pk=invitation.pk).values().get()
    assert not any(token in str(value) for value in row.values())
    assert len(token) >= 40


def test_it_lasts_fourteen_days_and_stands_in_the_record(partner, ana):
    before = timezone.now()
    invitation = invite(partner, ana)

    assert invitation.expires_at - before >= dt.timedelta(days=14)
    assert invitation.expires_at - timezone.now() <= dt.timedelta(days=14)
    record = AccessRecord.objects.get()
    assert (record.kind, record.user, record.subject) == (
        AccessKind.MEMBER_INVITED,
        ana,
        "nora@contoso.example",
    )


def test_who_is_a_member_is_not_invited_whatever_the_capitals(partner, ana):
    cast.make_member(partner, email="ben@contoso.example")

    with pytest.raises(AddressTaken, match="is already a member of Contoso"):
        invite(partner, ana, email="Ben@Contoso.example")

    assert not Invitation.objects.exists()


def test_a_member_of_another_partner_may_be_invited(partner, ana):
    cast.make_member(cast.make_partner("Litware"), email="lina@litware.example")

    assert invite(partner, ana, email="lina@litware.example").is_in_force


def test_an_address_is_invited_once_whatever_the_capitals(partner, ana):
    invite(partner, ana)

    with pytest.raises(AddressTaken, match="has already been invited"):
        invite(partner, ana, email="NORA@contoso.example")

    assert Invitation.objects.count() == Message.objects.count() == 1


def test_the_database_knows_one_open_invitation_a_partner_and_address(partner, ana):
    first = invite(partner, ana)

    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            partner=partner,
            email="Nora@contoso.example",
            role=USER,
            key_digest="another",
            expires_at=first.expires_at,
        )


def test_a_plus_sign_makes_another_address(partner, ana):
    invite(partner, ana)

    assert invite(partner, ana, email="nora+sales@contoso.example").is_in_force


def test_two_partners_may_invite_the_same_address(partner, ana):
    other = cast.make_partner("Litware")
    invite(partner, ana)

    assert invite(other, cast.make_member(other)).is_in_force


def test_one_that_ran_out_makes_room_for_a_new_one(partner, ana):
    old = make_old(invite(partner, ana))

    new = invite(partner, ana)

    old.refresh_from_db()
    assert (old.state, new.state) == (InvitationState.REPLACED, InvitationState.OPEN)
    assert find_invitation(token_of(new)) == new


@pytest.mark.parametrize("who", ["user", "stranger", "staff"])
def test_only_an_admin_of_the_partner_invites(partner, who):
    actor = {
        "user": lambda: cast.make_member(partner, USER),
        "stranger": lambda: cast.make_member(cast.make_partner("Litware")),
        "staff": lambda: cast.UserFactory(is_staff=True, is_superuser=True),
    }[who]()

    with pytest.raises(BeyondReachError):
        invite(partner, actor)


def test_an_admin_for_chosen_locations_gives_no_more_than_that(partner, ana, places):
    gerd = cast.make_member(partner, ADMIN, locations=[places[1]])

    for seat in (Seat(USER), chosen(*places), chosen(places[0], role=ADMIN)):
        with pytest.raises(BeyondReachError):
            invite(partner, gerd, seat=seat)

    assert read_seat(invite(partner, gerd, seat=chosen(places[1], role=ADMIN))) == chosen(
        places[1], role=ADMIN
    )


@pytest.mark.parametrize(
    ("email", "is_open"),
    [("nora@contoso.example", True), ("Nora@CONTOSO.example", True), ("x@contoso.example", False)],
)
def test_single_sign_on_can_ask_whether_someone_is_invited(partner, ana, email, is_open):
    invitation = invite(partner, ana)

    assert has_open_invitation(email) is is_open
    make_old(invitation)
    assert has_open_invitation(email) is False


def test_a_letter_that_looks_alike_is_another_address(partner, ana):
    """The Kelvin sign becomes a plain k in small letters."""
    invitation = invite(partner, ana, email="kim@contoso.example")
    alike = cast.UserFactory(email="\u212aim@contoso.example")

    assert has_open_invitation(alike.email) is False
    with pytest.raises(WrongPersonError):
        accept_invitation(invitation, user=alike)


# --- Sending again, revoking ---------------------------------------------------------------------


def test_sending_again_makes_a_new_link_and_kills_the_old_one(partner, ana):
    invitation = make_old(invite(partner, ana))
    old = token_of(invitation)

    fresh = resend_invitation(invitation, sendings=1, actor=ana)

    assert fresh.is_in_force
    assert find_invitation(old) is None
    assert find_invitation(token_of(invitation)) == invitation
    assert Message.objects.count() == 2


def test_a_second_click_sends_nothing(partner, ana):
    invitation = invite(partner, ana)
    resend_invitation(invitation, sendings=1, actor=ana)
    link = token_of(invitation)

    with pytest.raises(AlreadySentError):
        resend_invitation(invitation, sendings=1, actor=ana)

    assert find_invitation(link) == invitation
    assert Message.objects.count() == 2


def test_what_is_revoked_can_neither_be_accepted_nor_sent_again(partner, ana):
    invitation = invite(partner, ana)
    nora = cast.UserFactory(email=invitation.email)
    revoke_invitation(invitation, actor=ana)

    with pytest.raises(NotOpenError):
        accept_invitation(invitation, user=nora)
    with pytest.raises(NotOpenError):
        resend_invitation(invitation, sendings=1, actor=ana)
    with pytest.raises(NotOpenError):
        revoke_invitation(invitation, actor=ana)

    assert membership_of(nora, partner) is None


def test_a_user_and_a_stranger_neither_send_again_nor_revoke(partner, ana):
    invitation = invite(partner, ana)
    strangers = (cast.make_member(partner, USER), cast.make_member(cast.make_partner("Litware")))

    for actor in strangers:
        with pytest.raises(BeyondReachError):
            resend_invitation(invitation, sendings=1, actor=actor)
        with pytest.raises(BeyondReachError):
            revoke_invitation(invitation, actor=actor)

    assert Invitation.objects.get().is_in_force


@pytest.mark.django_db(transaction=True)
def test_a_link_that_died_while_its_mail_waited_is_not_sent(partner, ana, smtp_server):
    revoked = invite(partner, ana, email="a@contoso.example")
    twice = invite(partner, ana, email="b@contoso.example")
    revoke_invitation(revoked, actor=ana)
    resend_invitation(twice, sendings=1, actor=ana)

    assert deliver_due() == 1

    assert token_of(twice) in smtp_server.messages[0].text.replace("=\n", "")
    assert sorted(Message.objects.values_list("state", flat=True)) == [
        "cancelled",
        "cancelled",
        "sent",
    ]


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_came_back_is_shown_until_it_is_sent_again(partner, ana, smtp_server):
    invitation = invite(partner, ana)
    deliver_due()
    mark_bounced(Message.objects.get(), reason="550 no such mailbox")

    assert Invitation.objects.get().is_undelivered
    assert not resend_invitation(invitation, sendings=1, actor=ana).is_undelivered


# --- Accepting -----------------------------------------------------------------------------------


def test_accepting_gives_the_seat_proves_the_address_and_uses_it_up(partner, ana, places):
    invitation = invite(partner, ana, seat=chosen(places[1], role=ADMIN))
    nora = cast.UserFactory(email="Nora@Contoso.example")

    accept_invitation(invitation, user=nora)

    assert read_seat(membership_of(nora, partner)) == chosen(places[1], role=ADMIN)
    assert is_confirmed(nora)
    used = Invitation.objects.get()
    assert (used.state, used.accepted_by) == (InvitationState.ACCEPTED, nora)
    record = AccessRecord.objects.get(kind=AccessKind.MEMBER_JOINED)
    assert (record.user, record.partner, record.scope) == (nora, partner, "Berlin")


def test_accepting_twice_makes_one_membership(partner, ana):
    invitation = invite(partner, ana)
    nora = cast.UserFactory(email=invitation.email)
    accept_invitation(invitation, user=nora)

    with pytest.raises(NotOpenError):
        accept_invitation(invitation, user=nora)

    assert Membership.objects.filter(user=nora).count() == 1


@pytest.mark.parametrize(
    "email", ["nora+x@contoso.example", "nora@elsewhere.example", "n.ora@contoso.example"]
)
def test_it_is_bound_to_the_address(partner, ana, email):
    invitation = invite(partner, ana)

    with pytest.raises(WrongPersonError):
        accept_invitation(invitation, user=cast.UserFactory(email=email))

    assert Invitation.objects.get().is_in_force
    assert Membership.objects.count() == 1


def test_one_that_ran_out_is_not_accepted(partner, ana):
    invitation = make_old(invite(partner, ana), days=14)

    with pytest.raises(NotOpenError):
        accept_invitation(invitation, user=cast.UserFactory(email=invitation.email))
    with pytest.raises(NotOpenError):
        accept_as_new(invitation, person=User(full_name="Nora"))

    assert Membership.objects.filter(partner=partner).count() == 1
    assert not User.objects.filter(full_name="Nora").exists()


def test_the_older_link_is_not_accepted_even_by_a_page_opened_before(partner, ana):
    opened = invite(partner, ana)
    resend_invitation(opened, sendings=1, actor=ana)

    with pytest.raises(NotOpenError):
        accept_invitation(opened, user=cast.UserFactory(email=opened.email))


def test_someone_new_gets_account_and_membership_or_neither(partner, ana):
    invitation = invite(partner, ana, email="Nora+sales@Contoso.example")

    member = accept_as_new(invitation, person=User(full_name="Nora", language="pt-br"))

    assert member.user.email.lower() == "nora+sales@contoso.example"
    assert (member.user.full_name, member.user.language) == ("Nora", "pt-br")
    with pytest.raises(AccountExistsError):
        accept_as_new(
            invite(
                other := cast.make_partner("B"),
                cast.make_member(other),
                email="nora+SALES@contoso.example",
            ),
            person=User(full_name="Again"),
        )
    assert Membership.objects.filter(partner=other).count() == 1


def test_another_fault_of_the_database_is_not_taken_for_a_known_address(partner, ana):
    invitation = invite(partner, ana)

    with pytest.raises(IntegrityError):
        accept_as_new(invitation, person=User(full_name="Nora", language=None))

    invitation.refresh_from_db()
    assert invitation.state == InvitationState.OPEN
    assert not User.objects.filter(full_name="Nora").exists()


def test_a_closed_account_does_not_come_back_by_invitation(partner, ana):
    invitation = invite(partner, ana)
    nora = cast.UserFactory(email=invitation.email, is_active=False)

    with pytest.raises(WrongPersonError):
        accept_invitation(invitation, user=nora)
    with pytest.raises(AccountExistsError):
        accept_as_new(invitation, person=User(full_name="Nora"))

    assert membership_of(nora, partner) is None


def test_someone_who_became_a_member_since_then_keeps_their_seat(partner, ana, places):
    invitation = invite(partner, ana, seat=Seat(ADMIN))
    nora = cast.make_member(
        partner, USER, locations=[places[0]], user=cast.UserFactory(email=invitation.email)
    )

    accept_invitation(invitation, user=nora)

    assert read_seat(membership_of(nora, partner)) == chosen(places[0])
    assert Invitation.objects.get().state == InvitationState.ACCEPTED


def test_who_was_removed_can_be_invited_again(partner, ana):
    ben = cast.make_member(partner, USER, email="ben@contoso.example")
    remove_member(membership_of(ben, partner), actor=ana)

    accept_invitation(invite(partner, ana, email=ben.email), user=ben)

    assert membership_of(ben, partner) is not None


# --- A partner's first admin, by staff -----------------------------------------------------------


def test_staff_invite_the_first_admin_for_all_locations(partner):
    staff = cast.make_staff(PROGRAMME_MANAGER)

    invitation = invite_first_admin(
        partner, email="boss@contoso.example", language="en", actor=staff
    )

    assert read_seat(invitation) == Seat(ADMIN)
    assert find_invitation(token_of(invitation)) == invitation


def test_a_new_first_invitation_kills_the_mistyped_one(partner):
    staff = cast.make_staff(PROGRAMME_MANAGER)
    wrong = invite_first_admin(partner, email="bos@contoso.example", language="en", actor=staff)

    invite_first_admin(partner, email="boss@contoso.example", language="en", actor=staff)

    wrong.refresh_from_db()
    assert wrong.state == InvitationState.REVOKED


def test_where_there_is_an_admin_staff_invite_no_one(partner, ana):
    staff = cast.make_staff(PROGRAMME_MANAGER)

    with pytest.raises(MemberError, match="has an Incentives admin"):
        invite_first_admin(partner, email="boss@contoso.example", language="en", actor=staff)

    assert not Invitation.objects.exists()


def test_staff_without_the_permission_invite_no_one(partner):
    with pytest.raises(BeyondReachError):
        invite_first_admin(
            partner, email="b@contoso.example", language="en", actor=cast.make_staff(REVIEWER)
        )
