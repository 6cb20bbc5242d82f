"""Mediations that wait for others than staff, in the matrix: for the partners' statements, and for the customer.

The customer is the one of ``contests``; each partner claims two more workloads.
"""

from typing import TYPE_CHECKING

from django.utils import timezone

from associations.contests import settling
from associations.customer.questions import ask_customer
from associations.models import MediationCase, Tenant
from tests import cast

from .contests import DOMAIN, file_claim

if TYPE_CHECKING:
    from .world import World

#: The workload on which statements are wanted, and the one about which the customer is asked.
HEARD, ASKED = "yammer", "teams-phone"


def open_hearing(world: "World") -> None:
    """Name the claims, their contested products, and the customer's link, for the addresses of the table."""
    tenant = Tenant.objects.get(domains__domain=DOMAIN)
    for room, owner, founder in (("in", "ours", "admin"), ("rival", "rival", "rival")):
        claim = file_claim(
            world,
            room,
            tenant,
            partner=world.partners[owner],
            founder=world.people[founder],
            codes=(HEARD, ASKED),
        )
        products = {each.product.code: each.reference for each in claim.associations.all()}
        world.values |= {
            f"{room}-heard": claim.reference,
            f"{room}-heard-product": products[HEARD],
            f"{room}-asked-product": products[ASKED],
        }
    heard, asked = (
        MediationCase.objects.get(tenant=tenant, product__code=code) for code in (HEARD, ASKED)
    )
    settling.settle_case(heard.pk, now=timezone.now())
    settling.settle_case(asked.pk, now=timezone.now())
    asked.refresh_from_db()
    over = cast.over(asked.due_at)
    settling.settle_case(asked.pk, now=over)
    ask_customer(asked, actor=world.people["root"], now=over)
    world.values["asked-token"] = asked.questions.first().token
