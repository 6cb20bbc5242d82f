"""The review queue: what the list of claims shows, and how it stays fast at a million claims [R15].

The default view is what waits for staff, oldest deadline first, which the partial index
``claim_review_queue`` holds in that order. Counts stop at a thousand, and a search looks up
customers and partners first, so that no search reads every claim.
"""

import re
import uuid

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import cached_property

from cpor_site.addresses import read_search
from partners.models import Location, Partner

from ..enums import OPEN_STATUSES
from ..models import Association, Claim, Tenant
from ..queries import rival_exists
from ..references import ALPHABET, CLAIM_LENGTH
from .sla import SLA_ICONS, STAFF_STATUSES, SlaClock

COUNT_LIMIT = 1000
MAIN_FILTERS = 3  # as many filters are always open; the others unfold
#: Any of these says that the reader looks for more than what waits for staff.
WIDENING = ("status", "turn", "parked", "q")
REFERENCE = re.compile(f"[{ALPHABET}]{{{CLAIM_LENGTH}}}")


class CappedPaginator(Paginator):
    """Counts no further than a thousand: what lies beyond is found by filters and search."""

    object_list: QuerySet[Claim]

    @cached_property
    def count(self) -> int:
        return len(self.object_list.order_by().values_list("pk")[:COUNT_LIMIT])

    @cached_property
    def is_capped(self) -> bool:
        return self.count == COUNT_LIMIT


class QueueChangeList(ChangeList):
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
    rows = filter_contested(Claim.objects.filter(pk__in=claim_ids))
    return set(rows.values_list("pk", flat=True))


def filter_contested(claims: QuerySet[Claim]) -> QuerySet[Claim]:
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


def has_parked_products() -> Exists:
    """Filter on claims: something of it could not become official."""
    return Exists(Association.objects.filter(claim=OuterRef("pk")).exclude(parked_reason=""))


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
    tenants = Tenant.objects.filter(_customer_filter(words)).values("pk")
    partners = Partner.objects.filter(name__icontains=words).values("pk")
    locations = Location.objects.filter(partner_code=words).values("pk")
    return claims.filter(
        Q(tenant__in=tenants) | Q(partner__in=partners) | Q(location__in=locations)
    )


def _customer_filter(words: str) -> Q:
    try:
        return Q(tenant_id=uuid.UUID(words))
    except ValueError:
        return Q(name__icontains=words) | Q(domains__domain=words)
