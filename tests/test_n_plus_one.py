"""The watch over queries row by row (tests/plugins/queries.py) is on, and only inside requests."""

import sys

import pytest
from django.http import HttpResponse
from django.urls import path
from zeal.errors import NPlusOneError

from partners.models import Membership, Partner
from tests.cast import make_member, make_partner

pytestmark = pytest.mark.django_db


def _count_places(memberships) -> int:
    return sum(len(each.locations.all()) for each in memberships)


def _row_by_row(request):
    return HttpResponse(_count_places(Membership.objects.all()))


def _prefetched(request):
    return HttpResponse(_count_places(Membership.objects.prefetch_related("locations")))


urlpatterns = [path("row-by-row", _row_by_row), path("prefetched", _prefetched)]


@pytest.fixture(autouse=True)
def rows(settings) -> Partner:
    settings.ROOT_URLCONF = sys.modules[__name__]
    partner = make_partner()
    for _ in range(3):
        make_member(partner)
    return partner


def test_a_page_that_queries_row_by_row_fails(client):
    with pytest.raises(NPlusOneError, match=r"partners\.Membership\.locations"):
        client.get("/row-by-row")


def test_a_page_that_prefetches_is_left_alone(client):
    assert client.get("/prefetched").status_code == 200


def test_what_a_test_does_outside_a_request_is_left_alone():
    assert _count_places(Membership.objects.all()) == 0
