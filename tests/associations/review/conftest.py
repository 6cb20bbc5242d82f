"""Claims at any status, filed at a known time, for the tests of queue, ageing and reminders."""

import pytest
import time_machine

from associations.enums import Status
from associations.models import Claim
from partners.staff_groups import REVIEW_LEAD
from tests import cast


@pytest.fixture
def file_on_monday(partner, admin, reviewer):
    """``file_on_monday(status)`` makes a claim of a customer of its own, brought there on cast.MONDAY."""

    def make(status=Status.SUBMITTED, *, by=(partner, admin), at=cast.MONDAY, tenant=None):
        with time_machine.travel(at, tick=False):
            tenant = tenant or cast.make_tenant(f"c{Claim.objects.count()}.example")
            draft = cast.make_draft(*by, tenant)
            return cast.walk(draft, status, actor=by[1], reviewer=reviewer)

    return make


@pytest.fixture
def lead():
    return cast.make_staff(REVIEW_LEAD, email="lena@northwind.example", full_name="Lena Lead")
