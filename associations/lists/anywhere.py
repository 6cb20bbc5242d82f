"""The search of the header: claims, customers and people of one partner, in what the reader may see [R46].

Each group stops after a few; the lists have the rest. Every query reads a bounded number of rows.
"""

from dataclasses import dataclass

from django.db.models import QuerySet

from partners.models import Membership
from partners.people.members import find_members

from ..models import Association, Claim, Contact, Tenant
from .search import REFERENCE_START, find_claims, find_customers, matches

#: Of each group, so many are shown.
SHOWN = 5
#: A person may be the contact of many claims: so many of the newest are looked at for different people.
CLAIMS_OF_CONTACTS = 25


@dataclass(frozen=True)
class Group:
    """The first rows of what was found, and whether there are more."""

    rows: list
    has_more: bool = False

    @classmethod
    def cut(cls, rows: list) -> "Group":
        return cls(rows[:SHOWN], len(rows) > SHOWN)


@dataclass(frozen=True)
class Found:
    """What a term finds at one partner."""

    membership: Membership
    claims: Group
    customers: Group
    members: Group
    contacts: Group

    @property
    def is_empty(self) -> bool:
        groups = (self.claims, self.customers, self.members, self.contacts)
        return not any(group.rows for group in groups)


def find_exact(term: str, reach: QuerySet[Claim]) -> Claim | None:
    """Return the claim with this reference, or with a product of this reference, if there is one."""
    reference = term.upper()
    if not REFERENCE_START.fullmatch(reference):
        return None
    of_product = Association.objects.filter(reference=reference).order_by().values("claim")
    exact = Claim.objects.filter(reference=reference).order_by().values("pk")
    return reach.filter(pk__in=exact.union(of_product)).first()


def find_anywhere(term: str, reach: QuerySet[Claim], *, membership: Membership) -> Found:
    """Return what the term finds in ``reach``, the claims that this member may see.

    Members are found by Incentives admins alone, who have a page of them.
    """
    return Found(
        membership,
        Group.cut(_list_claims(term, reach, membership)),
        Group.cut(_list_customers(term, reach)),
        Group.cut(_list_members(term, membership)),
        Group.cut(_list_contacts(term, reach, membership)),
    )


def _list_claims(term: str, reach: QuerySet[Claim], membership: Membership) -> list[Claim]:
    by_words = find_claims(term, reach, partner=membership.partner, cap=SHOWN)
    keys = list(by_words.values_list("pk", flat=True))
    found = reach.filter(matches(term, [], keys)).select_related("tenant")
    return list(found.order_by("-pk")[: SHOWN + 1])


def _list_customers(term: str, reach: QuerySet[Claim]) -> list[Tenant]:
    by_name, by_domain = find_customers(term, reach, cap=SHOWN)
    found = {each.pk: each for some in (by_name, by_domain) for each in some.order_by("name")}
    return list(found.values())


def _list_members(term: str, membership: Membership) -> list[Membership]:
    if not membership.is_incentives_admin:
        return []
    return list(find_members(membership.partner, term)[: SHOWN + 1])


def _list_contacts(term: str, reach: QuerySet[Claim], membership: Membership) -> list[Contact]:
    """Return the contacts that match, each person once, with their newest claim."""
    claims = find_claims(
        term, reach, partner=membership.partner, column="people", cap=CLAIMS_OF_CONTACTS - 1
    )
    keys = list(claims.values_list("pk", flat=True))
    contacts = Contact.objects.filter(claim__in=keys).select_related("claim__tenant")
    words = term.casefold().split()
    found: dict[str, Contact] = {}
    for each in contacts.order_by("-claim_id", "role"):
        text = f"{each.name} {each.email}".casefold()
        if all(word in text for word in words):
            found.setdefault(each.email.casefold(), each)
    return list(found.values())
