"""Checks of what people type about partners; each message says how to mend it."""

import re
import zoneinfo

import holidays
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cpor_site.addresses import validate_domain  # noqa: F401 - the first migration names it here


def validate_partner_id(value: str) -> None:
    if not re.fullmatch(r"[0-9]{4,12}", value):
        raise ValidationError(_("A Partner ID is 4 to 12 digits, with nothing else."))


def validate_time_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(value)s” is not a time zone. Use a name such as America/Sao_Paulo."),
            params={"value": value},
        )


def validate_country(value: str) -> None:
    """Refuse a country whose public holidays are unknown: no window could be computed for it."""
    if value not in holidays.list_supported_countries():
        raise ValidationError(
            _("No holiday calendar is known for country “%(value)s”. Use a two-letter ISO code."),
            params={"value": value},
        )
