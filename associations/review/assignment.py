"""Who reviews a claim: the reviewer who takes it, or a colleague to whom it is assigned [R15], [R62].

No one gets a claim in which a partner of theirs has a stake [R19]; that is checked under the claim's lock.
"""

import datetime as dt

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from partners.models import User
from partners.rules import is_reviewer

from .. import emails
from ..claims.history import By, record_event
from ..claims.lifecycle import LifecycleError
from ..contests.rivals import list_rivals, takes_part
from ..emails.recipients import find_staff_with
from ..enums import EventKind
from ..models import Claim
from .decisions import ReviewerHasStake, hold_for_review


def list_reviewers() -> QuerySet[User]:
    """Return everyone who may review claims, by name."""
    return find_staff_with("associations.review_claim", include_superusers=True)


def list_candidates(claim: Claim, *, now: dt.datetime) -> QuerySet[User]:
    """Return the reviewers who may get ``claim``: all without a stake in it [R19] but its reviewer."""
    partners = {claim.partner_id, *(each.claim.partner_id for each in list_rivals(claim, now=now))}
    others = list_reviewers().exclude(memberships__partner__in=partners)
    return others if claim.assigned_to_id is None else others.exclude(pk=claim.assigned_to_id)


def assign_claim(claim: Claim, *, actor, now: dt.datetime, to: User | None = None) -> Claim:
    """Make ``to``, or else ``actor``, the claim's reviewer; a colleague is told by email.

    A claim that this person has already is left as it is. Raise ReviewerHasStake if either has a stake in
    the claim, or LifecycleError if ``to`` may not review claims.
    """
    with hold_for_review(claim, actor, None, now=now) as held:
        reviewer = actor if to is None else _require_reviewer(held, to, now=now)
        if held.assigned_to_id != reviewer.pk:
            held.assigned_to = reviewer
            held.write("assigned_to")
            names = [str(reviewer)]
            record_event(held, EventKind.ASSIGNED, by=By.staff(actor), subjects=names, now=now)
            if reviewer.pk != actor.pk:
                emails.claim_assigned(held, assigned_by=str(actor))
    return held


def _require_reviewer(claim: Claim, person: User, *, now: dt.datetime) -> User:
    """Read ``person`` again, since access may have ended; raise if they must not review the claim."""
    reviewer = User.objects.get(pk=person.pk)
    if not is_reviewer(reviewer):
        raise LifecycleError(_("%(name)s can't review claims.") % {"name": reviewer})
    if takes_part(reviewer, claim, now=now):
        words = _(
            "%(name)s is a member of a partner with a stake in this claim, so someone else must "
            "review it."
        )
        raise ReviewerHasStake(words % {"name": reviewer})
    return reviewer
