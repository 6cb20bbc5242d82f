"""Members and invitations from before they had keys get one each, and keep all else [R41], [R42]."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from partners.models import Invitation, Membership
from tests import cast

from .joining_steps import invite

BEFORE = ("partners", "0004_second_factor")
AFTER = ("partners", "0005_keys_of_seats")


def migrate_to(*targets):
    MigrationExecutor(connection).migrate(list(targets))


@pytest.fixture
def back_to_now(transactional_db):
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield
    migrate_to(*latest)


def test_old_rows_get_keys_of_their_own(client, back_to_now):
    partner = cast.make_partner()
    admin = cast.make_member(partner)
    cast.make_member(partner, locations=[partner.locations.get()])
    for number in range(3):
        invite(partner, admin, email=f"guest{number}@guests.example")
    before = list(Membership.objects.values_list("pk", "user", "role", "has_all_locations"))
    migrate_to(BEFORE)
    assert "key" not in {
        column.name
        for column in connection.introspection.get_table_description(
            connection.cursor(), "partners_membership"
        )
    }

    migrate_to(AFTER)

    after = Membership.objects.values_list("pk", "user", "role", "has_all_locations")
    keys = [*Membership.objects.values_list("key", flat=True)]
    keys += Invitation.objects.values_list("key", flat=True)
    assert list(after) == before
    assert len(set(keys)) == 5
    migrate_to(*MigrationExecutor(connection).loader.graph.leaf_nodes())
    client.force_login(admin)
    for key in Membership.objects.values_list("key", flat=True):
        assert client.get(reverse("partners:member", args=[key])).status_code == 200
