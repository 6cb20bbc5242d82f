"""Customers, their verified domains and subscriptions, against which claims are checked."""

from django.contrib import admin, messages
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cpor_site.web.admin_site import StaffAdmin
from cpor_site.web.countries import name_country
from partners.forms.place import PlaceForm

from ...claims import staff_notes
from ...filing import customer_requests
from ...models import RegisteredContact, Subscription, Tenant, TenantDomain


class TenantDomainInline(admin.TabularInline):
    model = TenantDomain
    extra = 1


@admin.register(Tenant)
class TenantAdmin(StaffAdmin):
    form = PlaceForm
    list_display = ("name", "tenant_id", "country_name", "time_zone", "language")
    list_filter = ("language",)
    search_fields = ("name", "tenant_id", "domains__domain")
    inlines = (TenantDomainInline,)

    @admin.display(description=_("country"), ordering="country")
    def country_name(self, tenant):
        return name_country(tenant.country)

    def get_readonly_fields(self, request, obj=None):
        return ("tenant_id", "registered_contacts") if obj else ()

    @admin.display(description=_("registered contacts"))
    def registered_contacts(self, tenant):
        """List the people who speak for the customer, each with a link to their page [R57]."""
        context = {"tenant": tenant, "contacts": tenant.registered_contacts.all()}
        return render_to_string("admin/associations/tenant/registered_contacts.html", context)

    def get_formset_kwargs(self, request, obj, inline, prefix):
        """Fill in the domain that a partner requested [R58], only when the page is opened."""
        given = super().get_formset_kwargs(request, obj, inline, prefix)
        domain = request.GET.get("domain", "")
        if domain and request.method == "GET" and isinstance(inline, TenantDomainInline):
            given["initial"] = [{"domain": domain}]
        return given

    def save_related(self, request, form, formsets, change):
        """Answer the partners who requested the customer, once its domains are saved [R58]."""
        super().save_related(request, form, formsets, change)
        told = customer_requests.settle_known(actor=request.user, now=timezone.now())
        if told:
            words = ngettext(
                "%(count)d partner who requested this customer has been notified.",
                "%(count)d partners who requested this customer have been notified.",
                told,
            )
            self.message_user(request, words % {"count": told}, messages.SUCCESS)

    def has_delete_permission(self, request, obj=None):
        """Refuse to delete a customer that a claim names."""
        if obj is None or obj.claims.exists():
            return False
        return super().has_delete_permission(request, obj)


@admin.register(Subscription)
class SubscriptionAdmin(StaffAdmin):
    list_display = (
        *("subscription_id", "tenant", "product", "channel", "state"),
        *("sold_seats", "ends_on"),
    )
    list_filter = ("state", "channel")
    list_select_related = ("tenant", "product")
    search_fields = ("subscription_id", "tenant__name")
    autocomplete_fields = ("tenant", "product")
    ordering = ("-pk",)

    def get_readonly_fields(self, request, obj=None):
        """Keep the subscription ID: slots are named by it, so it must stay what was claimed."""
        if obj is None:
            return ()
        fixed = ("subscription_id", "tenant")
        return (*fixed, "product") if obj.associations.exists() else fixed

    def has_delete_permission(self, request, obj=None):
        if obj is None or obj.associations.exists():
            return False
        return super().has_delete_permission(request, obj)


@admin.register(RegisteredContact)
class RegisteredContactAdmin(StaffAdmin):
    """The people who speak for customers: every notice also goes to one of them [R57]."""

    fields = ("tenant", "name", "title", "email", "language", "is_undelivered")
    list_display = ("name", "email", "tenant", "language", "is_undelivered")
    list_filter = ("is_undelivered", "language")
    list_select_related = ("tenant",)
    search_fields = ("name", "email", "tenant__name", "tenant__domains__domain")
    autocomplete_fields = ("tenant",)
    ordering = ("-pk",)

    def get_readonly_fields(self, request, obj=None):
        return ("tenant", "is_undelivered") if obj else ("is_undelivered",)

    def save_model(self, request, obj, form, change):
        """Clear the bounce of an address that was changed."""
        if change and "email" in form.changed_data:
            obj.is_undelivered = False
            staff_notes.settle_bounce(obj.tenant_id, form.initial["email"])
        super().save_model(request, obj, form, change)

    def delete_model(self, request, obj):
        staff_notes.settle_bounce(obj.tenant_id, obj.email)
        super().delete_model(request, obj)
