"""When a claim is complete: what each page of filing must contain before submission."""

import datetime as dt

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..claims.lifecycle import LifecycleError
from ..enums import ContactRole
from ..models import Claim
from .contacts import describe_wrong_side
from .own_claims import find_unfit, read_products
from .programs import find_missing_enrollments

#: Page → what to say if it is empty.
NOTHING_THERE = {
    "customer": _("The customer is missing."),
    "work": _("Say what you did."),
    "products": _("Choose at least one product."),
    "contacts": _("A contact is missing."),
    "proof": _("Add at least one file of proof."),
}


class ClaimIncomplete(LifecycleError):
    """The claim cannot be submitted yet; ``missing`` maps pages to what they lack."""

    def __init__(self, missing: dict[str, str | Promise]):
        self.missing = missing
        super().__init__(_("This claim is not complete yet."))


def require_complete(claim: Claim, *, now: dt.datetime, reader=None) -> None:
    """Raise ClaimIncomplete if something is missing; see ``find_missing``."""
    if missing := find_missing(claim, reader=reader, now=now):
        raise ClaimIncomplete(missing)


def find_missing(claim: Claim, *, now: dt.datetime, reader=None) -> dict[str, str | Promise]:
    """Return what a claim lacks before it can be submitted: page → what is missing there.

    Whatever depends on today (enrollments, subscriptions) is required of drafts only: the partner of a
    submitted claim could not fix it, and would lose the claim because they could not answer. ``reader`` is
    told which of the company's claims already cover a product, if they may see them.
    """
    has_proof = claim.documents.filter(withdrawn_at=None).exists()
    products = read_products(claim)
    gaps = list_gaps(claim, has_products=bool(products), has_proof=has_proof)
    missing: dict[str, str | Promise] = {page: NOTHING_THERE[page] for page in gaps}
    if "work" not in missing and claim.is_draft and _lacks_enrollment(claim, now=now):
        missing["work"] = _("The location is not enrolled today in the program for this work.")
    if (
        "products" not in missing
        and claim.is_draft
        and (unfit := find_unfit(claim, products, reader=reader, now=now))
    ):
        missing["products"] = " ".join(f"{name}: {words}" for name, words in unfit.items())
    if "contacts" not in missing and claim.is_editable and (wrong := _find_wrong_side(claim)):
        missing["contacts"] = " ".join(str(words) for words in wrong)
    for page in (NOTHING_THERE.keys() - missing.keys()) & claim.typed.keys():
        missing[page] = _("What you typed there hasn't been saved yet. Open the page to check it.")
    return missing


def list_gaps(claim: Claim, *, has_products: bool, has_proof: bool) -> list[str]:
    """Return the names of the empty pages of filing, in their order.

    This takes one query, for the contacts; none if they are prefetched.
    """
    is_there = {
        "customer": claim.tenant_id,
        "work": claim.solution_area and claim.activity and claim.name,
        "products": has_products,
        "contacts": _has_all_contacts(claim),
        "proof": has_proof,
    }
    return [page for page in NOTHING_THERE if not is_there[page]]


def _has_all_contacts(claim: Claim) -> bool:
    there = {each.role for each in claim.contacts.all()}
    facts = (claim.solution_seller, claim.revenue_customer_name, claim.isv_product)
    return there.issuperset(claim.roles_needed) and (not claim.is_revenue or all(facts))


def _find_wrong_side(claim: Claim) -> list[str | Promise]:
    """Return what is wrong with the customer's contacts now; the partner may have new domains [R10]."""
    people = {each.role: each for each in claim.contacts.filter(role__in=claim.roles_needed)}
    partner_email = people.pop(ContactRole.PARTNER).email
    described = (
        describe_wrong_side(claim.partner, each.email, partner_email=partner_email)
        for each in people.values()
    )
    return [words for words in described if words]


def _lacks_enrollment(claim: Claim, *, now: dt.datetime) -> bool:
    return bool(
        find_missing_enrollments(claim.location, claim.solution_area, claim.activity, now=now)
    )
