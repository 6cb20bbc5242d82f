"""Django admin as the staff's room: our title, our sign-in, our security headers."""

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _


class CporAdminConfig(AdminConfig):
    default_site = "cpor_site.admin_site.CporAdminSite"


class CporAdminSite(admin.AdminSite):
    index_title = _("Work for staff")
    enable_nav_sidebar = True

    @property
    def site_header(self):  # type: ignore[override]  # nobody sets it; the setting is read late
        return _("%(operator)s – Partner of Record") % {"operator": settings.OPERATOR_NAME}

    @property
    def site_title(self):  # type: ignore[override]  # nobody sets it; the setting is read late
        return self.site_header

    def login(self, request, extra_context=None):
        """Send people to the one sign-in page; who is signed in but no staff is refused (403).

        Django's own form is not read either: it asks for no second factor and counts no attempts.
        """
        # Not at the top: applications are still being loaded when this module is read.
        from allauth.account.decorators import secure_admin_login  # noqa: PLC0415

        return secure_admin_login(lambda _request: redirect("admin:index"))(request)

    def password_change(self, request, extra_context=None):
        """Lead to the one page for it, which tells the person by mail [R44]."""
        return redirect("account_change_password")

    def password_change_done(self, request, extra_context=None):
        """Nothing leads here any more; an old bookmark is not to end in an error."""
        return redirect("admin:index")

    def logout(self, request, extra_context=None):
        """Sign out everywhere, and back to the one sign-in page."""
        from django.contrib.auth.views import LogoutView  # noqa: PLC0415 - as above

        return LogoutView.as_view(next_page="account_login")(request)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Records of what happened: looked at and acted on, never written by hand."""

    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
