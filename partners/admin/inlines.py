"""What a partner's page shows of its locations and members: the first ones, and a link to the rest."""

from django.contrib import admin
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cpor_site.web.admin_site import StaffAdmin

from ..models import Partner

#: A partner can have thousands of members, and each row of a form costs time.
ROWS_SHOWN = 20


class FirstRowsInline(admin.TabularInline):
    """For adding rows. Of the existing ones, up to ROWS_SHOWN are shown; each has its own page."""

    template = "admin/partners/first_rows_inline.html"
    layout = "admin/edit_inline/tabular.html"
    extra = 0
    show_change_link = True
    #: The address that lists all rows, if some are left out here.
    list_url = ""

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def find_first_rows(self, request, partner: Partner) -> QuerySet:
        """Return the rows to show, and note whether there are more."""
        rows = self.get_queryset(request)
        own = rows.filter(partner=partner).order_by("pk").values_list("pk", flat=True)
        first = list(own[: ROWS_SHOWN + 1])
        if len(first) > ROWS_SHOWN:
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
            self.list_url = f"{reverse(name)}?partner={partner.pk}"
        return rows.filter(pk__in=first[:ROWS_SHOWN]).order_by("pk")


class FirstRowsAdmin(StaffAdmin):
    """An admin page with such inlines."""

    def get_formset_kwargs(self, request, obj, inline, prefix):
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, FirstRowsInline) and obj.pk:
            kwargs["queryset"] = inline.find_first_rows(request, obj)
        return kwargs


class PartnerFilter(admin.SimpleListFilter):
    """Filters by the partner whose page links here. Offers no choices: there are too many partners."""

    title, parameter_name = _("partner"), "partner"

    def lookups(self, request, model_admin):
        chosen = self.value() or ""
        is_number = chosen.isascii() and chosen.isdecimal() and len(chosen) <= 18  # noqa: PLR2004 - fits 64 bits
        return Partner.objects.filter(pk=chosen).values_list("pk", "name") if is_number else ()

    def queryset(self, request, queryset):
        return queryset.filter(partner=self.value()) if self.lookup_choices else queryset
