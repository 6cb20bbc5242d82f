"""The review queue: what the list of claims shows, and how it stays fast at a million claims [R15].

The default view is what waits for staff, oldest deadline first, which the partial index
``claim_review_queue`` holds in that order. Counts stop at a thousand, and a search looks up
customers and partners first, so that no search reads every claim.
"""

import re
import uuid

from django.db.models import Q, QuerySet

from cpor_site.web.addresses import read_search
from cpor_site.web.admin_lists import StaffChangeList
from cpor_site.web.admin_search import KEYS_MAX
from partners.models import Location, Partner

from ..claims.shared_slots import find_shared_slots
from ..claims.visible import rival_exists
from ..enums import OPEN_STATUSES
from ..models import Association, Claim, Tenant, TenantDomain
from ..references import ALPHABET, CLAIM_LENGTH
from .sla import SLA_ICONS, STAFF_STATUSES, SlaClock

MAIN_FILTERS = 3  # as many filters are always open; the others unfold
#: Any of these says that the reader looks for more than what waits for staff.
WIDENING = ("status", "turn", "parked", "q")
REFERENCE = re.compile(f"[{ALPHABET}]{{{CLAIM_LENGTH}}}")


class QueueChangeList(StaffChangeList):
    """A page of claims with what the queue tells about each, in a fixed number of queries."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
        self.sla_clock = SlaClock.read()
        contested = find_contested([claim.pk for claim in self.result_list])
        for claim in self.result_list:
            claim.sla = self.sla_clock.state_of(claim)
            claim.sla_icon = SLA_ICONS.get(claim.sla)
            claim.age = self.sla_clock.describe_age(claim)
            claim.is_contested = claim.pk in contested

    @property
    def main_filters(self):
        return self.filter_specs[:MAIN_FILTERS]

    @property
    def more_filters(self):
        return self.filter_specs[MAIN_FILTERS:]

    @property
    def uses_more_filters(self) -> bool:
        return any(spec.value() for spec in self.more_filters)


def find_contested(claim_ids: list[int]) -> set[int]:
    """Which of these claims ask for a slot that another partner holds or asks for."""
    rows = _with_rivals(Claim.objects.filter(pk__in=claim_ids))
    return set(rows.values_list("pk", flat=True))


def filter_contested(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Narrow to those that compete, looking only at slots that more than one partner ever asked for."""
    slots = find_shared_slots()
    if slots is not None:
        there = Association.objects.filter(slot_key__in=slots).order_by().values("claim")
        claims = claims.filter(pk__in=there)
    return _with_rivals(claims)


def _with_rivals(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Of those that still ask for something: a rejected claim competes with nobody."""
    return claims.filter(rival_exists(), status__in=OPEN_STATUSES)


def is_default_view(params) -> bool:
    """Is the list asked for without a word on which claims, so that it shows what waits?"""
    return not any(params.get(name) for name in WIDENING)


def order_for(params) -> list[str]:
    """Oldest deadline first where deadlines run; everything else newest first, by primary key."""
    by_deadline = {"waiting", "action-required", "approved", *map(str, STAFF_STATUSES)}
    if is_default_view(params) or params.get("status") in by_deadline:
        return ["due_at", "id"]
    return ["-id"]


def has_parked_products() -> Q:
    """Filter on claims: something of it could not become official."""
    return Q(pk__in=Association.objects.exclude(parked_reason="").order_by().values("claim"))


def search_claims(claims: QuerySet[Claim], words: str) -> QuerySet[Claim]:
    """Find claims by reference, or by who the customer or the partner is.

    Customers go by name, verified domain or Tenant ID, partners by name or Partner ID.
    """
    words = read_search(words)
    if not words:
        return claims
    if REFERENCE.fullmatch(words.upper()):
        found = claims.filter(reference=words.upper())
        if found.exists():
            return found
    return claims.filter(_is_about_customer(words) | _is_of_partner(words))


def _is_about_customer(words: str) -> Q:
    """Filter on claims. Each index is asked by itself, and the claims by the keys it names."""
    try:
        by_id = Tenant.objects.filter(tenant_id=uuid.UUID(words))
        return Q(tenant__in=list(by_id.values_list("pk", flat=True)))
    except ValueError:
        pass
    by_name = Tenant.objects.filter(name__icontains=words).order_by().values_list("pk", flat=True)
    domains = TenantDomain.objects.filter(domain=words.lower()).order_by()
    by_domain = domains.values_list("tenant", flat=True)
    named = list(by_domain.union(by_name, all=True)[: KEYS_MAX + 1])
    if len(named) > KEYS_MAX:  # a page is full after a few claims
        return Q(tenant__name__icontains=words) | Q(tenant__in=by_domain)
    return Q(tenant__in=named)


def _is_of_partner(words: str) -> Q:
    """Filter on claims: the partner has the words in its name, or they are its location's Partner ID."""
    names = Partner.objects.filter(name__icontains=words).order_by().values_list("pk", flat=True)
    named = list(names[: KEYS_MAX + 1])
    found = Q(partner__name__icontains=words) if len(named) > KEYS_MAX else Q(partner__in=named)
    for pk, partner in Location.objects.filter(partner_code=words).values_list("pk", "partner"):
        found |= Q(partner=partner, location=pk)  # no index begins with the location
    return found
