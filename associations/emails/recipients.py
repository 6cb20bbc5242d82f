"""Who gets the mails about a claim: people who may still read it [R42], [R43]."""

import structlog
from django.conf import settings

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
    """The claim's partner contact by the key of its mail, or who answers for it now.

    Where the contact's access has ended, each Incentives admin who may act on the claim gets a mail,
    under a key of their own that begins with ``key``. A draft without a contact has nobody.
    """
    contact = claim.contacts.filter(role=ContactRole.PARTNER).first()
    if contact is None:
        return {}
    if not has_lost_access(contact.email, claim):
        return {key: Recipient(contact.email, contact.name, contact.language)}
    return _find_admins(claim, key=key)


def find_owner_recipients(claim: Claim, owner: User, *, key: str) -> dict[str, Recipient]:
    """Return the person by the key of their email while they may see the claim, else its admins."""
    member = Membership.objects.filter(user=owner, partner=claim.partner_id).first()
    if member and owner.is_active and covers_location(member, claim.location_id):
        return {key: _address(owner)}
    return _find_admins(claim, key=key)


def _find_admins(claim: Claim, *, key: str) -> dict[str, Recipient]:
    admins = find_admins_who_may(claim.partner_id, location_id=claim.location_id)
    if not admins:
        log.warning("nobody to tell about a claim", claim=claim.reference, key=key)
    return {f"{key}:{admin.pk}": _address(admin) for admin in admins}


def has_lost_access(email: str, claim: Claim) -> bool:
    """Is it the address of a member who may not see the claim, or of somebody who was a member?

    A partner may name any address: a shared mailbox, or a person of another company. Whether such an
    address has an account makes no difference, since who gets the mails would tell.
    """
    person = find_person(email)
    if person is None:
        return False
    member = Membership.objects.filter(user=person, partner=claim.partner_id).first()
    if member is None:
        return has_left(person, claim.partner_id)
    return not person.is_active or not covers_location(member, claim.location_id)


def find_staff_recipient(claim: Claim) -> Recipient:
    """The claim's reviewer while they may review it, else the operator's support."""
    reviewer = claim.assigned_to
    if reviewer is not None and is_reviewer(reviewer) and has_no_stake(reviewer, claim):
        return _address(reviewer)
    return Recipient(
        email=read_support_address(),
        name=settings.OPERATOR_NAME,
        language=settings.LANGUAGE_CODE,
    )


def _address(person: User) -> Recipient:
    return Recipient(email=person.email, name=str(person), language=person.language)
