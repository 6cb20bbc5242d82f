"""Public addresses, kept stable: links in customers' emails outlive releases."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from associations.views.lists.home import home
from partners.views.sign_in import SessionsView

from . import health, views
from .web import limits, link_tokens, outages

urlpatterns = [
    path("", home, name="home"),
    path("about-cpor/", views.about_cpor, name="about-cpor"),
    path("theme.css", views.theme, name="theme"),
    path("language/", views.choose_language, name="choose-language"),
    # An email address is a person's identity here: staff change it, people cannot add one [R42].
    path("accounts/email/", views.not_here),
    # No account is linked to one at a provider: each sign-in is matched by its address [R44].
    path("accounts/3rdparty/", views.not_here),
    path("accounts/3rdparty/signup/", views.not_here),
    path("accounts/sessions/", SessionsView.as_view(), name="usersessions_list"),
    *link_tokens.allauth_links,
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("statusz", health.statusz, name="statusz"),
    path("", include("partners.urls")),
    path("", include("associations.urls")),
]

handler429 = limits.too_many_requests
handler500 = outages.answer_fault

# Without its secret anyone could report a notice as bounced and so stop a review period [R21].
if settings.ANYMAIL.get("WEBHOOK_SECRET"):
    urlpatterns.append(path("hooks/mail/", include("notifications.urls")))

if settings.CPOR_DEMO:
    urlpatterns.insert(0, path("demo/", include("cpor_site.demo.urls")))
