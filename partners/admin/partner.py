"""Partners with their email domains, locations, enrollments and members (sections 2 and 11).

Staff invite a partner's first admin from its page (``invitation``); the partner's own admins invite everyone
else. No page here removes the last admin [R45]: a person who must be locked out is deactivated in “People”.
"""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cpor_site.web.admin_choices import CarefulChoices
from cpor_site.web.admin_site import StaffAdmin
from cpor_site.web.countries import name_country

from ..audit.access_record import record_membership
from ..enums import AccessKind, Role
from ..forms.place import PlaceForm
from ..models import Enrollment, Location, Membership, Partner, PartnerDomain
from ..people.members import LastAdminError, is_last_admin, lock_partner, revoke_what_reaches_beyond
from ..people.seats import Seat, read_seat
from .inlines import FirstRowsAdmin, FirstRowsInline, PartnerFilter
from .people.invitation import FirstAdminInvitation


class SuperusersAffair(admin.options.BaseModelAdmin):
    """Only superusers set a partner's roles, which is acting in its name; staff invite its first admin."""

    def has_add_permission(self, request, *args):
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser


class PartnerDomainInline(admin.TabularInline):
    model = PartnerDomain
    extra = 1


class LocationInline(FirstRowsInline):
    """Claims and histories refer to a location, so it is never deleted; it ends with its enrollments."""

    model = Location
    form = PlaceForm
    layout = "admin/edit_inline/stacked.html"


class MembershipInline(FirstRowsInline, SuperusersAffair, CarefulChoices):
    model = Membership
    fields = ("user", "role", "has_all_locations")
    autocomplete_fields = ("user",)

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("user", "partner")


class EnrollmentInline(admin.TabularInline):
    model = Enrollment
    fields = ("program", "starts_on", "ends_on")  # named, or the form is built twice to find them
    extra = 1

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("location", "program")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Read the programs once instead of for each row."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "program":
            cast("forms.ModelChoiceField", field).choices = list(cast("Any", field).choices)
        return field


@admin.register(Partner)
class PartnerAdmin(FirstRowsAdmin, FirstAdminInvitation):
    list_display = ("name", "created_at")
    search_fields = ("name", "locations__partner_code", "domains__domain")
    inlines = (PartnerDomainInline, LocationInline, MembershipInline)

    def has_delete_permission(self, request, obj=None):
        return False

    def save_formset(self, request, form, formset, change):
        super().save_formset(request, form, formset, change)
        if formset.model is Membership:
            for member in formset.new_objects:
                record_membership(AccessKind.MEMBER_ADDED, member, user=request.user)


@admin.register(Location)
class LocationAdmin(StaffAdmin):
    form = PlaceForm
    list_display = ("name", "partner_code", "partner", "country_name", "time_zone")
    list_filter = (PartnerFilter,)
    list_select_related = ("partner",)
    search_fields = ("name", "partner_code", "partner__name")
    autocomplete_fields = ("partner",)
    inlines = (EnrollmentInline,)

    @admin.display(description=_("country"), ordering="country")
    def country_name(self, location):
        return name_country(location.country)

    def get_readonly_fields(self, request, obj=None):
        """Fix partner and Partner ID: claims are filed under them, so another ID is another location."""
        return ("partner", "partner_code") if obj else ()

    def has_delete_permission(self, request, obj=None):
        return False


class MembershipForm(forms.ModelForm):
    """A membership whose chosen locations must be the partner's own [R41]."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "locations" in self.fields:
            own = Location.objects.filter(partner=self.instance.partner)
            field = cast("forms.ModelMultipleChoiceField", self.fields["locations"])
            field.queryset = own

    def clean(self):
        """Keep the last admin [R45]; admin saves within the transaction in which this takes the lock."""
        data = super().clean() or self.cleaned_data
        if self.instance.pk and "role" in data:
            lock_partner(self.instance.partner_id)
            fresh = Membership.objects.select_related("user").get(pk=self.instance.pk)
            if is_last_admin(fresh, after=_read_typed(data)):
                raise forms.ValidationError(str(LastAdminError()))
        return data


def _read_typed(data: dict) -> Seat:
    if data.get("has_all_locations"):
        return Seat(Role(data["role"]))
    return Seat(Role(data["role"]), frozenset(each.pk for each in data.get("locations") or ()))


@admin.register(Membership)
class MembershipAdmin(SuperusersAffair, StaffAdmin):
    form = MembershipForm
    list_display = ("user", "partner", "role", "has_all_locations")
    list_filter = ("role", "has_all_locations", PartnerFilter)
    list_select_related = ("user", "partner")
    ordering = ("-pk",)
    search_fields = ("user__email", "user__full_name", "partner__name")
    autocomplete_fields = ("user", "partner")

    def get_fields(self, request, obj=None):
        """Offer locations only once the partner is known."""
        fields = ("user", "partner", "role", "has_all_locations")
        return (*fields, "locations") if obj else fields

    def get_readonly_fields(self, request, obj=None):
        return ("user", "partner") if obj else ()

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "locations":
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_deleted_objects(self, objs, request):
        """Treat a last admin as protected [R45]."""
        to_delete, counts, perms, protected = super().get_deleted_objects(objs, request)
        for member in objs:
            lock_partner(member.partner_id)
            if is_last_admin(member, after=None):
                protected = [*protected, str(LastAdminError())]
        return to_delete, counts, perms, protected

    def delete_model(self, request, obj):
        record_membership(AccessKind.MEMBER_REMOVED, obj, user=request.user)
        super().delete_model(request, obj)
        revoke_what_reaches_beyond(obj.user, obj.partner, None, actor=request.user)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        member = form.instance
        if form.has_changed():
            kind = AccessKind.ROLE_CHANGED if change else AccessKind.MEMBER_ADDED
            record_membership(kind, member, user=request.user)
        seat = read_seat(member)
        revoke_what_reaches_beyond(member.user, member.partner, seat, actor=request.user)
