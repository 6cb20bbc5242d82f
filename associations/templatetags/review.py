"""What admin's start page says about the review queue and mediation."""

from django import template
from django.utils import timezone

from cpor_site.web.admin_lists import COUNT_LIMIT
from partners.rules import reads_claims, sees_ageing

from ..admin.contests.notices import count_cases
from ..admin.review.sla import Sla, SlaClock
from ..display.sentences import join_products
from ..enums import STAFF_STATUSES
from ..models import Claim

register = template.Library()
register.filter("product_names", join_products)


@register.simple_tag
def review_queue(user) -> dict | None:
    """Return how many claims wait for staff, and how many are late; None for users who cannot see claims.

    Counts are capped like the queue's own.
    """
    if not reads_claims(user):
        return None
    waiting = Claim.objects.filter(status__in=STAFF_STATUSES)
    late = waiting.filter(SlaClock.read().filter_for(Sla.LATE))
    return {
        "waiting": _count(waiting),
        "late": _count(late),
        "limit": COUNT_LIMIT,
        "shows_ageing": sees_ageing(user),
    }


@register.simple_tag
def mediation_cases(user) -> dict | None:
    """Return how many cases wait for a decision, and how many are late; None for who cannot see cases."""
    return count_cases(user, now=timezone.now())


def _count(claims) -> int:
    return len(claims.order_by("due_at").values_list("pk")[:COUNT_LIMIT])
