"""People: made with a password, deactivated instead of deleted; no hash is ever shown.

Only a superuser hands out what would let somebody pass for staff.
"""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.forms import ModelForm
from django.utils.translation import gettext_lazy as _

from ..models import User

#: What would make its holder, or somebody else, more than a partner's member.
RANK_FIELDS = ("is_staff", "is_superuser", "groups", "user_permissions")


class PersonCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "full_name", "language")
        field_classes: dict = {}


class PersonChangeForm(ModelForm):
    class Meta:
        model = User
        fields = ("email", "full_name", "language")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = PersonChangeForm
    add_form = PersonCreationForm
    change_form_template = "admin/partners/user/change_form.html"
    list_display = ("email", "full_name", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "full_name")
    ordering = ("email",)
    readonly_fields = ("last_login", "date_joined")
    actions = None
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("email", "full_name", "language", "is_active")}),
        (_("Rank"), {"fields": RANK_FIELDS}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "full_name", "language")}),
        (_("Password"), {"fields": ("usable_password", "password1", "password2")}),
    )

    def get_readonly_fields(self, request, obj=None):
        if request.user.is_superuser:
            return self.readonly_fields
        return (*self.readonly_fields, *RANK_FIELDS)

    def has_change_permission(self, request, obj=None):
        """Staff accounts, their passwords among them, are a superuser's affair."""
        if obj is not None and (obj.is_staff or obj.is_superuser) and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False  # history names people: deactivate instead
