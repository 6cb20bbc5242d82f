"""Official products with figures, for the tests of the overview and of what needs attention."""

import pytest
from django.utils import timezone

from associations.enums import Status
from associations.models import Claim
from associations.usage.attention import look_at_new
from tests import cast
from tests.associations.usage_files import add_subscription_usage, add_workload_usage

#: Figures of four months: nothing stands out, or use has fallen by a quarter.
STEADY, FALLING = [(60, 100)] * 4, [(80, 100), (80, 100), (70, 100), (60, 100)]
UNASSIGNED = [(100, 70, 60)] * 4


@pytest.fixture
def make_official(partner, admin, reviewer):
    """Make a product of a customer of that name official, with figures if there are any."""

    def make(name, figures=None, *, code="teams", location=None, by=None):
        owner, actor = by or (partner, admin)
        tenant = cast.make_tenant(f"{name.lower()}.example", name=name)
        claim = cast.make_draft(owner, actor, tenant, codes=[code])
        cast.walk(claim, Status.OFFICIAL, actor=actor, reviewer=reviewer)
        if location:
            Claim.objects.filter(pk=claim.pk).update(location=location)
        association = claim.associations.select_related("product", "subscription").get()
        if figures and association.subscription:
            add_subscription_usage(association.subscription, figures)
        elif figures:
            add_workload_usage(tenant, association.product, figures)
        look_at_new(today=timezone.now().date())
        association.refresh_from_db()
        return association

    return make
