"""Who speaks for the customer: the contacts that staff registered, and those a partner names [R57]."""

import datetime as dt

from django.utils.translation import gettext as _

from cpor_site.web.addresses import fold_address

from ..claims.history import By, record_event
from ..claims.lifecycle import LifecycleError
from ..enums import EventKind
from ..filing.contacts import CUSTOMER_ROLES, keep_outside
from ..models import Claim, Contact, RegisteredContact


def list_named(claim: Claim) -> list[Contact]:
    """The customer's contacts that the claim names for its work.

    A contact left over from an earlier choice of work is not included.
    """
    roles = set(CUSTOMER_ROLES).intersection(claim.roles_needed)
    return list(claim.contacts.filter(role__in=roles).order_by("id"))


def find_registered(claim: Claim) -> RegisteredContact | None:
    """Return the registered contact who also gets the claim's notice, preferably one that can be reached.

    Return None if the customer has none, or if the claim names one of them, who gets the notice anyway.
    """
    if claim.tenant is None:
        return None
    known = list(claim.tenant.registered_contacts.order_by("is_undelivered", "id"))
    named = {fold_address(each.email) for each in list_named(claim)}
    if any(fold_address(each.email) in named for each in known):
        return None
    return known[0] if known else None


def has_several_readers(claim: Claim) -> bool:
    """Return whether the claim's notice goes to more than one address."""
    readers = {fold_address(each.email) for each in list_named(claim)}
    return len(readers) != 1 or find_registered(claim) is not None


def list_unconfirmed(claim: Claim) -> list[Contact]:
    """Return the named contacts who are not known to speak for the customer.

    They are outside its verified domains, no reviewer has confirmed them, and the customer has no
    registered contact that can be reached.
    """
    if claim.tenant is None:
        return []
    if claim.tenant.registered_contacts.filter(is_undelivered=False).exists():
        return []
    return keep_outside(claim, [each for each in list_named(claim) if not each.confirmation])


def note_delivery(claim: Claim, email: str, *, is_undelivered: bool) -> None:
    """Store with the registered contact of this address whether the last notice arrived."""
    if claim.tenant is not None:
        reached = claim.tenant.registered_contacts.filter(email__iexact=email)
        reached.update(is_undelivered=is_undelivered)


def confirm_contacts(claim: Claim, words: str, *, by: By, now: dt.datetime) -> None:
    """Store how a reviewer knows that the contacts of a locked claim speak for the customer [R57].

    Do nothing if there is no one to confirm. Raise LifecycleError if there is and ``words`` is empty.
    """
    people = list_unconfirmed(claim)
    if not people:
        return
    if not words.strip():
        raise LifecycleError(describe_unconfirmed(people))
    for contact in people:
        contact.confirmation = words
        contact.save(update_fields=["confirmation"])
    record_event(
        claim,
        EventKind.CONTACT_CONFIRMED,
        by=by,
        reason=words,
        subjects=[str(each) for each in people],
        now=now,
    )


def describe_unconfirmed(people: list[Contact]) -> str:
    """Say that a reviewer must confirm these people, and what would serve instead."""
    names = ", ".join(str(each) for each in people)
    return _(
        "Say how you know that %(people)s may speak for the customer, or have a contact of the customer "
        "registered first."
    ) % {"people": names}
