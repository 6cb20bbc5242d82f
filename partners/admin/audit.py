"""The access record of all partners, read-only [R40]."""

from django.contrib import admin

from cpor_site.web.admin_site import ReadOnlyAdmin

from ..models import AccessRecord


@admin.register(AccessRecord)
class AccessRecordAdmin(ReadOnlyAdmin):
    list_display = ("at", "user", "kind", "partner", "subject", "role", "scope")
    list_filter = ("kind",)
    list_select_related = ("user", "partner")
    search_fields = ("user__email", "user__full_name", "partner__name", "subject")
    ordering = ("-pk",)
    fields = ("at", "user", "kind", "partner", "location", "subject", "about", "role", "scope")
