from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Email")

    def ready(self):
        from . import bounces  # noqa: PLC0415 - models must be ready before it looks for rows

        bounces.connect()
