"""Addresses from before they named the partner: bookmarks and links in old emails still work [R41].

In ``urls.py``, each names the page that replaced it as ``to``.
"""

from urllib.parse import urlsplit

from django.urls import Resolver404, resolve, reverse

from .models import Partner


def find_wanted_page(wanted: str, partner: Partner) -> str:
    """Return the partner's page that the old address ``wanted`` asks for.

    Anything else leads to the dashboard, never to another site.
    """
    try:
        split = urlsplit(wanted)
        found = resolve(split.path)
    except (ValueError, Resolver404):
        return partner.get_absolute_url()
    if "to" not in found.kwargs:
        return partner.get_absolute_url()
    parts = {name: value for name, value in found.kwargs.items() if name != "to"}
    address = reverse(found.kwargs["to"], kwargs={"partner_key": partner.key, **parts})
    return f"{address}?{split.query}" if split.query else address
