"""Members, invitations and partners from before they had keys get one each, and keep all else [R41], [R42]."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from partners.models import Invitation, Membership, Partner
from partners.models.partner import KEY_ALPHABET, KEY_LENGTH
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
    partner.refresh_from_db()
    for key in Membership.objects.values_list("key", flat=True):
        assert client.get(reverse("partners:member", args=[partner.key, key])).status_code == 200


def test_old_partners_get_keys_of_their_own(back_to_now):
    for number in range(3):
        cast.make_partner(f"Partner {number}")
    before = list(Partner.objects.values_list("pk", "name", "created_at"))
    migrate_to(("partners", "0010_staff_search"))

    migrate_to(("partners", "0011_keys_of_partners"))

    keys = set(Partner.objects.values_list("key", flat=True))
    assert list(Partner.objects.values_list("pk", "name", "created_at")) == before
    assert len(keys) == 3
    assert all(len(key) == KEY_LENGTH and set(key) <= set(KEY_ALPHABET) for key in keys)
