from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from notifications.kinds import name_kinds

from .enums import MailKind


class PartnersConfig(AppConfig):
    name = "partners"
    verbose_name = _("Partners and people")

    def ready(self):
        from . import (  # noqa: PLC0415 - they hear of sign-ins, and of mails
            addresses,  # noqa: F401
            invitation_listeners,  # noqa: F401
            listeners,  # noqa: F401
            second_factor,  # noqa: F401
        )

        name_kinds(MailKind.choices)
