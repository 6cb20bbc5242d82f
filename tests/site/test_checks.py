"""System checks: each wrong setting is named, with an id and a hint; and every setting is documented."""

import re
from pathlib import Path

import pytest
from django.core.checks import Error, run_checks
from django.core.checks import Warning as Caution

from cpor_site import checks
from cpor_site.environment import read_single_sign_on

ROOT = Path(__file__).resolve().parents[2]


def found(messages):
    return [(type(message), message.id) for message in messages]


@pytest.mark.parametrize(
    ("name", "value", "check", "expected"),
    [
        ("CPOR_BASE_URL", "cpor.example.com", checks.check_base_url, "cpor.E001"),
        ("CPOR_BASE_URL", "https://cpor.example.com/portal", checks.check_base_url, "cpor.E001"),
        ("OPERATOR_COUNTRY", "XX", checks.check_operator, "cpor.E002"),
        ("OPERATOR_TIME_ZONE", "Sao Paulo", checks.check_operator, "cpor.E003"),
        ("CPOR_OPT_OUT_GRACE_SECONDS", -1, checks.check_opt_out_grace, "cpor.E020"),
        ("OPERATOR_ACCENT_COLOUR", "blue", checks.check_accent_colour, "cpor.E004"),
        ("OPERATOR_ACCENT_COLOUR", "#fff; }", checks.check_accent_colour, "cpor.E004"),
    ],
)
def test_wrong_setting_is_an_error_with_a_hint(settings, name, value, check, expected):
    assert check(None) == []
    setattr(settings, name, value)

    (message,) = check(None)

    assert found([message]) == [(Error, expected)]
    assert str(value) in message.msg
    assert message.hint


def real_servers(settings):
    settings.CPOR_DEMO = False
    settings.REDIS_URL = "redis://127.0.0.1:6379/0"
    settings.DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}


# Django warns of touching DATABASES in a running process, where a connection could outlive it.
@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_real_servers_satisfy_the_deployment_checks(settings):
    real_servers(settings)

    assert checks.check_real_servers(None) == []


@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
@pytest.mark.parametrize(
    ("name", "value", "kind", "expected"),
    [
        ("CPOR_DEMO", True, Error, "cpor.E005"),
        ("REDIS_URL", "", Caution, "cpor.W001"),
        ("DATABASES", {"default": {"ENGINE": "django.db.backends.sqlite3"}}, Caution, "cpor.W002"),
    ],
)
def test_deployment_check_names_what_is_missing(settings, name, value, kind, expected):
    real_servers(settings)
    setattr(settings, name, value)

    (message,) = checks.check_real_servers(None)

    assert found([message]) == [(kind, expected)]
    assert message.hint


def oidc(**changed):
    app = {
        "name": "Contoso ID",
        "client_id": "cpor",
        "secret": "secret",
        "settings": {"server_url": changed.pop("server_url", "https://login.example.com/a")},
    }
    return {"oidc": {"APP": {**app, **changed}}}


@pytest.mark.parametrize(
    "providers",
    [{}, oidc(), oidc(server_url="http://127.0.0.1:9400"), oidc(server_url="http://localhost/a")],
)
def test_a_whole_single_sign_on_is_fine(settings, providers):
    settings.SOCIALACCOUNT_PROVIDERS = providers

    assert checks.check_single_sign_on(None) == []


@pytest.mark.parametrize(
    ("providers", "named"),
    [
        (oidc(server_url="http://login.example.com"), "OIDC_SERVER_URL"),
        (oidc(server_url="http://localhost.evil.example"), "OIDC_SERVER_URL"),
        (oidc(server_url="login.example.com"), "OIDC_SERVER_URL"),
        (oidc(server_url="https://login.example.com/?tenant=a"), "OIDC_SERVER_URL"),
        (oidc(client_id=""), "OIDC_CLIENT_ID"),
        (oidc(secret=""), "OIDC_CLIENT_SECRET"),
    ],
)
def test_half_a_single_sign_on_is_an_error(settings, providers, named):
    settings.SOCIALACCOUNT_PROVIDERS = providers

    (message,) = checks.check_single_sign_on(None)

    assert found([message]) == [(Error, "cpor.E006")]
    assert message.msg.startswith(named)
    assert "OIDC_SERVER_URL to the issuer" in message.hint


def test_single_sign_on_is_read_from_the_environment(monkeypatch):
    assert read_single_sign_on() == {}
    for name, value in (
        ("OIDC_SERVER_URL", "https://login.example.com/"),
        ("OIDC_CLIENT_ID", "cpor"),
        ("OIDC_CLIENT_SECRET", "secret"),
    ):
        monkeypatch.setenv(name, value)

    app = read_single_sign_on()["oidc"]["APP"]

    assert (app["name"], app["client_id"], app["secret"]) == ("OpenID Connect", "cpor", "secret")
    assert app["settings"] == {
        "server_url": "https://login.example.com",
        "oauth_pkce_enabled": True,
    }


def test_checks_are_registered(settings):
    settings.CPOR_BASE_URL = "nowhere"

    assert "cpor.E001" in {message.id for message in run_checks()}
    assert "cpor.W001" in {message.id for message in run_checks(include_deployment_checks=True)}


def variables_read() -> set[str]:
    sources = (path.read_text() for path in (ROOT / "cpor_site").rglob("*.py"))
    pattern = re.compile(
        r'(?:\benv(?:\.\w+)?|environ\.(?:get|pop|setdefault)|read_number)\(\s*"([A-Z][A-Z_0-9]+)"'
    )
    return {name for source in sources for name in pattern.findall(source)}


def test_every_environment_variable_is_documented():
    internal = {"DJANGO_SETTINGS_MODULE"}
    documented = set(
        re.findall(r"^\| `([A-Z_0-9]+)`", (ROOT / "docs/settings.md").read_text(), re.MULTILINE)
    )

    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "PORT", "WEB_WORKERS"} <= variables_read()
    assert variables_read() - internal == documented
