"""A contest in the matrix: our partner and the rival claim one workload of a customer that is neither's."""

from typing import TYPE_CHECKING

from django.utils import timezone

from associations.contests import settling
from associations.enums import CaseStatus
from associations.models import Claim, Contact, Document, MediationCase
from tests import cast

if TYPE_CHECKING:
    from .world import World

#: The customer that both name; its contacts read the question, which names both.
DOMAIN = "contested.example"


def open_contest(world: "World") -> None:
    """Two claims for one workload, whose mediation waits for the decision."""
    tenant = cast.make_tenant(DOMAIN, name="Contested Customer")
    for room, owner, founder in (("in", "ours", "admin"), ("rival", "rival", "rival")):
        file_claim(
            world,
            room,
            tenant,
            partner=world.partners[owner],
            founder=world.people[founder],
            codes=("intune",),
        )
    case = MediationCase.objects.get(tenant=tenant)
    settling.settle_case(case.pk, now=timezone.now())
    case.refresh_from_db()
    settling.settle_case(case.pk, now=cast.over(case.due_at))
    case.refresh_from_db()
    assert case.status == CaseStatus.DECIDING
    side = case.sides.get(partner=world.partners["rival"])
    world.values |= {
        "mediationcase": str(case.pk),
        "case-side": str(side.pk),
        "case-winner": str(side.partner_id),
        "case-revision": str(case.revision),
    }


def file_claim(world: "World", room: str, tenant, *, partner, founder, codes) -> Claim:
    """A submitted claim of the room, all of whose words carry the room's word."""
    from .world import ROOMS  # which imports this module

    word = ROOMS[room]
    claim = cast.make_draft(partner, founder, tenant, codes=codes)
    location = world.values[f"{room}-location"]
    Claim.objects.filter(pk=claim.pk).update(location=location, name=f"{word}-claim")
    Contact.objects.filter(claim=claim).exclude(role="partner").update(name=f"{word}-contact")
    Document.objects.filter(claim=claim).delete()
    content = cast.PDF + f"% {word}-content".encode()
    cast.add_document(claim, founder, name=f"{word}-file-claim.pdf", content=content)
    claim = Claim.objects.get(pk=claim.pk)
    claim = cast.walk(claim, "submitted", actor=founder, reviewer=world.people["review"])
    references = claim.associations.values_list("reference", flat=True)
    world.markers.plant(room, "claim", claim.reference, *references)
    return claim
