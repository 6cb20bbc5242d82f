"""Asking, from a draft, for a customer whom the operator does not know [R58]."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ..claims.lifecycle import LifecycleError
from ..filing import customer_requests
from ..filing.customer_requests import CustomerIsKnown
from ..forms.customer_request import CustomerRequestForm
from ..models import Claim
from .access import claim_action
from .actions import turn_away


@require_http_methods(["GET", "HEAD", "POST"])
@claim_action("ask_for_customer")
def ask(request: HttpRequest, claim: Claim) -> HttpResponse:
    """Show the customer as the draft names it; ask the operator to add it."""
    if not claim.is_draft:
        return turn_away(request, claim)
    if request.method != "POST":
        return _show(request, claim, CustomerRequestForm(initial=_read_draft(claim)))
    form = CustomerRequestForm(request.POST)
    if not form.is_valid():
        return _show(request, claim, form, status=400)
    return _ask(request, claim, form)


def _ask(request: HttpRequest, claim: Claim, form: CustomerRequestForm) -> HttpResponse:
    data = form.cleaned_data
    try:
        asked = customer_requests.ask_for_customer(
            claim,
            actor=request.user,
            organisation=data["organisation"],
            domain=data["customer_domain"],
            tenant_id=data["tenant_id"],
            note=data["note"],
        )
    except CustomerIsKnown as error:
        messages.info(request, str(error))
        return redirect("associations:claim-page", claim.reference, "customer")
    except LifecycleError as error:
        return _show(request, claim, form, status=409, conflict=str(error), is_open=True)
    messages.success(
        request,
        _("We will check %(organisation)s and email you. Your draft waits; you can leave it.")
        % {"organisation": asked.organisation},
    )
    return redirect(claim)


def _read_draft(claim: Claim) -> dict:
    """The customer as the open request names it, else as it was typed on the first page."""
    if asked := customer_requests.find_open(claim):
        names = ("organisation", "tenant_id", "note")
        return {"customer_domain": asked.domain, **{name: getattr(asked, name) for name in names}}
    typed = claim.typed.get("customer", {})
    return {name: (typed.get(name) or [""])[0] for name in ("customer_domain", "tenant_id")}


def _show(request, claim, form, *, status: int = 200, **more) -> HttpResponse:
    context = {"claim": claim, "form": form, **more}
    return render(request, "associations/customer_request.html", context, status=status)
