"""Whether an address is proven to be its person's: somebody opened a link that was sent to it [R42], [R44].

Links that prove it: an invitation, a new password, and the one that is sent to somebody who signs in
without either. An identity provider's word proves it too. allauth keeps the proof, a row a person.
"""

from allauth.account.models import EmailAddress
from allauth.account.signals import password_reset
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from ..models import User
from . import emails


def find_person(address: str) -> User | None:
    """Who has the address, letter for letter but for capitals."""
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
    """Only a command makes a superuser from the start, maybe before any mail can be sent.

    Whoever may run commands needs no link to get in.
    """
    if created and instance.is_superuser and not raw:
        confirm_address(instance)


@receiver(post_save, sender=User, dispatch_uid="partners.sign_in.addresses.change")
def forget_former_address(sender, *, instance, created, update_fields, **_others):
    """Whoever reads the mail of a former address has no say over the account any more."""
    if not created and (update_fields is None or "email" in update_fields):
        former = EmailAddress.objects.filter(user=instance).exclude(email=instance.email.lower())
        for each in former:
            emails.address_changed(each.email, user=instance)
        former.delete()
