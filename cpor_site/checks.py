"""System checks of the configuration, each with an id and a hint that says how to fix it."""

import ipaddress
import re
import zoneinfo
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.http.request import validate_host

from notifications.identity import SERVICE_HEADERS

from .web.countries import is_known_country, is_known_part, list_parts_by_country

Findings = Iterator[checks.CheckMessage]

EXAMPLE_OPERATOR = "Northwind Cloud"


#: Address parts of a multi-tenant issuer: Microsoft's words, and the ID of the tenant for all personal
#: accounts.
MANY_TENANTS = {
    *("common", "organizations", "consumers", "{tenantid}"),
    "9188040d-6c67-4c5b-b112-36a304b66dad",
}


def registered(*, deploy: bool = False) -> Callable:
    """Register a function that yields what is wrong as a system check, which returns it as a list.

    With ``deploy``, it only runs with ``manage.py check --deploy``, and before ``manage.py run``.
    """

    def decorate(find: Callable[[], Findings]) -> Callable:
        def check(app_configs, **_kwargs) -> list[checks.CheckMessage]:
            return list(find())

        return checks.register(check, deploy=deploy)

    return decorate


@registered()
def check_base_url() -> Findings:
    """Check CPOR_BASE_URL: emails' links are built from it, and a wrong one leads customers nowhere."""
    if not re.fullmatch(r"https?://[^/\s]+", settings.CPOR_BASE_URL):
        yield checks.Error(
            f"CPOR_BASE_URL is “{settings.CPOR_BASE_URL}”, which is not a website address.",
            hint="Set it to the address people type, such as https://cpor.example.com, with no path.",
            id="cpor.E001",
        )


@registered()
def check_operator() -> Findings:
    """Check the operator's country and time zone: staff deadlines depend on them [R4]."""
    if not is_known_country(settings.OPERATOR_COUNTRY):
        yield checks.Error(
            f"There is no holiday calendar for OPERATOR_COUNTRY “{settings.OPERATOR_COUNTRY}”.",
            hint="Use a two-letter ISO 3166 code, such as US or BR.",
            id="cpor.E002",
        )
    elif settings.OPERATOR_COUNTRY_PART and not is_known_part(
        settings.OPERATOR_COUNTRY, settings.OPERATOR_COUNTRY_PART
    ):
        known = ", ".join(list_parts_by_country()[settings.OPERATOR_COUNTRY]) or "none"
        yield checks.Error(
            f"OPERATOR_COUNTRY_PART “{settings.OPERATOR_COUNTRY_PART}” is not a part of "
            f"{settings.OPERATOR_COUNTRY} with holidays of its own.",
            hint=f"Leave it empty, or use the end of an ISO 3166-2 code: {known}.",
            id="cpor.E014",
        )
    if settings.OPERATOR_TIME_ZONE not in zoneinfo.available_timezones():
        yield checks.Error(
            f"OPERATOR_TIME_ZONE “{settings.OPERATOR_TIME_ZONE}” is not a time zone.",
            hint="Use a name such as America/Sao_Paulo.",
            id="cpor.E003",
        )


