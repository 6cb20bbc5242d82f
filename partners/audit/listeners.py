"""What the packages around announce, brought into the access record."""

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from .access_record import record_sign_in


@receiver(user_logged_in)
def keep_sign_in(sender, user, **kwargs):
    """Told when the whole sign-in is done, second factor included."""
    record_sign_in(user)
