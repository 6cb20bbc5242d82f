"""The start page: the only partner's dashboard, or a choice of the person's partners."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from partners.access import list_memberships
from partners.models import Membership
from partners.old_addresses import find_wanted_page

from ...claims import visible
from ...lists.board import count_waiting


@require_safe
def home(request) -> HttpResponse:
    """Redirect to the only partner, or list all; admin for staff, an explanation for everyone else.

    ``next`` may hold an old address, which is then offered at each partner.
    """
    wanted = request.GET.get("next", "")
    memberships = list_memberships(request.user)
    if len(memberships) == 1:
        return HttpResponseRedirect(find_wanted_page(wanted, memberships[0].partner))
    if memberships:
        choices = [_describe(request, each, wanted=wanted) for each in memberships]
        is_elsewhere = choices[0]["address"] != memberships[0].partner.get_absolute_url()
        context = {"choices": choices, "is_asked_for_page": is_elsewhere}
        return render(request, "associations/partner_list.html", context)
    if request.user.is_authenticated and request.user.is_staff:
        return redirect("admin:index")
    return render(request, "home.html")


def _describe(request, membership: Membership, *, wanted: str) -> dict:
    claims = visible.claims_visible_to(request.user, membership)
    return {
        "membership": membership,
        "address": find_wanted_page(wanted, membership.partner),
        **count_waiting(claims),
    }
