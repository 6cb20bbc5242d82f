"""Partners with their mail domains, locations, enrollments and members (sections 2 and 11).

People are made in “People” and then made members here; inviting by mail is the partner's work.
"""

from typing import cast

from django import forms
from django.contrib import admin

from ..forms import DomainForm
from ..models import Enrollment, Location, Membership, Partner, PartnerDomain


class PartnerDomainInline(admin.TabularInline):
    model = PartnerDomain
    form = DomainForm
    extra = 1


class LocationInline(admin.TabularInline):
    model = Location
    extra = 0
    show_change_link = True

    def has_change_permission(self, request, obj=None):
        return False  # new ones here; what is there has a page of its own, with its enrollments

    def has_delete_permission(self, request, obj=None):
        return False  # claims and histories name it; a location ends with its enrollments


class MembershipInline(admin.TabularInline):
    model = Membership
    fields = ("user", "role", "has_all_locations")
    autocomplete_fields = ("user",)
    extra = 0
    show_change_link = True


class EnrollmentInline(admin.TabularInline):
    model = Enrollment
    extra = 1


@admin.register(Partner)
class PartnerAdmin(admin.ModelAdmin):
    list_display = ("name", "created_at")
    search_fields = ("name", "locations__partner_code", "domains__domain")
    inlines = (PartnerDomainInline, LocationInline, MembershipInline)
    actions = None
    show_full_result_count = False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Location)
class LocationAdmin(admin.ModelAdmin):
    list_display = ("name", "partner_code", "partner", "country", "time_zone")
    list_select_related = ("partner",)
    search_fields = ("name", "partner_code", "partner__name")
    autocomplete_fields = ("partner",)
    inlines = (EnrollmentInline,)
    actions = None
    show_full_result_count = False

    def get_readonly_fields(self, request, obj=None):
        """Claims are filed under partner and Partner ID: another one is another location."""
        return ("partner", "partner_code") if obj else ()

    def has_delete_permission(self, request, obj=None):
        return False


class MembershipForm(forms.ModelForm):
    """The chosen locations are some of the partner's own [R41]."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "locations" in self.fields:
            own = Location.objects.filter(partner=self.instance.partner)
            field = cast("forms.ModelMultipleChoiceField", self.fields["locations"])
            field.queryset = own


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    form = MembershipForm
    list_display = ("user", "partner", "role", "has_all_locations")
    list_filter = ("role", "has_all_locations")
    list_select_related = ("user", "partner")
    search_fields = ("user__email", "user__full_name", "partner__name")
    autocomplete_fields = ("user", "partner")
    actions = None
    show_full_result_count = False

    def get_fields(self, request, obj=None):
        """Locations can be chosen once it is known whose they are."""
        fields = ("user", "partner", "role", "has_all_locations")
        return (*fields, "locations") if obj else fields

    def get_readonly_fields(self, request, obj=None):
        return ("user", "partner") if obj else ()

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "locations":
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)
