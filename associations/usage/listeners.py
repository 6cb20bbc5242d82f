"""Leave the products of a changed subscription to the sweep that looks for what needs attention [R36]."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from ..models import Subscription
from .attention import look_again_at_subscriptions


@receiver(post_save, sender=Subscription)
def look_again(sender, instance, created, raw=False, **kwargs):
    """Whatever changed, its last day may have; a new subscription has no products yet."""
    if not created and not raw:
        look_again_at_subscriptions([instance.subscription_id])
