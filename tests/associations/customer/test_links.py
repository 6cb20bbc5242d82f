"""What a customer's token names, read with and without a kept plan [R22]."""

import pytest
from django.db import connection

from associations.claims import prepared
from associations.customer import links
from associations.enums import Status
from cpor_site.postgresql.base import DatabaseWrapper
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(draft, partner, admin):
    claim = cast.walk(draft, Status.APPROVED, actor=admin, reviewer=cast.make_reviewer())
    return claim.notices.get().token


def find_kept_plans():
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


def test_a_kept_plan_reads_the_same(token, monkeypatch):
    plain = links.read_token(token)
    monkeypatch.setattr(prepared, "are_plans_kept", lambda: connection.vendor == "postgresql")

    for _ in range(7):  # PostgreSQL makes a plan of its own for the first five
        kept = links.read_token(token)

    assert kept.products == plain.products
    assert kept.claim.due_at == plain.claim.due_at
    assert (kept.claim, kept.claim.tenant, kept.notice) == (
        plain.claim,
        plain.claim.tenant,
        plain.notice,
    )
    assert links.read_token("no-such-token") is None
    if connection.vendor == "postgresql":
        assert len(find_kept_plans()) == 1
        assert "n.token" in find_kept_plans()[0]


def test_a_failure_inside_leaves_the_connection_as_it_was(monkeypatch):
    if connection.vendor != "postgresql":
        assert not prepared.are_plans_kept()
        return
    monkeypatch.setattr(prepared, "are_plans_kept", lambda: True)
    raw = connection.connection
    before = raw.cursor_factory, raw.prepare_threshold

    with pytest.raises(ZeroDivisionError), prepared.keep_plans():
        assert (raw.cursor_factory, raw.prepare_threshold) != before
        raise ZeroDivisionError

    assert (raw.cursor_factory, raw.prepare_threshold) == before


def test_plans_are_kept_where_nothing_stands_between_us_and_the_server():
    assert not prepared.are_plans_kept()  # that of the tests' connections is off

    assert DatabaseWrapper.keeps_plans
