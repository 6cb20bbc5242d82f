"""Receivers for events elsewhere that concern invitations [R42]: their emails and their senders.

Receivers about an email's outcome run inside the transaction that marks it.
"""

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from notifications.models import Message
from notifications.signals import UnwantedMail, message_bounced, message_failed, message_preparing

from ..enums import AccountEmail
from ..models import Invitation, User
from ..models.invitation import InvitationQuerySet
from .members import lock_partner, revoke_what_reaches_beyond


def _find_carried(message: Message) -> InvitationQuerySet | None:
    """Return the open invitation whose newest link an email carries, as a query; else None."""
    if message.kind != AccountEmail.MEMBER_INVITED:
        return None
    return Invitation.objects.unsettled().filter(message=message)


@receiver(message_preparing)
def keep_dead_links_back(sender, message, **kwargs):
    """Cancel an email whose link stopped working while it was queued."""
    carried = _find_carried(message)
    if carried is not None and not carried.exists():
        raise UnwantedMail("the invitation was revoked, accepted or sent again")


@receiver(message_failed)
@receiver(message_bounced)
def tell_that_it_did_not_arrive(sender, message, **kwargs):
    """Mark the invitation, so that the members page asks the inviter to check the address."""
    carried = _find_carried(message)
    if carried is not None:
        carried.update(is_undelivered=True)


@receiver(post_save, sender=User, dispatch_uid="partners.people.invitation_listeners")
def leave_no_link_of_a_closed_account(sender, *, instance, created, update_fields, **_others):
    """Revoke the invitations sent by a person whose account staff closed: they could return through them."""
    is_about_closing = update_fields is None or "is_active" in update_fields
    if created or instance.is_active or not is_about_closing:
        return
    sent = Invitation.objects.unsettled().filter(invited_by=instance)
    with transaction.atomic():
        for partner_id in sorted(set(sent.values_list("partner", flat=True))):
            partner = lock_partner(partner_id)
            revoke_what_reaches_beyond(instance, partner, None, actor=None)
