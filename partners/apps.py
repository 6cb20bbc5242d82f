from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from notifications.kinds import name_kinds

from .enums import MailKind


class PartnersConfig(AppConfig):
    name = "partners"
    verbose_name = _("Partners and people")

    def ready(self):

        name_kinds(MailKind.choices)
