"""Admin's start page: the review queue for people who may see claims, and for no one else [R15], [R37]."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from associations.enums import Status
from associations.templatetags import review as review_tags
from partners.staff_groups import DATA_LOADER, PROGRAMME_MANAGER
from tests import cast

pytestmark = pytest.mark.django_db

QUEUE = "/admin/associations/claim/"
DAY = dt.timedelta(days=1)


@pytest.fixture
def staff_client(client, reviewer):
    client.force_login(reviewer)
    return client


@pytest.fixture
def file(partner, admin, reviewer):
    """``file(status, at=…)`` makes a claim of a customer of its own."""
    numbers = iter(range(100))

    def make(status=Status.SUBMITTED, *, at=cast.MONDAY):
        with time_machine.travel(at, tick=False):
            draft = cast.make_draft(partner, admin, cast.make_tenant(f"c{next(numbers)}.example"))
            return cast.walk(draft, status, actor=admin, reviewer=reviewer)

    return make


def start_page(client):
    return " ".join(client.get(reverse("admin:index")).content.decode().split())


def test_the_start_says_what_waits_and_what_is_late(file, staff_client):
    file(at=cast.MONDAY)
    file(at=cast.MONDAY + 9 * DAY)
    file(Status.APPROVED)

    with time_machine.travel(cast.MONDAY + 10 * DAY, tick=False):
        page = start_page(staff_client)

    assert "2 claims are waiting for staff" in page
    assert f'href="{QUEUE}?sla=late">1 late</a>' in page


def test_the_start_says_that_nothing_waits(file, staff_client):
    file(Status.EDITING)

    page = start_page(staff_client)

    assert "No claims are waiting for staff" in page
    assert "sla=late" not in page


def test_the_start_counts_as_far_as_the_queue_does(file, staff_client, monkeypatch):
    monkeypatch.setattr(review_tags, "COUNT_LIMIT", 2)
    for _ in range(3):
        file()

    assert "2 claims or more are waiting for staff" in start_page(staff_client)


@pytest.mark.parametrize("group", [DATA_LOADER, PROGRAMME_MANAGER])
def test_the_start_tells_no_count_to_those_who_read_no_claims(file, client, group):
    file()
    client.force_login(cast.make_staff(group))

    page = start_page(client)

    assert "Review queue" not in page
    assert "waiting for staff" not in page
