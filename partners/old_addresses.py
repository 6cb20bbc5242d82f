"""Addresses from before they named the partner: bookmarks, and links in emails, still lead there [R41].

``urls.py`` has them with the name of today's page, ``to``, beside their view.
"""

from urllib.parse import urlsplit

from django.urls import Resolver404, resolve, reverse

from .models import Partner


def find_wanted_page(wanted: str, partner: Partner) -> str:
    """Return the page of the partner's that the old address ``wanted`` asks for.

    Anything else than such an address leads to the dashboard, and never to another site.
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
