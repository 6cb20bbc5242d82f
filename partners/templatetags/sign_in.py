"""What the pages about sign-in print."""

import json
import re

from django import template
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

register = template.Library()

#: As browsers call themselves; the first that fits, for most name others along.
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
    """For a data attribute: the security policy allows no inline script, not even one that only tells."""
    return json.dumps(value, cls=DjangoJSONEncoder)


@register.filter
def browser_name(user_agent: str) -> str:
    """“Firefox, Windows”; whoever wants to know exactly reads the rest beside it."""
    parts = [
        next((name for sign, name in known if re.search(sign, user_agent)), "")
        for known in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, parts)) or _("Unknown browser")


@register.simple_tag
def single_sign_on_name() -> str:
    """What the button of the OpenID provider says; empty, so that there is none, without OIDC_*."""
    app = settings.SOCIALACCOUNT_PROVIDERS.get("oidc", {}).get("APP", {})
    return app.get("name", "")
