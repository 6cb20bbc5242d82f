"""What an imported row of subscriptions does in the tables [R9], [R60]."""

import datetime as dt

import pytest

from associations.enums import Channel, SubscriptionState
from associations.models import Subscription
from associations.set_up.subscriptions import SubscriptionKind
from tests import cast
from tests.associations.imports.made_files import (
    LAMNA,
    SALES,
    good,
    make_csv,
    make_workbook,
    name_columns,
    stored,
)
from tests.associations.imports.world import count, run

NEW = good("subscriptions")[0]


def load(world, *rows, **options):
    content = make_csv("subscriptions", *rows, **options)
    return run(world, "subscriptions", content, is_trial=False)


def test_a_new_row_makes_a_subscription(world):
    file = load(world, good("subscriptions", ends_on="2027-06-30"))

    assert count(file) == (1, 0, 0, 0)
    made = Subscription.objects.get(subscription_id=NEW)
    assert (made.tenant, made.product.code, made.sold_seats) == (world.fabrikam, "sales", 250)
    assert (made.channel, made.state) == (Channel.WEB_DIRECT, SubscriptionState.ACTIVE)
    assert made.ends_on == dt.date(2027, 6, 30)


def test_a_changed_row_changes_the_same_subscription(world):
    file = load(world, stored("subscriptions", state="grace", sold_seats="1", ends_on=""))

    assert count(file) == (0, 1, 0, 0)
    changed = Subscription.objects.get()
    assert (changed.pk, changed.state, changed.sold_seats) == (world.sales.pk, "grace", 1)
    assert changed.ends_on is None


def test_the_same_file_twice_changes_nothing(world):
    rows = [good("subscriptions"), stored("subscriptions")]
    load(world, *rows)
    before = list(Subscription.objects.order_by("pk").values())

    again = load(world, *rows)

    assert count(again) == (0, 0, 2, 0)
    assert list(Subscription.objects.order_by("pk").values()) == before


def test_an_end_whose_column_is_left_out_stays(world):
    names = name_columns("subscriptions")[:-1]

    file = load(world, stored("subscriptions", sold_seats="9")[:-1], header=names)

    assert count(file) == (0, 1, 0, 0)
    changed = Subscription.objects.get()
    assert (changed.sold_seats, changed.ends_on) == (9, dt.date(2027, 6, 30))


def test_a_subscription_stays_with_its_customer(world):
    file = load(world, stored("subscriptions", tenant_id=LAMNA))

    assert count(file) == (0, 0, 0, 1)
    assert Subscription.objects.get().tenant == world.fabrikam


@pytest.mark.parametrize(("is_claimed", "counts"), [(False, (0, 1, 0, 0)), (True, (0, 0, 0, 1))])
def test_the_product_stays_once_it_is_claimed(world, is_claimed, counts):
    if is_claimed:
        cast.make_draft(world.contoso, world.admin, world.fabrikam, codes=("sales",))

    file = load(world, stored("subscriptions", product="finance"))

    assert count(file) == counts
    code = "sales" if is_claimed else "finance"
    assert Subscription.objects.get().product.code == code


def test_rows_are_saved_in_batches_from_a_workbook(world, monkeypatch):
    monkeypatch.setattr(SubscriptionKind, "batch", 7)
    rows = [good("subscriptions", subscription_id=f"{n:032x}") for n in range(1, 31)]

    file = run(world, "subscriptions", make_workbook("subscriptions", *rows), is_trial=False)

    assert count(file) == (30, 0, 0, 0)
    assert (Subscription.objects.count(), file.bytes_done) == (31, file.size)
    assert str(Subscription.objects.order_by("pk").first().subscription_id) == SALES
