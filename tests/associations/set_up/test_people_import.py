"""What an imported row of people does: an invitation for a partner's first admin [R42], [R60]."""

import pytest
from django.core.management import CommandError, call_command

from associations.enums import ImportKind
from notifications.models import Message
from partners.enums import InvitationState, Role
from partners.models import Invitation
from partners.people import invitation_limits
from tests import cast
from tests.associations.imports.made_files import LISBON, NEW_YORK, SEATTLE, good, make_csv
from tests.associations.imports.world import count, run


def load(world, *rows, **options):
    return run(world, ImportKind.PEOPLE, make_csv("people", *rows), is_trial=False, **options)


def test_a_row_invites_the_first_admin(world):
    before = Message.objects.count()

    file = load(world, good("people", language="pt-br"))

    assert count(file) == (1, 0, 0, 0)
    invitation = Invitation.objects.get(partner=world.litware)
    assert (invitation.email, invitation.language) == ("ana@litware.example", "pt-br")
    assert (invitation.role, invitation.has_all_locations) == (Role.INCENTIVES_ADMIN, True)
    assert (invitation.invited_by, invitation.state) == (world.manager, InvitationState.OPEN)
    assert Message.objects.count() == before + 1


def test_the_same_file_twice_sends_nothing_more(world):
    load(world, good("people"))
    sent = Message.objects.count()

    again = load(world, good("people", email="ANA@Litware.example"))

    assert count(again) == (0, 0, 1, 0)
    assert (Invitation.objects.filter(partner=world.litware).count(), Message.objects.count()) == (
        1,
        sent,
    )


def test_an_open_invitation_is_not_revoked_by_another_address(world):
    file = load(world, good("people", partner_id=LISBON, email="other@tailspin.example"))

    assert count(file) == (0, 0, 0, 1)
    assert Invitation.objects.get(partner=world.tailspin).state == InvitationState.OPEN


def test_where_the_limit_is_reached_the_others_are_kept(world, monkeypatch):
    """One address for three partners: the third is too many in an hour, and comes back."""
    monkeypatch.setattr(invitation_limits, "BY_ADDRESS", 2)
    places = [cast.LocationFactory() for _each in range(3)]
    email = "ana@group.example"
    rows = [good("people", partner_id=each.partner_code, email=email) for each in places]

    file = load(world, *rows, good("people"))

    assert count(file) == (3, 0, 0, 1)
    problem = file.problems.get()
    assert (problem.line, problem.cells[:2]) == (4, [places[2].partner_code, email])
    assert problem.words.startswith("No more invitations can be sent to ana@group.example")
    assert Invitation.objects.filter(email=email).count() == 2
    assert Invitation.objects.filter(partner=world.litware).exists()


def test_a_partner_with_an_admin_is_refused(world):
    file = load(world, good("people", partner_id=NEW_YORK))

    assert count(file) == (0, 0, 0, 1)
    assert not Invitation.objects.filter(partner=world.contoso).exists()


def test_who_may_not_invite_sends_nothing(world):
    file = load(world, good("people"), actor=cast.make_reviewer())

    assert count(file) == (0, 0, 0, 1)
    assert not Invitation.objects.filter(partner=world.litware).exists()


def test_the_command_needs_to_know_in_whose_name(world, tmp_path):
    path = tmp_path / "people.csv"
    path.write_bytes(make_csv("people", good("people", partner_id=SEATTLE)))

    with pytest.raises(CommandError, match="--user"):
        call_command("import_people", str(path))
    call_command("import_people", str(path), "--user=petra@operator.example")

    assert Invitation.objects.get(partner=world.litware).invited_by == world.manager
