"""What the term of the claims list's search finds: claims by their own words, and by their customer [R46].

Customers are looked for by the indexes of migrations 0002 and 0005.
"""

import re
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from partners.models import Partner

from ..models import Claim, ClaimText, Tenant, TenantDomain

#: Of so many customers at most a search shows the claims.
CUSTOMERS_CAP = 200
#: Of so many claims at most a search knows that their words match; the newest count.
CLAIMS_CAP = 500
REFERENCE_LENGTH = 12
#: What a reference can begin with: after these characters sorts "Z" in every collation.
REFERENCE_START = re.compile(f"[0-9A-Z]{{1,{REFERENCE_LENGTH}}}", re.ASCII)
#: A shorter search looks for references and beginnings of names only.
SHORTEST_PART = 3


def find_customers(term: str, reach: QuerySet[Claim]) -> list[QuerySet[Tenant]]:
    """Customers with the term in their name, and those with it at the start of a domain.

    Only customers of claims in ``reach``, all that the person may see: neither which others there are
    nor how many may show in what is found, or in that it was too much [R37]. At most CUSTOMERS_CAP
    of each and one more; apart, since one filter with OR would read every customer.
    """
    by_name = Tenant.objects.filter(
        Exists(reach.filter(tenant=OuterRef("pk"))), **{f"name__{_how(term)}": term}
    ).values("pk")
    by_domain = TenantDomain.objects.filter(
        Exists(reach.filter(tenant=OuterRef("tenant_id"))), domain__startswith=term.lower()
    ).values("tenant_id")
    # Unordered, so that looking ends when enough were found.
    capped: list[QuerySet[Any, Any]] = [
        some.order_by()[: CUSTOMERS_CAP + 1] for some in (by_name, by_domain)
    ]
    return [Tenant.objects.filter(pk__in=some) for some in capped]


def find_claims(term: str, reach: QuerySet[Claim], *, partner: Partner) -> QuerySet[ClaimText]:
    """The newest claims of ``reach`` with every word of the term in their name or products.

    At most CLAIMS_CAP and one more. ``partner`` is the one that all of ``reach`` belongs to.
    """
    found = ClaimText.objects.filter(_has_words(term), partner=partner)
    return found.filter(claim__in=reach).order_by("-claim")[: CLAIMS_CAP + 1]


def matches(term: str, customers: list[int] | None, claims: list[int] | None = None) -> Q:
    """Filter on claims: by reference, beginning of the name, words, and customer.

    ``customers`` and ``claims`` are keys that were looked up before. Without ``customers`` each claim
    is asked for its own words and customer.
    """
    found = Q(name__istartswith=term)
    if REFERENCE_START.fullmatch(term.upper()):
        # A range, for the unique index answers it in any collation; LIKE would need one of its own.
        start = term.upper()
        found |= Q(reference__gte=start, reference__lte=start.ljust(REFERENCE_LENGTH, "Z"))
    if customers is None:
        words = ClaimText.objects.filter(_has_words(term), claim=OuterRef("pk"))
        return found | _is_about(term) | Q(Exists(words))
    if customers:
        found |= Q(tenant_id__in=customers)
    return found | Q(pk__in=claims) if claims else found


def _is_about(term: str) -> Q:
    """Filter on claims: as ``find_customers``, asked of the claim's own customer."""
    by_domain = TenantDomain.objects.filter(
        tenant=OuterRef("tenant_id"), domain__startswith=term.lower()
    )
    return Q(**{f"tenant__name__{_how(term)}": term}) | Q(Exists(by_domain))


def _has_words(term: str) -> Q:
    """Filter on texts: every word is in it; none is too short to be looked for anywhere."""
    words = term.split()
    if not any(len(word) >= SHORTEST_PART for word in words):
        return Q(pk__in=[])
    found = Q()
    for word in words:
        found &= Q(text__icontains=word)
    return found


def _how(term: str) -> str:
    """How customers' names are compared with the term."""
    return "icontains" if len(term) >= SHORTEST_PART else "istartswith"
