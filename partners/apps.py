from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from notifications.kinds import name_kinds

from .enums import AccountEmail


class PartnersConfig(AppConfig):
    name = "partners"
    verbose_name = _("Partners and people")

    def ready(self):
        # They listen for sign-ins and emails.
        from .audit import listeners  # noqa: F401, PLC0415
        from .people import invitation_listeners  # noqa: F401, PLC0415
        from .sign_in import addresses, second_factor  # noqa: F401, PLC0415

        name_kinds(AccountEmail.choices)
