"""The people of most tests: a partner, its admin, a customer, a reviewer, and what they made."""

import pytest
from django.utils import timezone

from associations.enums import Status
from associations.models import Claim
from associations.review import decisions
from tests import cast


@pytest.fixture
def partner():
    return cast.make_partner(key=cast.KEY)


@pytest.fixture
def admin(partner):
    return cast.make_member(partner, full_name="Ana Admin")


@pytest.fixture
def tenant():
    return cast.make_tenant(name="Fabrikam")


@pytest.fixture
def reviewer():
    return cast.make_reviewer(full_name="Rita Reviewer")


@pytest.fixture
def draft(partner, admin, tenant):
    """A draft that lacks nothing."""
    return cast.make_draft(partner, admin, tenant)


@pytest.fixture
def approve(partner, admin, tenant, reviewer):
    """Bring a claim as far as a reviewer does; its notices are queued, not sent."""

    def make(**facts):
        draft = cast.make_draft(partner, admin, tenant, **facts)
        claim = cast.walk(draft, Status.UNDER_REVIEW, actor=admin, reviewer=reviewer)
        decisions.approve_claim(claim, actor=reviewer, now=timezone.now())
        return Claim.objects.get(pk=claim.pk)

    return make
