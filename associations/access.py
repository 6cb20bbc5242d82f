"""Who gets to a page about one claim: 404 for what they may not see, 403 in words for what they may
see but not do, and a way back for what cannot be done now [R43].
"""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from partners.enums import Role
from partners.models import Membership, User

from . import queries, rules
from .models import Claim

#: More names than these help nobody.
NAMES_SHOWN = 5


def find_claim(user, reference: str) -> Claim:
    """Return the claim that ``reference`` names, with what its pages need.

    Raises Http404 where ``user`` may not see one of that name, there or not [R37], [R43].
    """
    claim = (
        queries.claims_visible_to(user)
        .filter(reference=reference)
        .select_related("tenant", "partner", "location", "created_by")
        .first()
    )
    if claim is None:
        raise Http404
    return claim


def has_role(user, claim: Claim, action: str) -> bool:
    """Does the user's role allow the action, whatever the claim's status?"""
    return rules.who_may(f"associations.{action}").test(user, claim)


def find_people_who_may(claim: Claim) -> list[User]:
    """Incentives admins whose role covers the claim's location, for whoever is not one."""
    admins = Membership.objects.filter(partner=claim.partner_id, role=Role.INCENTIVES_ADMIN)
    here = admins.filter(has_all_locations=True) | admins.filter(locations=claim.location_id)
    people = User.objects.filter(memberships__in=here.values("pk"), is_active=True)
    return list(people.order_by("full_name", "email")[:NAMES_SHOWN])


def claim_action(action: str) -> Callable:
    """Decorate a view ``(request, claim)`` with sign-in, visibility and role [R43].

    ``action`` is a short name of ``rules.PARTNER_ACTIONS``. The status is the view's own matter: it
    differs whether something was typed.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @login_required
        @wraps(view)
        def wrapped(request: HttpRequest, reference: str, **kwargs) -> HttpResponse:
            claim = find_claim(request.user, reference)
            if not has_role(request.user, claim, action):
                return render_forbidden(request, claim)
            try:
                return view(request, claim, **kwargs)
            except Claim.DoesNotExist as error:
                raise Http404 from error  # discarded by somebody else just now

        return wrapped

    return decorate


def render_forbidden(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Say that the person's role does not allow this, and who can do it."""
    context = {"claim": claim, "people": find_people_who_may(claim)}
    return render(request, "associations/claim_forbidden.html", context, status=403)
