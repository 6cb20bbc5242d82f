"""What languages are called by those who read them."""

from django import template

register = template.Library()

#: Django calls Portuguese otherwise.
OWN_NAMES = {"en": "English", "pt-br": "Português do Brasil"}


@register.filter
def own_name(code: str) -> str:
    """Return the name of a language (a code of settings.LANGUAGES) in that language."""
    return OWN_NAMES[code]
