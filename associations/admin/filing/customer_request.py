"""Customers that partners ask for [R58]: add them, prefilled, or decline with a reason."""

from collections.abc import Callable
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cpor_site.web.admin_site import ReadOnlyAdmin

from ...enums import CustomerRequestState
from ...filing.customer_requests import decline_request
from ...forms.one_act import OneAct
from ...models import CustomerRequest, Tenant, TenantDomain


class DeclineForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("Message to the partner"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Say why, and what the partner can do. We'll email this to them."),
        error_messages={"required": gettext_lazy("Tell the partner why.")},
    )


class Decline(OneAct):
    """Decline a request with a reason; ``show`` of its admin renders the page."""

    def __init__(self, request: HttpRequest, asked: CustomerRequest, *, show: Callable):
        self.request, self.asked, self._show = request, asked, show

    def make_form(self, data=None) -> DeclineForm:
        return DeclineForm(data, label_suffix="")

    def act(self, form: DeclineForm) -> CustomerRequest:
        words = form.cleaned_data["words"]
        return decline_request(self.asked, actor=self.request.user, words=words, now=timezone.now())

    def reload(self) -> None:
        self.asked.refresh_from_db()

    def is_repeated(self, form: DeclineForm) -> bool:
        answered = (self.asked.state, self.asked.answered_by_id, self.asked.answer)
        words = form.cleaned_data["words"]
        return answered == (CustomerRequestState.DECLINED, self.request.user.pk, words)

    def show(self, form, *, status: int = 200, conflict: str = "", **more) -> HttpResponse:
        if conflict:
            form.add_error(None, conflict)
        return self._show(self.request, self.asked, form, status=status)

    def finish(self, form, done: CustomerRequest) -> HttpResponse:
        messages.success(self.request, _("Declined. The partner has been told why."))
        return self.lead_back()

    def lead_back(self) -> HttpResponse:
        return redirect("admin:associations_customerrequest_change", self.asked.pk)


@admin.register(CustomerRequest)
class CustomerRequestAdmin(ReadOnlyAdmin):
    change_form_template = "admin/associations/customerrequest/change_form.html"
    list_display = ("organisation", "domain", "tenant_id", "partner", "state", "asked_at")
    list_filter = ("state",)
    list_select_related = ("partner",)
    search_fields = ("organisation", "domain", "partner__name")
    fields = readonly_fields = (
        *("organisation", "domain", "tenant_id", "note", "partner", "asked_by", "asked_at"),
        *("state", "answered_by", "answered_at", "answer"),
    )

    def get_urls(self):
        decline = path(
            "<int:pk>/decline/",
            self.admin_site.admin_view(self.decline_view),
            name="associations_customerrequest_decline",
        )
        return [decline, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        asked = self.get_object(request, object_id)
        extra = {"may_answer": False}
        if asked is not None and asked.is_open and _may_answer(request):
            extra = {"may_answer": True, **_find_known(asked)}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})

    def decline_view(self, request, pk: int) -> HttpResponse:
        """Ask for the reason, then decline."""
        if not _may_answer(request) or not self.has_view_permission(request):
            raise PermissionDenied
        asked = get_object_or_404(CustomerRequest, pk=pk)
        act = Decline(request, asked, show=self._show)
        return act.take() if request.method == "POST" else act.show(act.make_form())

    def _show(self, request, asked: CustomerRequest, form, *, status: int = 200):
        title = _("Decline %(organisation)s") % {"organisation": asked.organisation}
        template = "admin/associations/customerrequest/decline.html"
        return self.render_page(
            request, template, title=title, subject=asked, form=form, status=status
        )


def _may_answer(request) -> bool:
    return request.user.has_perm("associations.answer_customerrequest")


def _find_known(asked: CustomerRequest) -> dict:
    """Return who already has the Tenant ID or the domain, and where to add the customer, prefilled."""
    by_id = Tenant.objects.filter(tenant_id=asked.tenant_id).first()
    by_domain = TenantDomain.objects.filter(domain=asked.domain).select_related("tenant").first()
    values = {"domain": asked.domain}
    if by_id is None:
        address = reverse("admin:associations_tenant_add")
        values |= {"name": asked.organisation, "tenant_id": str(asked.tenant_id)}
    else:
        address = reverse("admin:associations_tenant_change", args=[by_id.pk])
    return {
        "known_tenant": by_id,
        "known_domain": by_domain,
        "add_url": f"{address}?{urlencode(values)}",
    }
