"""The search of the header: at one partner, or at all of the person's partners [R41], [R46]."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cpor_site.web.addresses import read_search
from partners.access import list_memberships, member_of_partner
from partners.models import Membership

from ...claims.visible import claims_visible_to
from ...lists import anywhere

TERM_MAX = 100


@never_cache
@member_of_partner
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what is found at the page's partner; an exact reference leads to its claim."""
    return _respond(request, [request.membership])  # type: ignore[attr-defined]  # member_of_partner


@never_cache
@login_required
@require_safe
def search_all(request: HttpRequest) -> HttpResponse:
    """Show what is found at each of the person's partners, from a page that belongs to none."""
    memberships = list_memberships(request.user)
    if not memberships:
        raise Http404
    return _respond(request, memberships)


def _respond(request: HttpRequest, memberships: list[Membership]) -> HttpResponse:
    term = read_search(request.GET.get("q", ""))[:TERM_MAX]
    reaches = [(each, claims_visible_to(request.user, each)) for each in memberships]
    results = []
    for membership, reach in reaches if term else ():
        if claim := anywhere.find_exact(term, reach):
            return redirect(claim)
        results.append(anywhere.find_anywhere(term, reach, membership=membership))
    context = {
        "search_term": term,
        "results": [each for each in results if not each.is_empty],
        "is_of_many": len(memberships) > 1,
    }
    return render(request, "associations/search.html", context)
