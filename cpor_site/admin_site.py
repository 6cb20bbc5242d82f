"""Django admin as the staff's room: our title, our sign-in, our security headers."""

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class CporAdminConfig(AdminConfig):
    default_site = "cpor_site.admin_site.CporAdminSite"


class CporAdminSite(admin.AdminSite):
    index_title = _("Work for staff")
    enable_nav_sidebar = True

    @property
    def site_header(self):
        return _("%(operator)s – Partner of Record") % {"operator": settings.OPERATOR_NAME}

    @property
    def site_title(self):
        return self.site_header
