"""System checks of the configuration, each with an id and a hint that says how to mend it."""

import re
import zoneinfo

from django.conf import settings
from django.core import checks

from .countries import is_known_country, is_known_part, list_parts_by_country


def register_all() -> None:
    for check in (check_base_url, check_operator, check_accent_colour, check_single_sign_on):
        checks.register(check)
    checks.register(check_real_servers, deploy=True)


def check_base_url(app_configs, **kwargs):
    """Links in mails are made from it; a wrong one sends customers nowhere."""
    if re.fullmatch(r"https?://[^/\s]+", settings.CPOR_BASE_URL):
        return []
    return [
        checks.Error(
            f"CPOR_BASE_URL is “{settings.CPOR_BASE_URL}”, which is no address of a site.",
            hint="Set it to what people type, such as https://cpor.example.com, with no path.",
            id="cpor.E001",
        )
    ]


def check_operator(app_configs, **kwargs):
    """The operator's calendar rules the staff's windows [R4]."""
    problems = []
    if not is_known_country(settings.OPERATOR_COUNTRY):
        problems.append(
            checks.Error(
                f"No holiday calendar is known for OPERATOR_COUNTRY “{settings.OPERATOR_COUNTRY}”.",
                hint="Use a two-letter ISO 3166 code, such as US or BR.",
                id="cpor.E002",
            )
        )
    elif settings.OPERATOR_COUNTRY_PART and not is_known_part(
        settings.OPERATOR_COUNTRY, settings.OPERATOR_COUNTRY_PART
    ):
        known = ", ".join(list_parts_by_country()[settings.OPERATOR_COUNTRY]) or "none"
        problems.append(
            checks.Error(
                f"OPERATOR_COUNTRY_PART “{settings.OPERATOR_COUNTRY_PART}” is no part of "
                f"{settings.OPERATOR_COUNTRY} with holidays of its own.",
                hint=f"Leave it empty, or use the end of an ISO 3166-2 code: {known}.",
                id="cpor.E014",
            )
        )
    if settings.OPERATOR_TIME_ZONE not in zoneinfo.available_timezones():
        problems.append(
            checks.Error(
                f"OPERATOR_TIME_ZONE “{settings.OPERATOR_TIME_ZONE}” is no time zone.",
                hint="Use a name such as America/Sao_Paulo.",
                id="cpor.E003",
            )
        )
    return problems


def check_accent_colour(app_configs, **kwargs):
    """It goes into a stylesheet and into mails, so it must be a colour and nothing else."""
    if re.fullmatch(r"#[0-9a-fA-F]{6}", settings.OPERATOR_ACCENT_COLOUR):
        return []
    return [
        checks.Error(
            f"OPERATOR_ACCENT_COLOUR is “{settings.OPERATOR_ACCENT_COLOUR}”.",
            hint="Use six hexadecimal digits, such as #1f4b99.",
            id="cpor.E004",
        )
    ]


def check_single_sign_on(app_configs, **kwargs):
    """Half a setting would show a button that leads nowhere; plain http would show the secret [R44]."""
    app = settings.SOCIALACCOUNT_PROVIDERS.get("oidc", {}).get("APP")
    if not app:
        return []
    address = r"https://[^\s?#]+|http://(127\.0\.0\.1|localhost)(:\d+)?(/[^\s?#]*)?"
    problems = []
    if not re.fullmatch(address, app["settings"]["server_url"]):
        problems.append(f"OIDC_SERVER_URL is “{app['settings']['server_url']}”.")
    problems += [
        f"{name} is not set, but OIDC_SERVER_URL is."
        for name, value in (
            ("OIDC_CLIENT_ID", app["client_id"]),
            ("OIDC_CLIENT_SECRET", app["secret"]),
        )
        if not value
    ]
    hint = (
        "Set OIDC_SERVER_URL to the issuer, such as https://login.example.com/realms/staff, and "
        "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET to what the provider gave you; or unset all three."
    )
    return [checks.Error(problem, hint=hint, id="cpor.E006") for problem in problems]


def check_real_servers(app_configs, **kwargs):
    """Several processes need servers that they can share."""
    problems: list[checks.CheckMessage] = []
    if settings.CPOR_DEMO:
        problems.append(
            checks.Error(
                "CPOR_DEMO is on: everybody can read every mail that is sent.",
                hint="Unset CPOR_DEMO outside a demonstration.",
                id="cpor.E005",
            )
        )
    if not settings.REDIS_URL:
        problems.append(
            checks.Warning(
                "REDIS_URL is not set, so queued tasks live in one process only.",
                hint="Set REDIS_URL, such as redis://127.0.0.1:6379/0.",
                id="cpor.W001",
            )
        )
    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        problems.append(
            checks.Warning(
                "DATABASE_URL is not set, so the database is a file for one machine.",
                hint="Set DATABASE_URL, such as postgres://user@host/cpor.",
                id="cpor.W002",
            )
        )
    return problems
