"""Public addresses, kept stable: links in customers' mails outlive releases."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from associations.views.dashboard import home

from . import health, views

urlpatterns = [
    path("", home, name="home"),
    path("about-cpor/", views.about_cpor, name="about-cpor"),
    path("theme.css", views.theme, name="theme"),
    path("language/", views.choose_language, name="choose-language"),
    # An address is a person's identity here: staff change it, nobody adds one by themselves [R42].
    path("accounts/email/", views.not_here),
    path("accounts/confirm-email/", views.not_here),
    path("accounts/confirm-email/<str:key>/", views.not_here),
    path("accounts/", include("allauth.urls")),
    path("partners/", include("partners.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("associations.urls")),
]

# Without its secret anybody could report a notice as bounced and so stop a customer's clock [R21].
if settings.ANYMAIL.get("WEBHOOK_SECRET"):
    urlpatterns.append(path("hooks/mail/", include("anymail.urls")))

if settings.CPOR_DEMO:
    urlpatterns.insert(0, path("demo/", include("cpor_site.demo.urls")))
