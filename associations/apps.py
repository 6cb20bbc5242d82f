from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from notifications.kinds import name_kinds

from .enums import ClaimEmail


class AssociationsConfig(AppConfig):
    name = "associations"
    verbose_name = _("Claims and associations")

    def ready(self):
        from .customer import listeners  # noqa: F401, PLC0415 - hears *sent* and *failed* of the outbox
        from .usage import listeners as _subscriptions  # noqa: F401, PLC0415 - hears of changed subscriptions

        name_kinds(ClaimEmail.choices)
        post_migrate.connect(load_catalogue_after_migration, sender=self)


def load_catalogue_after_migration(using, **kwargs):
    """A migrated database has the catalogue; once there is nothing to add, this changes nothing."""
    from .filing.catalogue import is_migrated, load_catalogue  # noqa: PLC0415 - the registry must be ready

    if using == "default" and is_migrated():
        load_catalogue()
