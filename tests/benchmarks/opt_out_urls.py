"""All addresses of the site, and two pages that a Django view renders without a query."""

from django.http import HttpResponse
from django.template import engines
from django.urls import path

from cpor_site.urls import urlpatterns as site_urls

#: An ordinary page of this site: its frame, and words.
FRAMED_PAGE = engines["django"].from_string(
    """{% extends "customer_base.html" %}
{% block content %}<h1>{{ OPERATOR_NAME }}</h1><p>{{ filling }}</p>{% endblock %}
"""
)
#: The least that can be called a page; says how much of the rest is the frame's.
BARE_PAGE = engines["django"].from_string(
    """{% load i18n %}<!doctype html>
<html lang="{{ LANGUAGE_CODE }}">
  <head><title>{% translate "Partner of Record" %}</title></head>
  <body><h1>{{ OPERATOR_NAME }}</h1><p>{{ filling }}</p></body>
</html>
"""
)


def show_plain_page(request, filling, template):
    """One rendering by the site's own middleware, engine and context processors."""
    return HttpResponse(template.render({"filling": "x" * filling}, request))


urlpatterns = [
    path("framed/<int:filling>/", show_plain_page, {"template": FRAMED_PAGE}),
    path("bare/<int:filling>/", show_plain_page, {"template": BARE_PAGE}),
    *site_urls,
]
