"""The site with the mail services' webhooks, which it has only where their secret is set."""

from django.urls import include, path

from cpor_site.urls import handler429
from cpor_site.urls import urlpatterns as site

__all__ = ["handler429", "urlpatterns"]

urlpatterns = [path("hooks/mail/", include("notifications.urls")), *site]
