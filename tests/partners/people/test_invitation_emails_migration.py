"""Invitations of the version before, whose newest email was known by its key."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from partners.enums import Role
from partners.models import Invitation
from partners.people.invitations import invite_member
from partners.people.seats import Seat
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_invitation_finds_its_newest_email():
    partner = cast.make_partner()
    actor = cast.make_member(partner)
    first, second = (
        invite_member(
            partner,
            Seat(Role.INCENTIVES_ADMIN),
            email=f"new{number}@contoso.example",
            language="en",
            actor=actor,
        )
        for number in range(2)
    )
    # The email of an earlier sending is not the newest.
    Invitation.objects.filter(pk=second.pk).update(sendings=2)
    MigrationExecutor(connection).migrate([("partners", "0010_staff_search")])

    MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())

    newest = dict(Invitation.objects.values_list("pk", "message"))
    assert newest == {first.pk: first.message_id, second.pk: None}
