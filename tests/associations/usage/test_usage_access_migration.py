"""Looks at usage that were recorded before there was one record stay readable in it [R40]."""

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from associations.enums import Status
from partners.models import AccessRecord
from tests import cast

BEFORE = ("associations", "0002_claims_search")
AFTER = ("associations", "0003_usage_access_joins_record")
LONG_AGO = dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.UTC)


def migrate_to(target):
    executor = MigrationExecutor(connection)
    return executor.migrate([target]).apps


@pytest.fixture
def old_apps(transactional_db):
    yield lambda: migrate_to(BEFORE)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())  # as all other tests expect it


def test_old_looks_move_into_the_access_record(old_apps):
    admin = cast.make_member(cast.make_partner())
    partner = admin.memberships.get().partner
    draft = cast.make_draft(partner, admin, cast.make_tenant(name="Fabrikam"), codes=("teams",))
    claim = cast.walk(draft, Status.OFFICIAL, actor=admin, reviewer=cast.make_reviewer())
    association = claim.associations.get()
    looks = old_apps().get_model("associations", "UsageAccess").objects
    for kind in ("viewed", "exported"):
        looks.create(user_id=admin.pk, association_id=association.pk, kind=kind, at=LONG_AGO)

    migrate_to(AFTER)

    rows = list(AccessRecord.objects.order_by("id"))
    assert [row.kind for row in rows] == ["usage_viewed", "usage_exported"]
    for row in rows:
        assert (row.at, row.user, row.partner) == (LONG_AGO, admin, partner)
        assert row.location == claim.location
        assert row.subject == f"{association.reference} · Teams · Fabrikam"
    assert rows[0].key != rows[1].key
    assert "associations_usageaccess" not in connection.introspection.table_names()
