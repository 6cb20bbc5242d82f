"""Whose address a contact has: the partner's own is refused, one outside the tenant is flagged [R10]."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cpor_site.web.addresses import fold_address, read_domain_of
from partners.models import Partner

from ..enums import ContactRole
from ..models import Claim, Contact

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: Contacts that speak for the customer.
CUSTOMER_ROLES = (ContactRole.CUSTOMER, ContactRole.TECHNICAL)


def is_within(domain: str, owned: Iterable[str]) -> bool:
    """Is ``domain`` one of ``owned``, or a subdomain of one?"""
    return any(domain == each or domain.endswith("." + each) for each in owned)


def is_own_address(partner: Partner, email: str) -> bool:
    """Is the address at one of the partner's own domains, so that it cannot be a customer's [R10]?

    One query; none if the domains are prefetched.
    """
    return is_within(read_domain_of(email), [each.domain for each in partner.domains.all()])


def describe_wrong_side(partner: Partner, email: str, *, partner_email: str) -> "StrOrPromise":
    """Say why a customer's contact cannot have this address; return "" if it can [R10].

    ``partner_email`` is the address of the claim's partner contact.
    """
    if is_own_address(partner, email):
        words = _(
            "%(email)s is at one of your own company's domains. Name someone who works for the "
            "customer."
        )
        return words % {"email": email}
    if fold_address(email) == fold_address(partner_email):
        return _("This is your own contact's address too. Name someone who works for the customer.")
    return ""


def is_outside_tenant(claim: Claim, email: str) -> bool:
    """Is the address outside the domains of the claim's customer [R10]?"""
    return bool(_keep_outside(claim, [email]))


def contacts_outside_tenant(claim: Claim) -> list[Contact]:
    """Return the customer's contacts whose address is outside the tenant's domains [R10]."""
    people = claim.contacts.filter(role__in=CUSTOMER_ROLES).order_by("role")
    return keep_outside(claim, people)


def keep_outside(claim: Claim, people: Iterable[Contact]) -> list[Contact]:
    """Return those of ``people`` whose address is outside the tenant's domains [R10]."""
    people = list(people)
    outside = _keep_outside(claim, [each.email for each in people])
    return [each for each in people if each.email in outside]


def _keep_outside(claim: Claim, emails: list[str]) -> set[str]:
    """Read the domains once, however many addresses are compared with them; not if they are prefetched."""
    if claim.tenant is None or not emails:
        return set()
    owned = [each.domain for each in claim.tenant.domains.all()]
    return {each for each in emails if not is_within(read_domain_of(each), owned)}
