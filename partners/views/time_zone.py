"""The person's own time zone, for reading instants by."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ..forms.time_zone import TimeZoneForm


@login_required
def time_zone(request: HttpRequest) -> HttpResponse:
    """Show the chosen zone; POST keeps another one."""
    form = TimeZoneForm(request.POST if request.method == "POST" else None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your time zone is saved."))
        return redirect("partners:time-zone")
    return render(request, "account/time_zone.html", {"form": form})
