"""Access to the pages about one claim: 404 for a claim the person may not see, and 403 with an
explanation for something their role does not allow [R43].

A claim belongs to a partner: its pages act for the person as a member of that partner [R41].
"""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from partners import access
from partners.models import User

from .. import rules
from ..claims import visible
from ..models import Claim


def find_claim(request, reference: str) -> Claim:
    """Return the claim with this reference and what its pages need, and enter its partner.

    Raise Http404 if it does not exist or the person may not see it [R37], [R43].
    """
    seen = visible.claims_visible_to(request.user)
    claims = seen.select_related("tenant", "partner", "location", "created_by")
    claim = claims.filter(reference=reference).first()
    if claim is None:
        raise Http404
    access.enter_partner(request, claim.partner_id)
    return claim


def require_visible_claim(user, reference: str) -> None:
    """Raise Http404 if the person may not see the claim at any of their partners [R43]."""
    if not visible.claims_visible_to(user).filter(reference=reference).exists():
        raise Http404


def has_role(user, claim: Claim, action: str) -> bool:
    """Does the user's role allow the action, whatever the claim's status?"""
    return rules.who_may(f"associations.{action}").test(user, claim)


def find_people_who_may(claim: Claim) -> list[User]:
    """Return the Incentives admins whose role covers the claim's location."""
    return access.find_people_who_may(claim.partner_id, location_id=claim.location_id)


def claim_action(action: str) -> Callable:
    """Decorate a view ``(request, claim)`` with sign-in, visibility and role [R43].

    ``action`` is a short name of ``rules.PARTNER_ACTIONS``. The status is the view's own matter: it
    differs whether something was typed.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @login_required
        @wraps(view)
        def wrapped(request: HttpRequest, reference: str, **kwargs) -> HttpResponse:
            claim = find_claim(request, reference)
            if not has_role(request.user, claim, action):
                return render_forbidden(request, claim)
            return view(request, claim, **kwargs)

        return wrapped

    return decorate


def render_forbidden(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Say that the person's role does not allow this, and who can do it."""
    if request.user.has_perm("associations.add_proof", claim):
        sentence = _(
            "You can see claim %(reference)s and add proof and comments. Only an Incentives admin "
            "of your company can use the page you opened."
        )
    else:
        sentence = _(
            "You can see claim %(reference)s and comment on it. Only an Incentives admin of your "
            "company can use the page you opened."
        )
    return access.render_forbidden(
        request,
        partner_id=claim.partner_id,
        location_id=claim.location_id,
        sentence=sentence % {"reference": claim.reference},
        back=claim.get_absolute_url(),
        back_words=_("Back to the claim"),
    )
