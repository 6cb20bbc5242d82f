from django.apps import AppConfig


class CporSiteConfig(AppConfig):
    name = "cpor_site"

    def ready(self):
        from . import checks, client_address, logs  # noqa: F401, PLC0415 - the registry must be ready

        logs.configure()
        checks.register_all()
