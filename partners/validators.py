"""Checks of what people type about partners; each message says how to mend it."""

import re
import zoneinfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from cpor_site.countries import is_known_country, is_known_part, name_country

DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


#: What an address in a browser has before the domain.
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)


def read_domain(typed: str) -> str:
    """Return the domain in what somebody typed or pasted from a browser, as mail systems write it.

    Scheme, path, spaces and a final dot go, letters become small, accents punycode. Nothing else is
    taken away: ``www.contoso.com`` is another domain than ``contoso.com``, and may belong to nobody.
    The result is still to be checked by ``validate_domain``.
    """
    scheme = SCHEME.match(typed.strip())
    address = typed.strip()[scheme.end() :] if scheme else typed
    domain = re.split(r"[/?#]", address, maxsplit=1)[0].strip().rstrip(".").lower()
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def read_address(typed: str) -> str:
    """Return the mail address in what somebody typed, its domain as mail systems write it.

    What stands before the @ stays as it is, a plus sign too: ana+north@ and ana@ may be two people's.
    The result is still to be checked by ``validate_address``.
    """
    name, at, domain = typed.strip().rpartition("@")
    return f"{name}@{read_domain(domain)}" if at else typed.strip()


def fold_address(email: str) -> str:
    """The address for comparing: without capitals, but no other letters taken for look-alikes."""
    return email.lower() if email.isascii() else email


def validate_address(value: str) -> None:
    """Refuse what no account can be found by: letters that merely look like those of another address."""
    if not value.isascii():
        raise ValidationError(
            _("Before the @, use only letters from a to z without accents, digits and signs.")
        )
    validate_email(value)


def validate_partner_id(value: str) -> None:
    if not re.fullmatch(r"[0-9]{4,12}", value):
        raise ValidationError(_("A Partner ID is 4 to 12 digits, with nothing else."))


def validate_domain(value: str) -> None:
    if not DOMAIN.fullmatch(value.strip().lower()):
        raise ValidationError(_("Enter a domain such as contoso.com, without https:// or @."))


def validate_time_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(value)s” is not a time zone. Use a name such as America/Sao_Paulo."),
            params={"value": value},
        )


#: What a form says of the part of a country [R5].
COUNTRY_PART_HELP = _(
    "Its public holidays count too. Without one, a day is a holiday if it is one in the whole country "
    "or in at least half of its parts."
)


def validate_country(value: str) -> None:
    """Refuse a country whose public holidays are unknown: no window could be computed for it."""
    if not is_known_country(value):
        raise ValidationError(
            _("No holiday calendar is known for country “%(value)s”. Use a two-letter ISO code."),
            params={"value": value},
        )


def validate_country_part(country: str, part: str) -> None:
    """Refuse a part that the country does not have, for the form's field ``country_part`` [R5]."""
    if part and not is_known_part(country, part):
        words = _("%(country)s has no part “%(part)s” with holidays of its own.")
        params = {"country": name_country(country), "part": part}
        raise ValidationError({"country_part": ValidationError(words, params=params)})
