"""The name that people know a time zone by: its city, in their language [R6]."""

from functools import lru_cache

from babel.core import Locale
from babel.dates import get_timezone_location
from django.utils import translation

#: Names that the locale data spells without their accents in English.
SPELLED = {"America/Sao_Paulo": "São Paulo"}


def name_place(time_zone: str) -> str:
    """Return the city of a time zone in the active language: São Paulo for America/Sao_Paulo.

    “UTC” and other zones without a place keep their own name.
    """
    return _name_place(time_zone, translation.to_locale(translation.get_language() or "en"))


@lru_cache(maxsize=1000)
def _name_place(time_zone: str, locale: str) -> str:
    if time_zone in SPELLED:
        return SPELLED[time_zone]
    if "/" not in time_zone or time_zone.startswith("Etc/"):
        return time_zone.removeprefix("Etc/")
    return get_timezone_location(time_zone, locale=Locale.parse(locale), return_city=True)
