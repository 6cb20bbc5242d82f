"""People: created with a password, deactivated instead of deleted; no hash is ever shown.

Only a superuser can grant what would let someone act as staff or as a partner's person.
"""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.forms import ModelForm
from django.utils.translation import gettext_lazy as _

from cpor_site.web.admin_site import StaffAdmin

from ...enums import Role
from ...models import User
from .groups import GroupField, GroupFilter

#: What would give its holder, or another person, more than a partner's member has.
RANK_FIELDS = ("is_staff", "is_superuser", "groups", "user_permissions")


class PersonCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "full_name", "language")


class PersonChangeForm(ModelForm):
    class Meta:
        model = User
        fields = ("email", "full_name", "language")


@admin.register(User)
class UserAdmin(StaffAdmin, DjangoUserAdmin):
    form = PersonChangeForm
    add_form = PersonCreationForm
    change_form_template = "admin/partners/user/change_form.html"
    list_display = ("email", "full_name", "is_staff", "is_active", "last_login")
    list_filter = ("is_staff", "is_active", ("groups", GroupFilter))
    search_fields = ("email", "full_name")
    ordering = ("email",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "full_name", "language", "is_active")}),
        (_("Rank"), {"fields": RANK_FIELDS}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "full_name", "language")}),
        (_("Password"), {"fields": ("usable_password", "password1", "password2")}),
    )

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "groups":
            kwargs["form_class"] = GroupField
        if db_field.name == "user_permissions":  # each displays its model
            kwargs["queryset"] = Permission.objects.select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_object(self, request, object_id, from_field=None):
        """Return the person with their permissions, each of which displays its model, even when read-only."""
        person = super().get_object(request, object_id, from_field)
        if person is not None:
            prefetch_related_objects([person], "user_permissions__content_type", "groups")
        return person

    def get_readonly_fields(self, request, obj=None):
        """Make read-only what would let one person act as another.

        Redirecting an address to one's own mailbox would; so would locking out a partner's admins and then
        inviting a first one [R45].
        """
        if request.user.is_superuser:
            return self.readonly_fields
        admin_of = obj and obj.memberships.filter(role=Role.INCENTIVES_ADMIN)
        shut = ("is_active",) if admin_of and admin_of.exists() else ()
        return (*self.readonly_fields, *RANK_FIELDS, *(("email",) if obj else ()), *shut)

    def user_change_password(self, request, id, form_url=""):  # noqa: A002 - Django's name
        """Only for superusers: people set their passwords by email, so that no one else knows them."""
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def has_change_permission(self, request, obj=None):
        """Only superusers change staff accounts and their passwords."""
        if obj is not None and (obj.is_staff or obj.is_superuser) and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return False  # history refers to people: deactivate instead
