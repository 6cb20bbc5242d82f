"""Countries, their parts and time zones: which are known, and what people call them [R5].

A country is known if its public holidays are: no deadline could be computed for any other.
"""

import re
import unicodedata
import zoneinfo
from functools import lru_cache

import holidays
from babel.core import Locale, get_global
from babel.dates import get_timezone_location
from django.utils import translation

#: The part of an ISO 3166-2 code after the country; the holiday library also has cities, communities
#: and school zones, which have no such code.
PART = re.compile(r"[A-Z0-9]{1,3}")
#: Names whose accents the locale data omits in English.
SPELLED = {"America/Sao_Paulo": "São Paulo"}

Choices = list[tuple[str, str]]
Groups = list[tuple[str, Choices]]


@lru_cache(maxsize=1)
def list_parts_by_country() -> dict[str, tuple[str, ...]]:
    """Return the codes of each known country's parts, without the country (ENG, not GB-ENG)."""
    supported = holidays.list_supported_countries(include_aliases=False)
    return {
        country: tuple(part for part in parts if PART.fullmatch(part))
        for country, parts in supported.items()
    }


def is_known_country(code: str) -> bool:
    return code in list_parts_by_country()


def is_known_part(country: str, part: str) -> bool:
    return part in list_parts_by_country().get(country, ())


def name_country(code: str) -> str:
    """Return the country's name in the active language, or the code itself if there is none."""
    return _find_locale().territories.get(code, code)


def name_place(time_zone: str) -> str:
    """Return the city of a time zone in the active language: São Paulo for America/Sao_Paulo.

    “UTC” and other zones without a place keep their own name.
    """
    return _name_place(time_zone, _find_language())


def list_countries() -> Choices:
    """Return (code, name) of each known country, in the active language's order."""
    return _list_countries(_find_language())


def list_parts() -> Groups:
    """Return the parts of each country that has any, under its name."""
    return _list_parts(_find_language())


def list_time_zones() -> Groups:
    """Return (name, city) of each time zone under its country's name, UTC before them."""
    return _list_time_zones(_find_language())


def _find_language() -> str:
    return translation.to_locale(translation.get_language() or "en")


def _find_locale() -> Locale:
    return Locale.parse(_find_language())


def _fold(name: str) -> str:
    """Return the sort key of a name: its letters without accents and signs."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(each for each in plain if each.isalnum())


@lru_cache(maxsize=20)
def _list_countries(language: str) -> Choices:
    names = Locale.parse(language).territories
    choices = [(code, names.get(code, code)) for code in list_parts_by_country()]
    return sorted(choices, key=lambda choice: _fold(choice[1]))


@lru_cache(maxsize=20)
def _list_parts(language: str) -> Groups:
    groups = []
    for code, country in _list_countries(language):
        names = _list_part_names(code)
        parts = [(f"{code}-{part}", name) for part, name in names.items()]
        if parts:
            groups.append((country, sorted(parts, key=lambda choice: _fold(choice[1]))))
    return groups


@lru_cache(maxsize=300)
def _list_part_names(country: str) -> dict[str, str]:
    aliases = holidays.country_holidays(country).get_subdivision_aliases()
    return {
        part: next(iter(aliases.get(part, ())), part) for part in list_parts_by_country()[country]
    }


@lru_cache(maxsize=20)
def _list_time_zones(language: str) -> Groups:
    names = Locale.parse(language).territories
    known = zoneinfo.available_timezones()
    groups = []
    for code, zones in get_global("territory_zones").items():
        choices = [(zone, _name_place(zone, language)) for zone in zones if zone in known]
        if choices and code in names:
            groups.append((names[code], sorted(choices, key=lambda choice: _fold(choice[1]))))
    return [("UTC", [("UTC", "UTC")]), *sorted(groups, key=lambda group: _fold(group[0]))]


@lru_cache(maxsize=1000)
def _name_place(time_zone: str, locale: str) -> str:
    if time_zone in SPELLED:
        return SPELLED[time_zone]
    if "/" not in time_zone or time_zone.startswith("Etc/"):
        return time_zone.removeprefix("Etc/")
    return get_timezone_location(time_zone, locale=Locale.parse(locale), return_city=True)
