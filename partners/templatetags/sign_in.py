"""Template tags for the pages about sign-in."""

import json
import re

from django import template
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

register = template.Library()

#: Browsers' own names; the first match counts, since most also name others.
BROWSERS = (
    *(("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet")),
    *(("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("Chrom", "Chrome"), ("CriOS", "Chrome")),
    ("Safari", "Safari"),
)
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


@register.filter
def as_json(value) -> str:
    """Return JSON for a data attribute: the security policy allows no inline script, not even for data."""
    return json.dumps(value, cls=DjangoJSONEncoder)


@register.filter
def browser_name(user_agent: str) -> str:
    """Return the browser in short, such as “Firefox, Windows”."""
    parts = [
        next((name for sign, name in known if re.search(sign, user_agent)), "")
        for known in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, parts)) or _("Unknown browser")


@register.simple_tag
def single_sign_on_name() -> str:
    """Return the name on the OpenID provider's button; empty without OIDC_*, so that there is no button."""
    app = settings.SOCIALACCOUNT_PROVIDERS.get("oidc", {}).get("APP", {})
    return app.get("name", "")
