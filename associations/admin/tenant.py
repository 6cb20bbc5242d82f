"""Customers, their verified domains and what they bought: what claims are checked against."""

from django.contrib import admin, messages
from django.utils.translation import ngettext

from partners.forms import DomainForm

from .. import customer_requests
from ..models import Subscription, Tenant, TenantDomain


class TenantDomainInline(admin.TabularInline):
    model = TenantDomain
    form = DomainForm
    extra = 1


@admin.register(Tenant)
class TenantAdmin(admin.ModelAdmin):
    list_display = ("name", "tenant_id", "country", "time_zone", "language")
    list_filter = ("language",)
    search_fields = ("name", "tenant_id", "domains__domain")
    inlines = (TenantDomainInline,)
    actions = None
    show_full_result_count = False

    def get_readonly_fields(self, request, obj=None):
        return ("tenant_id",) if obj else ()

    def get_formset_kwargs(self, request, obj, inline, prefix):
        """Fill in the domain that a partner asked for [R58]; only where the page is opened."""
        given = super().get_formset_kwargs(request, obj, inline, prefix)
        domain = request.GET.get("domain", "")
        if domain and request.method == "GET" and isinstance(inline, TenantDomainInline):
            given["initial"] = [{"domain": domain}]
        return given

    def save_related(self, request, form, formsets, change):
        """Answer the partners who asked for the customer, now that its domains are saved [R58]."""
        super().save_related(request, form, formsets, change)
        told = customer_requests.settle_known(actor=request.user)
        if told:
            words = ngettext(
                "%(count)d partner who asked for this customer has been told.",
                "%(count)d partners who asked for this customer have been told.",
                told,
            )
            self.message_user(request, words % {"count": told}, messages.SUCCESS)

    def has_delete_permission(self, request, obj=None):
        """Whom a claim names stays."""
        if obj is None or obj.claims.exists():
            return False
        return super().has_delete_permission(request, obj)


@admin.register(Subscription)
class SubscriptionAdmin(admin.ModelAdmin):
    list_display = (
        *("subscription_id", "tenant", "product", "channel", "state"),
        *("sold_seats", "ends_on"),
    )
    list_filter = ("state", "channel")
    list_select_related = ("tenant", "product")
    search_fields = ("subscription_id", "tenant__name")
    autocomplete_fields = ("tenant", "product")
    ordering = ("-pk",)
    actions = None
    show_full_result_count = False

    def get_readonly_fields(self, request, obj=None):
        """Slots are named by the subscription ID, so what it names stays what was claimed."""
        if obj is None:
            return ()
        fixed = ("subscription_id", "tenant")
        return (*fixed, "product") if obj.associations.exists() else fixed

    def has_delete_permission(self, request, obj=None):
        if obj is None or obj.associations.exists():
            return False
        return super().has_delete_permission(request, obj)
