"""Business days [R5]: weekends and public holidays, by country and part of a country."""

import datetime as dt
from calendar import isleap
from functools import lru_cache

import holidays

from cpor_site.web.countries import is_known_country, is_known_part, list_parts_by_country

FRIDAY_SATURDAY = frozenset({4, 5})
#: Weekends that the holiday library gets wrong, numbered as by ``date.weekday()``, with their sources.
WEEKENDS = {
    "LY": FRIDAY_SATURDAY,  # Unicode CLDR, weekData; the library has Saturday and Sunday
    "PS": FRIDAY_SATURDAY,  # requirement R5, as above
    "SO": FRIDAY_SATURDAY,  # requirement R5, as above
}


class UnknownCountry(ValueError):
    """No holiday calendar is known for this country, or not for this part of it."""


def is_business_day(day: dt.date, *, country: str, part: str = "") -> bool:
    """Return whether people work on ``day`` in a country, or in one part of it [R5].

    ``country`` is an ISO 3166-1 alpha-2 code; ``part`` the rest of an ISO 3166-2 one (ENG) or empty. Without
    a part, a holiday counts if it is nationwide or observed in at least half of the country's parts.

    Raise UnknownCountry.
    """
    return day not in list_days_off(country, part, day.year)


# Immutable, and computed from its own calendar: the library fills its calendars lazily, so two threads
# that share one can find a year half filled.
@lru_cache(maxsize=2_000)
def list_days_off(country: str, part: str, year: int) -> frozenset[dt.date]:
    """Return the days of ``year`` that are not business days; see ``is_business_day``."""
    if not is_known_country(country) or (part and not is_known_part(country, part)):
        where = f"{country}-{part}" if part else country
        raise UnknownCountry(f"No holiday calendar is known for “{where}”.")
    if part:
        return _compute_days_off(country, part, year)
    everywhere = _compute_days_off(country, None, year)
    parts = [_compute_days_off(country, each, year) for each in list_parts_by_country()[country]]
    candidates = set().union(*parts)
    return everywhere | {
        day for day in candidates if 2 * sum(day in each for each in parts) >= len(parts)
    }


def _compute_days_off(country: str, part: str | None, year: int) -> frozenset[dt.date]:
    calendar = holidays.country_holidays(country, subdiv=part, years=year)
    calendar.weekend = set(WEEKENDS.get(country, calendar.weekend))
    first = dt.date(year, 1, 1)
    days = (first + dt.timedelta(days=number) for number in range(365 + isleap(year)))
    return frozenset(day for day in days if not calendar.is_working_day(day))
