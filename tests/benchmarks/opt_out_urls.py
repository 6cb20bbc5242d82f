"""All addresses of the site, and a page that a Django view renders without a query."""

from django.http import HttpResponse
from django.template import engines
from django.urls import path

from cpor_site.urls import urlpatterns as site_urls

PLAIN_PAGE = engines["django"].from_string(
    """{% load i18n %}<!doctype html>
<html lang="{{ LANGUAGE_CODE }}">
  <head><title>{% translate "Partner of Record" %}</title></head>
  <body><h1>{{ OPERATOR_NAME }}</h1><p>{{ filling }}</p></body>
</html>
"""
)


def show_plain_page(request, filling):
    """One rendering by the site's own middleware, engine and context processors."""
    return HttpResponse(PLAIN_PAGE.render({"filling": "x" * filling}, request))


urlpatterns = [path("plain/<int:filling>/", show_plain_page), *site_urls]
