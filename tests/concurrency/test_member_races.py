"""Two people decide at once who acts for a partner; each race is first shown with its lock removed."""

import pytest

from partners.enums import InvitationState, Role
from partners.models import Invitation, Membership, User
from partners.people import invitations, joining, members
from partners.people.invitations import (
    find_invitation,
    invite_member,
    resend_invitation,
    revoke_invitation,
)
from partners.people.joining import AccountExistsError, accept_as_new, accept_invitation
from partners.people.members import MemberError, change_member, leave_partner, remove_member
from partners.people.seats import Seat
from tests import cast
from tests.partners.joining_steps import link_of

from .racing import meet, race, without_row_locks

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ADMIN, USER = Seat(Role.INCENTIVES_ADMIN), Seat(Role.INCENTIVES_USER)


@pytest.fixture
def partner():
    return cast.make_partner()


@pytest.fixture
def two(partner):
    """The memberships of the partner's two admins."""
    people = [cast.make_member(partner), cast.make_member(partner)]
    return [Membership.objects.get(user=person) for person in people]


def count_admins(partner):
    return Membership.objects.filter(partner=partner, role=Role.INCENTIVES_ADMIN).count()


def remove_each_other(one, other):
    return race(
        lambda: remove_member(one, actor=User.objects.get(pk=other.user_id)),
        lambda: remove_member(other, actor=User.objects.get(pk=one.user_id)),
    )


def invite(partner, actor, seat=USER, email="nora@contoso.example"):
    return invite_member(partner, seat, email=email, language="en", actor=actor)


class TestTwoAdminsRemoveEachOther:
    def test_without_the_lock_no_one_is_left(self, partner, two, monkeypatch):
        without_row_locks(monkeypatch)
        meet(monkeypatch, members, "is_last_admin")

        remove_each_other(*two)

        assert count_admins(partner) == 0

    def test_one_stays(self, partner, two, monkeypatch):
        meet(monkeypatch, members, "is_last_admin")

        outcomes = remove_each_other(*two)

        assert count_admins(partner) == 1
        assert sum(isinstance(each, MemberError) for each in outcomes) == 1

    def test_one_leaves_as_the_other_gives_up_the_role(self, partner, two, monkeypatch):
        meet(monkeypatch, members, "is_last_admin")
        one, other = two

        outcomes = race(
            lambda: leave_partner(one),
            lambda: change_member(other, USER, shown=ADMIN.code, actor=other.user),
        )

        assert count_admins(partner) == 1
        assert sum(isinstance(each, MemberError) for each in outcomes) == 1


class TestAcceptingTwice:
    def accept_twice(self, invitation):
        token = link_of(invitation).split("/")[2]
        return race(
            lambda: accept_as_new(find_invitation(token), person=User(full_name="Tab one")),
            lambda: accept_as_new(find_invitation(token), person=User(full_name="Tab two")),
        )

    def test_without_the_lock_the_second_tab_runs_into_the_database(
        self, partner, two, monkeypatch
    ):
        invitation = invite(partner, two[0].user)
        without_row_locks(monkeypatch)
        meet(monkeypatch, joining, "confirm_address")
        meet(monkeypatch, joining, "find_account")

        outcomes = self.accept_twice(invitation)

        # The constraint on the address held, and was put into words.
        assert sum(isinstance(each, AccountExistsError) for each in outcomes) == 1

    def test_two_tabs_make_one_account_and_one_membership(self, partner, two, monkeypatch):
        invitation = invite(partner, two[0].user)
        meet(monkeypatch, joining, "find_account")

        outcomes = self.accept_twice(invitation)

        assert sum(isinstance(each, Membership) for each in outcomes) == 1
        assert sum(isinstance(each, MemberError) for each in outcomes) == 1
        assert User.objects.filter(email=invitation.email).count() == 1
        assert Membership.objects.filter(partner=partner).count() == 3

    def test_two_tabs_of_someone_signed_in_make_one_membership(self, partner, two, monkeypatch):
        invitation = invite(partner, two[0].user)
        nora = cast.UserFactory(email=invitation.email)
        meet(monkeypatch, joining, "confirm_address")

        outcomes = race(
            lambda: accept_invitation(invitation, user=nora),
            lambda: accept_invitation(invitation, user=nora),
        )

        assert sum(isinstance(each, MemberError) for each in outcomes) == 1
        assert Membership.objects.filter(user=nora).count() == 1

    def test_two_partners_invitations_at_once_make_one_account(self, partner, two, monkeypatch):
        other = cast.make_partner("Litware")
        both = [
            invite(partner, two[0].user),
            invite(other, cast.make_member(other)),
        ]
        meet(monkeypatch, joining, "find_account")

        outcomes = race(
            *(lambda each=each: accept_as_new(each, person=User(full_name="Nora")) for each in both)
        )

        assert sum(isinstance(each, AccountExistsError) for each in outcomes) == 1
        assert User.objects.filter(email="nora@contoso.example").count() == 1
        assert Invitation.objects.filter(state=InvitationState.OPEN).count() == 1


class TestAcceptingAgainstRevoking:
    def both(self, invitation, actor):
        nora = cast.UserFactory(email=invitation.email)
        return nora, race(
            lambda: accept_invitation(invitation, user=nora),
            lambda: revoke_invitation(invitation, actor=actor),
        )

    def test_without_the_lock_both_succeed(self, partner, two, monkeypatch):
        invitation = invite(partner, two[0].user)
        without_row_locks(monkeypatch)
        meet(monkeypatch, joining, "settle_invitation")
        monkeypatch.setattr(members, "settle_invitation", joining.settle_invitation)

        _nora, outcomes = self.both(invitation, two[0].user)

        assert not any(isinstance(each, Exception) for each in outcomes)

    def test_exactly_one_happens(self, partner, two, monkeypatch):
        invitation = invite(partner, two[0].user)
        meet(monkeypatch, joining, "settle_invitation")
        monkeypatch.setattr(members, "settle_invitation", joining.settle_invitation)

        nora, outcomes = self.both(invitation, two[0].user)

        invitation.refresh_from_db()
        is_member = Membership.objects.filter(user=nora).exists()
        assert sum(isinstance(each, MemberError) for each in outcomes) == 1
        assert is_member == (invitation.state == InvitationState.ACCEPTED)


class TestInvitingTwice:
    def invite_twice(self, partner, two):
        return race(
            lambda: invite(partner, two[0].user),
            lambda: invite(partner, two[1].user, email="NORA@contoso.example"),
        )

    def test_without_the_lock_the_database_refuses_the_second(self, partner, two, monkeypatch):
        without_row_locks(monkeypatch)
        meet(monkeypatch, invitations, "write_seat")

        outcomes = self.invite_twice(partner, two)

        assert sum(type(each).__name__ == "IntegrityError" for each in outcomes) == 1

    def test_one_is_told_that_the_other_did(self, partner, two, monkeypatch):
        meet(monkeypatch, invitations, "write_seat")

        outcomes = self.invite_twice(partner, two)

        assert sum(isinstance(each, MemberError) for each in outcomes) == 1
        assert Invitation.objects.count() == 1

    def test_two_resends_send_one_link(self, partner, two):
        invitation = invite(partner, two[0].user)

        outcomes = race(
            *(
                lambda each=each: resend_invitation(invitation, sendings=1, actor=each.user)
                for each in two
            )
        )

        assert sum(isinstance(each, MemberError) for each in outcomes) == 1
        assert Invitation.objects.get().sendings == 2
