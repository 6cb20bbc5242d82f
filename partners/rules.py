"""Who can act for which partner: the only place that defines the roles of section 11.

An object to check (a claim, an association) has ``partner_id`` and ``location_id``, which together say
whose it is. ``associations.rules`` combines these rules with the state of the claim.
"""

from functools import cache

import rules
from django.db.models import Q, QuerySet

from .enums import Role


def find_membership(user, partner_id: int):
    """Return the user's Membership at a partner or None, read once per user object (once per request)."""
    if not user.is_authenticated or not user.is_active:
        return None
    known = getattr(user, "all_memberships", None)  # partners.access may have read them all
    if known is not None and all(each.partner_id != partner_id for each in known):
        return None
    if not hasattr(user, "membership_at"):
        user.membership_at = cache(
            lambda wanted: user.memberships.filter(partner_id=wanted).first()
        )
    return user.membership_at(partner_id)


def covers_location(membership, location_id: int | None) -> bool:
    """Return whether the role covers the location [R41]."""
    if membership.has_all_locations or location_id is None:
        return membership.has_all_locations
    return membership.locations.filter(pk=location_id).exists()


@rules.predicate
def is_member(user, thing) -> bool:
    membership = find_membership(user, thing.partner_id)
    return membership is not None and covers_location(membership, thing.location_id)


@rules.predicate
def is_incentives_admin(user, thing) -> bool:
    membership = find_membership(user, thing.partner_id)
    return (
        membership is not None
        and membership.role == Role.INCENTIVES_ADMIN
        and covers_location(membership, thing.location_id)
    )


@rules.predicate
def is_reviewer(user, thing=None) -> bool:
    """Return whether the user is staff with the permission to review; being staff alone is not enough."""
    return user.is_active and user.is_staff and user.has_perm("associations.review_claim")


@rules.predicate
def assigns_claims(user, thing=None) -> bool:
    """Return whether the user is staff with the permission to assign claims to colleagues."""
    return user.is_active and user.is_staff and user.has_perm("associations.assign_review")


@rules.predicate
def sees_ageing(user, thing=None) -> bool:
    """Return whether the user is staff with the permission to see how old the open claims are."""
    return user.is_active and user.is_staff and user.has_perm("associations.view_ageing")


@rules.predicate
def reads_cases(user, thing=None) -> bool:
    """Return whether the user is staff with the permission to read mediation cases."""
    return user.is_active and user.is_staff and user.has_perm("associations.view_mediationcase")


@rules.predicate
def mediates(user, thing=None) -> bool:
    """Return whether the user is staff with the permission to decide mediation cases."""
    return reads_cases(user) and user.has_perm("associations.mediate")


@rules.predicate
def reads_claims(user, thing=None) -> bool:
    """Return whether the user sees every filed claim: reviewers, and staff who only read."""
    may_look = user.is_active and user.is_staff and user.has_perm("associations.view_claim")
    return may_look or is_reviewer(user)


@rules.predicate
def has_no_stake(user, thing) -> bool:
    """Return whether the user is no member of the partner: people don't review their own claims [R19]."""
    return find_membership(user, thing.partner_id) is None


def in_locations_of(membership) -> Q:
    """Return the filter for objects of this membership's partner, in its locations [R41]."""
    mine = Q(partner_id=membership.partner_id)
    if membership.has_all_locations:
        return mine
    return mine & Q(location_id__in=list(membership.locations.values_list("pk", flat=True)))


def locations_of(membership) -> QuerySet:
    """Return the partner's locations that this membership covers."""
    every = membership.partner.locations.all()
    return (
        every if membership.has_all_locations else every.filter(pk__in=membership.locations.all())
    )
