"""Programs and who is enrolled in them (section 2). Codes cannot be changed once created."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cpor_site.web.admin_site import StaffAdmin

from ..models import Enrollment, Program


@admin.register(Program)
class ProgramAdmin(StaffAdmin):
    """Programs are deactivated, never deleted: rules and claims refer to them by code."""

    is_short_list = True
    list_display = ("name", "code", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "code")

    def get_readonly_fields(self, request, obj=None):
        return ("code",) if obj else ()

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Enrollment)
class EnrollmentAdmin(StaffAdmin):
    list_display = ("location", "partner", "program", "starts_on", "ends_on")
    list_filter = ("program",)
    list_select_related = ("location__partner", "program")
    search_fields = ("location__name", "location__partner_code", "location__partner__name")
    autocomplete_fields = ("location",)
    ordering = ("-pk",)

    @admin.display(description=_("partner"))
    def partner(self, enrollment):
        return enrollment.location.partner
