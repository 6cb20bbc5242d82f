"""Validators for input about partners; each message says how to fix it."""

import re
import zoneinfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cpor_site.web.addresses import validate_domain  # noqa: F401 - the first migration names it here
from cpor_site.web.countries import is_known_country, is_known_part, name_country


def validate_partner_id(value: str) -> None:
    if not re.fullmatch(r"[0-9]{4,12}", value):
        raise ValidationError(_("A Partner ID has 4 to 12 digits and nothing else."))


def validate_time_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(value)s” is not a time zone. Use a name such as America/Sao_Paulo."),
            params={"value": value},
        )


#: A form's help text about the part of a country [R5].
COUNTRY_PART_HELP = _(
    "Its public holidays count too. Without one, a day is a holiday if it is one in the whole country "
    "or in at least half of its parts."
)


def validate_country(value: str) -> None:
    """Raise ValidationError for a country with unknown holidays: no deadline could be computed for it."""
    if not is_known_country(value):
        raise ValidationError(
            _("No holiday calendar is known for country “%(value)s”. Use a two-letter ISO code."),
            params={"value": value},
        )


def validate_country_part(country: str, part: str) -> None:
    """Raise ValidationError for a part that the country does not have, on field ``country_part`` [R5]."""
    if part and not is_known_part(country, part):
        words = _("%(country)s has no part “%(part)s” with holidays of its own.")
        params = {"country": name_country(country), "part": part}
        raise ValidationError({"country_part": ValidationError(words, params=params)})
