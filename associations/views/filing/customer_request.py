"""The page that asks, from a draft, for a customer that the operator does not know [R58]."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from ...claims.lifecycle import LifecycleError
from ...filing import customer_requests
from ...filing.customer_requests import CustomerIsKnown
from ...forms.filing.customer_request import CustomerRequestForm
from ...models import CustomerRequest
from ..act_page import ActPage


class AskForCustomer(ActPage):
    """Show the customer as named in the draft, and ask the operator to add it."""

    action = "ask_for_customer"
    form = CustomerRequestForm
    template = "associations/customer_request.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.turn_away() or self.take()

    def read_initial(self) -> dict[str, Any]:
        """Return the customer as in the open request, else as typed on the first page."""
        if asked := customer_requests.find_open(self.claim):
            names = ("organisation", "tenant_id", "note")
            return {
                "customer_domain": asked.domain,
                **{each: getattr(asked, each) for each in names},
            }
        typed = self.claim.typed.get("customer", {})
        return {name: (typed.get(name) or [""])[0] for name in ("customer_domain", "tenant_id")}

    def act(self, form: CustomerRequestForm) -> CustomerRequest:
        data = dict(form.cleaned_data)
        domain = data.pop("customer_domain")
        return customer_requests.ask_for_customer(
            self.claim, actor=self.request.user, domain=domain, **data, now=timezone.now()
        )

    def refuse(self, form, error: LifecycleError) -> HttpResponse:
        if isinstance(error, CustomerIsKnown):
            messages.info(self.request, str(error))
            return redirect("associations:claim-page", self.claim.reference, "customer")
        return super().refuse(form, error)

    def finish(self, form, done: CustomerRequest) -> HttpResponse:
        words = _(
            "We'll check %(organisation)s and email you. Your draft is saved; you can come back to "
            "it later."
        )
        messages.success(self.request, words % {"organisation": done.organisation})
        return self.lead_back()


ask = AskForCustomer.as_page()
