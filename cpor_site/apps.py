from django.apps import AppConfig


class CporSiteConfig(AppConfig):
    name = "cpor_site"

    def ready(self):
        # They register themselves, and need the registry.
        from . import checks, email_checks, logs  # noqa: F401, PLC0415
        from .web import client_address  # noqa: F401, PLC0415

        logs.configure()
