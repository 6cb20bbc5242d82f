"""Store the words by which the search finds a claim [R46]."""

from ..models import Claim, ClaimText

LONGEST = 4_000


def write_search_text(claim: Claim) -> None:
    """Write the words of a locked claim's name and products, in three queries."""
    products = claim.associations.order_by("pk").values_list("product__name", flat=True)
    words = " ".join(filter(None, [claim.name, *dict.fromkeys(products)]))
    ClaimText.objects.update_or_create(
        claim=claim, defaults={"partner_id": claim.partner_id, "text": words[:LONGEST]}
    )
