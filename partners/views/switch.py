"""Switching between one's partners [R41]."""

import re

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from cpor_site.web.way_back import read_way_back

from ..current import for_any_partner, switch_partner


@for_any_partner
@login_required
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Work for another of one's partners, then open ``next`` [R41].

    A partner that is not the person's is not there [R43].
    """
    wanted = request.POST.get("partner", "")
    if not re.fullmatch(r"[0-9]{1,18}", wanted) or not switch_partner(request, int(wanted)):
        raise Http404
    return HttpResponseRedirect(read_way_back(request, otherwise=reverse("home")))


urlpatterns = [path("switch/", switch, name="switch")]
