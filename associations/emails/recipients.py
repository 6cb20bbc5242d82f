"""Who receives the emails about a claim: people who may still see it [R42], [R43]."""

import structlog
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from cpor_site.web.mailboxes import read_support_address
from notifications.outbox import Recipient
from partners.access import find_admins_who_may
from partners.audit.access_record import has_left
from partners.models import Membership, User
from partners.rules import covers_location, has_no_stake, is_reviewer
from partners.sign_in.addresses import find_person

from ..enums import ContactRole
from ..models import Claim

log = structlog.get_logger(__name__)


def find_partner_recipients(claim: Claim, *, key: str) -> dict[str, Recipient]:
    """Return the claim's partner contact by the key of the email, or the people responsible for it now.

    If the contact's access has ended, each Incentives admin who may act on the claim gets an email,
    under their own key that begins with ``key``. Return {} for a draft without a contact.
    """
    # All of them, which the caller may have read already.
    contacts = (each for each in claim.contacts.all() if each.role == ContactRole.PARTNER)
    contact = next(contacts, None)
    if contact is None:
        return {}
    if not has_lost_access(contact.email, claim):
        return {key: Recipient(contact.email, contact.name, contact.language)}
    return _find_admins(claim, key=key)


def find_owner_recipients(claim: Claim, owner: User, *, key: str) -> dict[str, Recipient]:
    """Return ``owner`` by the key of the email if they may still see the claim, else its admins."""
    member = Membership.objects.filter(user=owner, partner=claim.partner_id).first()
    if member and owner.is_active and covers_location(member, claim.location_id):
        return {key: address_person(owner)}
    return _find_admins(claim, key=key)


def _find_admins(claim: Claim, *, key: str) -> dict[str, Recipient]:
    admins = find_admins_who_may(claim.partner_id, location_id=claim.location_id)
    if not admins:
        log.warning("no one to tell about a claim", claim=claim.reference, key=key)
    return {f"{key}:{admin.pk}": address_person(admin) for admin in admins}


def has_lost_access(email: str, claim: Claim) -> bool:
    """Is this the address of a former member, or of a member who may not see the claim?

    A partner may name any address: a shared mailbox, or a person at another company. Whether such an
    address has an account makes no difference, or the choice of recipients would reveal it.
    """
    person = find_person(email)
    if person is None:
        return False
    member = Membership.objects.filter(user=person, partner=claim.partner_id).first()
    if member is None:
        return has_left(person, claim.partner_id)
    return not person.is_active or not covers_location(member, claim.location_id)


def find_reviewer(claim: Claim) -> User | None:
    """Return the claim's reviewer if there is one who may still review it [R19]."""
    reviewer = claim.assigned_to
    if reviewer is not None and is_reviewer(reviewer) and has_no_stake(reviewer, claim):
        return reviewer
    return None


def find_staff_recipient(claim: Claim) -> Recipient:
    """Return the claim's reviewer if they may still review it, else the operator's support."""
    reviewer = find_reviewer(claim)
    return address_person(reviewer) if reviewer else find_support()


def find_support() -> Recipient:
    """Return the operator's support mailbox."""
    return Recipient(
        email=read_support_address(), name=settings.OPERATOR_NAME, language=settings.LANGUAGE_CODE
    )


def find_staff_with(permission: str, *, include_superusers: bool) -> QuerySet[User]:
    """Return active staff who have a permission themselves or through a group, by name."""
    people = ModelBackend().with_perm(permission, include_superusers=include_superusers)
    return people.filter(is_staff=True).order_by("full_name", "email")


def address_person(person: User) -> Recipient:
    """Return the mailbox and language of a person with an account."""
    return Recipient(email=person.email, name=str(person), language=person.language)
