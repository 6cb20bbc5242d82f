"""Writes what other packages announce into the access record."""

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from .access_record import record_sign_in


@receiver(user_logged_in)
def keep_sign_in(sender, user, **kwargs):
    """Record a sign-in; the signal comes once it is complete, including the second factor."""
    record_sign_in(user)
