"""Sign-in in admin: pages that packages register and that would show secrets are removed.

A person who has lost phone and recovery codes gets back in once their second factors are deleted here; the
next sign-in asks only for the password, and staff immediately set up a new factor.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cpor_site.web.admin_site import ReadOnlyAdmin

from ..models import SecondFactor

for _model in (Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession):
    admin.site.unregister(_model)


@admin.register(SecondFactor)
class SecondFactorAdmin(ReadOnlyAdmin):
    """Owner, kind and date, never the secret. Superusers can delete; no one can edit."""

    list_display = ("person", "kind", "added", "last_used")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__full_name")
    fields = list_display
    ordering = ("user__email", "type")

    @admin.display(description=_("person"), ordering="user__email")
    def person(self, factor):
        return factor.user.email

    @admin.display(description=_("kind"), ordering="type")
    def kind(self, factor):
        return factor.kind

    @admin.display(description=_("added"), ordering="created_at")
    def added(self, factor):
        return factor.created_at

    @admin.display(description=_("last used"), ordering="last_used_at")
    def last_used(self, factor):
        return factor.last_used_at

    def has_module_permission(self, request):
        return request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser
