"""The search of the claims list: claims by their own words, and by their customer [R46].

Customers are found by the indexes of migrations 0002 and 0005.
"""

import re
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from partners.models import Partner

from ..models import Claim, ClaimText, Tenant, TenantDomain

#: A search shows the claims of at most this many customers.
CUSTOMERS_CAP = 200
#: A search finds at most this many claims by their words, the newest ones.
CLAIMS_CAP = 500
REFERENCE_LENGTH = 12
#: What a reference can begin with; in every collation "Z" sorts after these characters.
REFERENCE_START = re.compile(f"[0-9A-Z]{{1,{REFERENCE_LENGTH}}}", re.ASCII)
#: A shorter term is compared only with references and the start of names.
SHORTEST_PART = 3


def find_customers(
    term: str, reach: QuerySet[Claim], *, cap: int | None = None
) -> list[QuerySet[Tenant]]:
    """Return customers with the term in their name, and those with it at the start of a domain.

    Return only customers of claims in ``reach``, everything the person may see: neither the result nor
    its being cut off may reveal which or how many others exist [R37]. Return at most ``cap`` + 1 (else
    CUSTOMERS_CAP + 1) of each kind; in two queries, since one filter with OR would read every customer.
    """
    by_name = Tenant.objects.filter(
        Exists(reach.filter(tenant=OuterRef("pk"))), **{f"name__{_how(term)}": term}
    ).values("pk")
    by_domain = TenantDomain.objects.filter(
        Exists(reach.filter(tenant=OuterRef("tenant_id"))), domain__startswith=term.lower()
    ).values("tenant_id")
    cap = CUSTOMERS_CAP if cap is None else cap
    # Unordered, so that the search stops once enough are found.
    capped: list[QuerySet[Any, Any]] = [some.order_by()[: cap + 1] for some in (by_name, by_domain)]
    return [Tenant.objects.filter(pk__in=some) for some in capped]


def find_claims(
    term: str,
    reach: QuerySet[Claim],
    *,
    partner: Partner,
    column: str = "text",
    cap: int | None = None,
) -> QuerySet[ClaimText]:
    """Return the newest claims of ``reach`` with every word of the term in their name or products.

    With ``column`` "people", in the names and addresses of their contacts. Return at most ``cap`` + 1 (else
    CLAIMS_CAP + 1). ``partner`` is the one that everything in ``reach`` belongs to.
    """
    cap = CLAIMS_CAP if cap is None else cap
    found = ClaimText.objects.filter(_has_words(term, column), partner=partner)
    # Not by "claim", which would mean the claim's own order, newest first, backwards.
    return found.filter(claim__in=reach).order_by("-claim_id")[: cap + 1]


def matches(term: str, customers: list[int] | None, claims: list[int] | None = None) -> Q:
    """Filter on claims: by reference, beginning of the name, words, and customer.

    ``customers`` and ``claims`` are keys that were looked up before. Without ``customers``, the words
    and customer of each claim are compared instead.
    """
    found = Q(name__istartswith=term)
    if REFERENCE_START.fullmatch(term.upper()):
        # A range, which the unique index answers in any collation; LIKE would need an index of its own.
        start = term.upper()
        found |= Q(reference__gte=start, reference__lte=start.ljust(REFERENCE_LENGTH, "Z"))
    if customers is None:
        words = ClaimText.objects.filter(_has_words(term), claim=OuterRef("pk"))
        return found | is_about(term) | Q(Exists(words))
    if customers:
        found |= Q(tenant_id__in=customers)
    return found | Q(pk__in=claims) if claims else found


def is_about(term: str) -> Q:
    """Filter on claims or associations: the customer matches as in ``find_customers``."""
    by_domain = TenantDomain.objects.filter(
        tenant=OuterRef("tenant_id"), domain__startswith=term.lower()
    )
    return Q(**{f"tenant__name__{_how(term)}": term}) | Q(Exists(by_domain))


def _has_words(term: str, column: str = "text") -> Q:
    """Filter on texts: each contains every word; no word is too short to be looked up anywhere."""
    words = term.split()
    if not any(len(word) >= SHORTEST_PART for word in words):
        return Q(pk__in=[])
    found = Q()
    for word in words:
        found &= Q(**{f"{column}__icontains": word})
    return found


def _how(term: str) -> str:
    """Return how customers' names are compared with the term."""
    return "icontains" if len(term) >= SHORTEST_PART else "istartswith"
