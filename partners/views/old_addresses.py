"""What answers at addresses from before they named the partner [R41]."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from cpor_site.web.kept_form import keep_form

from ..access import list_memberships
from ..old_addresses import find_wanted_page

NOT_ALLOWED = 405


@login_required
def lead_to_partner(request: HttpRequest, *, to: str, **parts) -> HttpResponse:
    """Redirect to the page ``to`` of the person's only partner, with its ``parts`` and the query.

    A person of several partners gets the list of them, which offers the page at each. A form that
    was opened at such an address does nothing, and its words are shown.
    """
    if request.method not in ("GET", "HEAD"):
        kept = keep_form(request) if request.method == "POST" else None
        response = render(request, "partners/moved.html", {"kept": kept}, status=NOT_ALLOWED)
        response.headers["Allow"] = "GET, HEAD"
        return response
    wanted = request.get_full_path()
    memberships = list_memberships(request.user)
    if len(memberships) == 1:
        return HttpResponseRedirect(find_wanted_page(wanted, memberships[0].partner))
    return HttpResponseRedirect(f"{reverse('home')}?{urlencode({'next': wanted})}")