@registered()
def check_accent_colour() -> Findings:
    """Check the accent colour: it goes into a stylesheet and emails, so it must be a plain colour."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", settings.OPERATOR_ACCENT_COLOUR):
        yield checks.Error(
            f"OPERATOR_ACCENT_COLOUR is “{settings.OPERATOR_ACCENT_COLOUR}”.",
            hint="Use six hexadecimal digits, such as #1f4b99.",
            id="cpor.E004",
        )


@registered()
def check_mail_service() -> Findings:
    """Check EMAIL_SERVICE: without a known one, bounce reports match only by address and time [R21]."""
    if settings.EMAIL_SERVICE not in ("", *SERVICE_HEADERS):
        yield checks.Error(
            f"EMAIL_SERVICE is “{settings.EMAIL_SERVICE}”, which is not a known mail service.",
            hint=f"Use one of {', '.join(SERVICE_HEADERS)}, or leave it out.",
            id="cpor.E016",
        )


@registered()
def check_single_sign_on() -> Findings:
    """Check OIDC_*: half a setting shows a button that leads nowhere; plain http exposes the secret [R44]."""
    app = settings.SOCIALACCOUNT_PROVIDERS.get("oidc", {}).get("APP")
    if not app:
        return
    address = r"https://[^\s?#]+|http://(127\.0\.0\.1|localhost)(:\d+)?(/[^\s?#]*)?"
    problems = []
    if not re.fullmatch(address, app["settings"]["server_url"]):
        problems.append(f"OIDC_SERVER_URL is “{app['settings']['server_url']}”.")
    for name, key in (("OIDC_CLIENT_ID", "client_id"), ("OIDC_CLIENT_SECRET", "secret")):
        if not app[key]:
            problems.append(f"{name} is not set, but OIDC_SERVER_URL is.")
    hint = (
        "Set OIDC_SERVER_URL to the issuer, such as https://login.example.com/realms/staff, and "
        "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET to what the provider gave you; or unset all three."
    )
    for problem in problems:
        yield checks.Error(problem, hint=hint, id="cpor.E006")
    yield from _check_trusted_addresses(app["settings"])


def _check_trusted_addresses(provider: dict) -> Findings:
    """Check that addresses are vouched for only if a single organisation assigns them [R44].

    Behind a multi-tenant issuer, the administrator of any tenant can set any address.
    """
    parts = {part.lower() for part in provider["server_url"].split("/")}
    if provider.get("trust_addresses") and parts & MANY_TENANTS:
        yield checks.Error(
            "OIDC_TRUST_ADDRESSES is on, but OIDC_SERVER_URL is a multi-tenant issuer.",
            hint="Set OIDC_SERVER_URL to your own tenant's issuer, with its ID in place of “common”, "
            "“organizations” or “consumers”; or unset OIDC_TRUST_ADDRESSES.",
            id="cpor.E015",
        )


@registered(deploy=True)
def check_site_address() -> Findings:
    """Check CPOR_BASE_URL and ALLOWED_HOSTS: if no one can open a notice's link, no one can refuse [R20]."""
    host = urlsplit(settings.CPOR_BASE_URL).hostname or ""
    if is_this_machine(host):
        yield checks.Error(
            f"CPOR_BASE_URL is “{settings.CPOR_BASE_URL}”, which no customer can open.",
            hint="Set it to the address people type, such as https://cpor.example.com.",
            id="cpor.E007",
        )
    if not validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS):
        yield checks.Error(
            f"ALLOWED_HOSTS lacks “{host}”, the host of CPOR_BASE_URL: links in emails fail.",
            hint="Add the host to ALLOWED_HOSTS.",
            id="cpor.E011",
        )


def is_this_machine(host: str) -> bool:
    """Return whether ``host`` is this machine itself."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


@registered(deploy=True)
def check_operator_is_named() -> Findings:
    """Check OPERATOR_NAME: customers must learn who is asking, and the example's operator does not exist."""
    if settings.OPERATOR_NAME.strip() in ("", EXAMPLE_OPERATOR):
        yield checks.Error(
            f"OPERATOR_NAME is “{settings.OPERATOR_NAME}”, the name in the example.",
            hint="Set it to the name that partners and customers know you by.",
            id="cpor.E012",
        )


@registered()
def check_opt_out_grace() -> Findings:
    """Check the grace period: below zero, claims would become official before the deadline [R31]."""
    if settings.CPOR_OPT_OUT_GRACE_SECONDS < 0:
        yield checks.Error(
            f"CPOR_OPT_OUT_GRACE_SECONDS is {settings.CPOR_OPT_OUT_GRACE_SECONDS}.",
            hint="Set it to a number of seconds, zero or more; 60 is the default.",
            id="cpor.E020",
        )


@registered(deploy=True)
def check_real_servers() -> Findings:
    """Check that several processes have a database and a broker to share."""
    if settings.CPOR_DEMO:
        yield checks.Error(
            "CPOR_DEMO is on: anyone can read every email that is sent.",
            hint="Unset CPOR_DEMO outside a demonstration.",
            id="cpor.E005",
        )
    if not settings.REDIS_URL:
        yield checks.Warning(
            "REDIS_URL is not set, so queued tasks live in one process only.",
            hint="Set REDIS_URL, such as redis://127.0.0.1:6379/0.",
            id="cpor.W001",
        )
    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        yield checks.Warning(
            "DATABASE_URL is not set, so the database is a file for one machine.",
            hint="Set DATABASE_URL, such as postgres://user@host/cpor.",
            id="cpor.W002",
        )
