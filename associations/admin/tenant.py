"""Customers, their verified domains and what they bought: what claims are checked against."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cpor_site.countries import name_country
from partners.forms import DomainForm, PlaceForm

from ..models import Subscription, Tenant, TenantDomain


class TenantDomainInline(admin.TabularInline):
    model = TenantDomain
    form = DomainForm
    extra = 1


@admin.register(Tenant)
class TenantAdmin(admin.ModelAdmin):
    form = PlaceForm
    list_display = ("name", "tenant_id", "country_name", "time_zone", "language")
    list_filter = ("language",)
    search_fields = ("name", "tenant_id", "domains__domain")
    inlines = (TenantDomainInline,)
    actions = None
    show_full_result_count = False

    @admin.display(description=_("country"), ordering="country")
    def country_name(self, tenant):
        return name_country(tenant.country)

    def get_readonly_fields(self, request, obj=None):
        return ("tenant_id",) if obj else ()

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
