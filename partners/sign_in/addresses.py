"""Whether a person's address is confirmed: a link that was sent to it has been opened [R42], [R44].

Links that confirm it: an invitation, a new password, and the one that is sent to a person who signs in
without either. An identity provider can confirm it too. allauth stores this, in one row per person.
"""

from allauth.account.models import EmailAddress
from allauth.account.signals import password_reset
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from ..models import User
from . import emails


def find_person(address: str) -> User | None:
    """Return the person with exactly this address, ignoring case."""
    return User.objects.with_address(address).first()


@transaction.atomic
def confirm_address(user: User) -> None:
    """Record that ``user`` opened a link sent to their address. Repeating it changes nothing."""
    address = user.email.lower()
    EmailAddress.objects.filter(user=user).exclude(email=address).delete()
    EmailAddress.objects.update_or_create(
        user=user, email=address, defaults={"verified": True, "primary": True}
    )


@receiver(password_reset, dispatch_uid="partners.sign_in.addresses")
def remember_opened_link(sender, *, user, **_others):
    confirm_address(user)


@receiver(post_save, sender=User, dispatch_uid="partners.sign_in.addresses.superuser")
def vouch_for_superuser(sender, *, instance, created, raw, **_others):
    """Confirm the address of a superuser created by a command, maybe before any email can be sent.

    A person who can run commands does not need a link to get in.
    """
    if created and instance.is_superuser and not raw:
        confirm_address(instance)


@receiver(post_save, sender=User, dispatch_uid="partners.sign_in.addresses.change")
def forget_former_address(sender, *, instance, created, update_fields, **_others):
    """Forget a former address, whose reader no longer has any rights over the account."""
    if not created and (update_fields is None or "email" in update_fields):
        former = EmailAddress.objects.filter(user=instance).exclude(email=instance.email.lower())
        for each in former:
            emails.address_changed(each.email, user=instance)
        former.delete()
