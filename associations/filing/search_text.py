"""Store the words by which the search finds a claim [R46]."""

from ..models import Claim, ClaimText

LONGEST, PEOPLE_LONGEST = 4_000, 2_000


def write_search_text(claim: Claim) -> None:
    """Write the words of a locked claim's name, products and contacts, in three queries."""
    contacts = claim.contacts.order_by("pk").values_list("name", "email")
    people = " ".join(part for contact in contacts for part in contact)
    products = claim.associations.order_by("pk").values_list("product__name", flat=True)
    words = " ".join(filter(None, [claim.name, *dict.fromkeys(products)]))
    row = ClaimText(
        claim=claim,
        partner_id=claim.partner_id,
        text=words[:LONGEST],
        people=people[:PEOPLE_LONGEST],
    )
    ClaimText.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["claim"],
        update_fields=["partner", "text", "people"],
    )
