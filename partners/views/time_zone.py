"""The person's own time zone, for reading instants by, and their use of single keys."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from ..forms.time_zone import TimeZoneForm


@login_required
def time_zone(request: HttpRequest) -> HttpResponse:
    """Show what is chosen; POST keeps something else."""
    form = TimeZoneForm(request.POST if request.method == "POST" else None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("partners:time-zone")
    return render(request, "account/time_zone.html", {"form": form})
