from django.apps import AppConfig


class CporSiteConfig(AppConfig):
    name = "cpor_site"

    def ready(self):
        from . import checks, logs  # noqa: PLC0415 - the registry must be ready
        from .web import client_address  # noqa: F401, PLC0415 - the registry must be ready

        logs.configure()
        checks.register_all()
