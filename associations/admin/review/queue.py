"""The review queue: what the list of claims shows, and how it stays fast with a million claims [R15].

The default view is what waits for staff, oldest deadline first, in the order of the partial index
``claim_review_queue``. Counts stop at a thousand, and a search looks up customers and partners
first, so that no search reads every claim.
"""

import datetime as dt
import re
import uuid

from django.db.models import Q, QuerySet
from django.utils import timezone

from cpor_site.web.addresses import read_search
from cpor_site.web.admin_lists import StaffChangeList
from cpor_site.web.admin_search import KEYS_MAX
from partners.models import Location, Partner

from ...claims.shared_slots import find_shared_slots
from ...claims.visible import rival_exists
from ...contests.rivals import waits_for_mediation
from ...enums import OPEN_STATUSES, STAFF_STATUSES
from ...models import Association, Claim, Tenant, TenantDomain
from ...references import ALPHABET, CLAIM_LENGTH
from .sla import SLA_ICONS, SlaClock

MAIN_FILTERS = 3  # this many filters are always visible; the others unfold
#: Any of these parameters means that the reader wants more than what waits for staff.
WIDENING = ("status", "turn", "parked", "q")
REFERENCE = re.compile(f"[{ALPHABET}]{{{CLAIM_LENGTH}}}")


class QueueChangeList(StaffChangeList):
    """A page of claims with what the queue shows about each, in a fixed number of queries."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
        self.sla_clock = SlaClock.read()
        shown = [claim.pk for claim in self.result_list]
        contested = find_contested(shown, user=request.user, now=self.sla_clock.now)
        for claim in self.result_list:
            claim.sla = self.sla_clock.state_of(claim)
            claim.sla_icon = SLA_ICONS.get(claim.sla)
            claim.age = self.sla_clock.describe_age(claim)
            claim.is_contested = claim.pk in contested
            claim.waits_for_mediation = contested.get(claim.pk, False)

    @property
    def main_filters(self):
        return self.filter_specs[:MAIN_FILTERS]

    @property
    def more_filters(self):
        return self.filter_specs[MAIN_FILTERS:]

    @property
    def uses_more_filters(self) -> bool:
        return any(spec.value() for spec in self.more_filters)


def find_contested(claim_ids: list[int], *, user, now: dt.datetime) -> dict[int, bool]:
    """Return which of these claims request a slot that another partner holds or requests.

    For each, say whether it waits for a mediation that ``user`` may see.
    """
    rows = _with_rivals(Claim.objects.filter(pk__in=claim_ids))
    waits = rows.annotate(waits=waits_for_mediation(user, now=now))
    return dict(waits.values_list("pk", "waits"))


def filter_contested(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Narrow to competing claims, reading only slots that more than one partner ever requested."""
    slots = find_shared_slots()
    if slots is not None:
        there = Association.objects.filter(slot_key__in=slots).order_by().values("claim")
        claims = claims.filter(pk__in=there)
    return _with_rivals(claims)


def _with_rivals(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Narrow to claims with rivals that still request something: a rejected claim does not compete."""
    return claims.filter(rival_exists(now=timezone.now()), status__in=OPEN_STATUSES)


def is_default_view(params) -> bool:
    """Does the request choose no claims, so that the list shows what waits for staff?"""
    return not any(params.get(name) for name in WIDENING)


def order_for(params) -> list[str]:
    """Return the order: oldest deadline first if deadlines run, else newest first, by primary key."""
    by_deadline = {"waiting", "action-required", "approved", *map(str, STAFF_STATUSES)}
    if is_default_view(params) or params.get("status") in by_deadline:
        return ["due_at", "id"]
    return ["-id"]


def has_parked_products() -> Q:
    """Filter on claims: some product could not become official."""
    return Q(pk__in=Association.objects.exclude(parked_reason="").order_by().values("claim"))


def search_claims(claims: QuerySet[Claim], words: str) -> QuerySet[Claim]:
    """Find claims by reference, customer or partner.

    Customers are matched by name, verified domain or Tenant ID, partners by name or Partner ID.
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
    """Filter on claims: by keys of customers, each found in a separate query of its own index."""
    try:
        by_id = Tenant.objects.filter(tenant_id=uuid.UUID(words))
        return Q(tenant__in=list(by_id.values_list("pk", flat=True)))
    except ValueError:
        pass
    by_name = Tenant.objects.filter(name__icontains=words).order_by().values_list("pk", flat=True)
    domains = TenantDomain.objects.filter(domain=words.lower()).order_by()
    by_domain = domains.values_list("tenant", flat=True)
    named = list(by_domain.union(by_name, all=True)[: KEYS_MAX + 1])
    if len(named) > KEYS_MAX:  # with so many, a page fills after a few claims
        return Q(tenant__name__icontains=words) | Q(tenant__in=by_domain)
    return Q(tenant__in=named)


def _is_of_partner(words: str) -> Q:
    """Filter on claims: the partner's name contains the words, or they are its location's Partner ID."""
    names = Partner.objects.filter(name__icontains=words).order_by().values_list("pk", flat=True)
    named = list(names[: KEYS_MAX + 1])
    found = Q(partner__name__icontains=words) if len(named) > KEYS_MAX else Q(partner__in=named)
    for pk, partner in Location.objects.filter(partner_code=words).values_list("pk", "partner"):
        found |= Q(partner=partner, location=pk)  # no index starts with the location
    return found
