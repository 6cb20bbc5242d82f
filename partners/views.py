import re

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from .current import switch_partner


@login_required
@require_POST
def switch(request):
    """Work for another of one's partners [R41]; one that is not the person's is not there [R43]."""
    wanted = request.POST.get("partner", "")
    if not re.fullmatch(r"[0-9]{1,18}", wanted) or not switch_partner(request, int(wanted)):
        raise Http404
    return redirect("home")
