"""What needs attention is stored when figures are loaded, and looked at by a sweep [R36]."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from associations import tasks
from associations.imports.receiving import load_from_disk
from associations.models import Association
from associations.models.association import ATTENTION_NOW, NO_ATTENTION
from associations.usage import attention
from associations.usage.loading import USAGE
from tests import cast
from tests.associations.usage.conftest import FALLING, STEADY, UNASSIGNED
from tests.associations.usage_files import (
    make_file,
    months_back,
    subscription_line,
    workload_line,
)

pytestmark = pytest.mark.django_db


def day_of(association):
    return Association.objects.get(pk=association.pk).needs_attention_from


def load(*lines):
    return load_from_disk(
        make_file(*lines), USAGE, name="usage.csv", actor=None, now=timezone.now()
    )


def month(back=1):
    return f"{months_back(back)[0]:%Y-%m}"


@pytest.mark.parametrize(
    ("code", "figures", "day"),
    [
        ("teams", None, NO_ATTENTION),
        ("teams", STEADY, NO_ATTENTION),
        ("teams", FALLING, ATTENTION_NOW),
        ("sales", UNASSIGNED, ATTENTION_NOW),
        ("sales", [(100, 90, 80)] * 4, NO_ATTENTION),
    ],
)
def test_a_newly_official_product_is_looked_at_by_the_sweep(make_official, code, figures, day):
    official = make_official("Fabrikam", figures, code=code)
    Association.objects.update(needs_attention_from=None)

    tasks.look_for_attention()

    assert day_of(official) == day


def test_a_draft_is_not_looked_at(draft):
    attention.look_at_new(today=timezone.now().date())

    assert set(Association.objects.values_list("needs_attention_from", flat=True)) == {None}


def test_the_end_of_a_subscription_needs_attention_a_month_before(make_official):
    official = make_official("Fabrikam", [(100, 90, 80)] * 4, code="sales")
    official.subscription.ends_on = dt.date(2027, 3, 31)
    official.subscription.save()
    assert day_of(official) is None

    attention.look_at_new(today=dt.date(2026, 11, 1))

    assert day_of(official) == dt.date(2027, 3, 1)


def test_loading_looks_at_what_the_file_is_about_and_at_nothing_else(make_official):
    teams, other = make_official("Fabrikam", STEADY), make_official("Contoso", STEADY)
    sales = make_official("Tailspin", code="sales")

    load(
        workload_line(teams.tenant, month=month(), users=10, units=100),
        subscription_line(sales.subscription, month=month(), seats=(100, 50, 50)),
    )

    assert [day_of(each) for each in (teams, sales)] == [ATTENTION_NOW] * 2
    assert day_of(other) == NO_ATTENTION


def test_better_figures_end_the_attention(make_official):
    teams = make_official("Fabrikam", [(10, 100)])
    assert day_of(teams) == ATTENTION_NOW

    load(workload_line(teams.tenant, month=month(), users=60, units=100))

    assert day_of(teams) == NO_ATTENTION


def test_both_slots_of_a_subscription_are_looked_at(make_official, partner, admin, reviewer):
    sales = make_official("Fabrikam", code="sales")
    facts = {"solution_seller": "S", "revenue_customer_name": "C", "isv_product": "I"}
    claim = cast.make_draft(
        partner, admin, sales.tenant, codes=["sales"], activity="revenue", **facts
    )
    cast.walk(claim, "official", actor=admin, reviewer=reviewer)

    load(subscription_line(sales.subscription, month=month(), seats=(100, 50, 50)))

    assert day_of(claim.associations.get()) == day_of(sales) == ATTENTION_NOW


def test_a_file_that_changes_nothing_looks_at_nothing(make_official):
    teams = make_official("Fabrikam")
    line = workload_line(teams.tenant, month=month(), users=10, units=100)
    load(line)
    Association.objects.update(needs_attention_from=NO_ATTENTION)

    load(line)

    assert day_of(teams) == NO_ATTENTION


def test_looking_at_three_takes_as_few_queries_as_at_one(make_official):
    def count():
        keys = list(Association.objects.order_by("pk").values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as queries:
            attention.look_at(keys, today=timezone.now().date())
        return len(queries)

    make_official("Fabrikam", FALLING)
    one = count()
    make_official("Contoso", STEADY)
    make_official("Tailspin", FALLING)

    assert count() == one
