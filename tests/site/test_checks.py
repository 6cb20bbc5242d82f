"""System checks: each wrong setting is named, with an id and a hint; and every setting is documented."""

import re
from pathlib import Path

import pytest
from django.core.checks import Error, run_checks
from django.core.checks import Warning as Caution
from django.core.exceptions import ImproperlyConfigured

from cpor_site import checks, email_checks, email_url
from cpor_site.environment import env, read_single_sign_on

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


TENANT = "6f1e2d3c-0000-4000-8000-00000000abcd"
CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"


@pytest.mark.parametrize(
    ("issuer", "is_wrong"),
    [
        (f"https://login.microsoftonline.com/{TENANT}/v2.0", False),
        ("https://login.example.com/realms/staff", False),
        ("https://login.microsoftonline.com/common/v2.0", True),
        ("https://login.microsoftonline.com/Organizations/v2.0", True),
        ("https://login.microsoftonline.com/consumers/v2.0", True),
        (f"https://login.microsoftonline.com/{CONSUMERS}/v2.0", True),
        ("https://login.microsoftonline.com/{tenantid}/v2.0", True),
    ],
)
def test_no_one_vouches_for_the_addresses_of_many_tenants(settings, issuer, is_wrong):
    provider = {"server_url": issuer, "trust_addresses": True}
    app = {"client_id": "cpor", "secret": "s", "settings": provider}
    settings.SOCIALACCOUNT_PROVIDERS = {"oidc": {"APP": app}}

    trusting = found(checks.check_single_sign_on(None))
    provider["trust_addresses"] = False

    assert trusting == ([(Error, "cpor.E015")] if is_wrong else [])
    assert found(checks.check_single_sign_on(None)) == []


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
        "trust_addresses": False,
    }


def test_checks_are_registered(settings):
    settings.CPOR_BASE_URL = "nowhere"

    assert "cpor.E001" in {message.id for message in run_checks()}
    everywhere = {message.id for message in run_checks(include_deployment_checks=True)}
    assert {"cpor.W001", "cpor.E012", "cpor.E013"} <= everywhere


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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEFAULT_FROM_EMAIL", "Contoso, Inc."),
        ("DEFAULT_FROM_EMAIL", ""),
        ("DEFAULT_FROM_EMAIL", "a@b.example, c@d.example"),
        ("OPERATOR_SUPPORT_EMAIL", "olá@aurora.example"),
        ("OPERATOR_SUPPORT_EMAIL", "help"),
    ],
)
def test_mailbox_that_is_none_is_an_error(settings, name, value):
    assert email_checks.check_mailboxes(None) == []
    setattr(settings, name, value)

    (message,) = email_checks.check_mailboxes(None)

    assert found([message]) == [(Error, "cpor.E009")]
    assert message.msg.startswith(f"{name} is “{value}”")


@pytest.mark.parametrize(
    "value", ["Contoso, Inc. <a@contoso.example>", "Ação <a@soluções.example>"]
)
def test_mailboxes_may_have_any_name_and_domain(settings, value):
    settings.DEFAULT_FROM_EMAIL = settings.OPERATOR_SUPPORT_EMAIL = value

    assert email_checks.check_mailboxes(None) == []


@pytest.mark.parametrize(("seconds", "is_fine"), [(1, True), (20, True), (21, False), (0, False)])
def test_waiting_for_a_mail_server_ends_before_the_lease(settings, seconds, is_fine):
    settings.EMAIL_TIMEOUT = seconds

    messages = email_checks.check_timeout(None)

    assert found(messages) == ([] if is_fine else [(Error, "cpor.E010")])


def test_problems_of_the_email_address_are_errors(settings):
    settings.CPOR_EMAIL_URL_PROBLEMS = ["It names no host.", "It has an unknown key “x”."]

    messages = email_checks.check_email_url(None)

    assert found(messages) == [(Error, "cpor.E008")] * 2
    assert messages[0].msg == "EMAIL_URL: It names no host."


def in_production(settings):
    settings.CPOR_BASE_URL = "https://cpor.example.com"
    settings.ALLOWED_HOSTS = ["cpor.example.com"]
    settings.OPERATOR_NAME = "Contoso"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "mail.example.com", 587
    settings.EMAIL_BACKEND = email_url.SMTP
    settings.DEFAULT_FROM_EMAIL = "Contoso <no-reply@contoso.example>"
    settings.OPERATOR_SUPPORT_EMAIL = "help@contoso.example"


def find_unfit():
    return [
        *checks.check_site_address(None),
        *checks.check_operator_is_named(None),
        *email_checks.check_email_is_set_up(None),
    ]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"CPOR_BASE_URL": "http://127.0.0.1:8000"}, "cpor.E007"),
        ({"CPOR_BASE_URL": "https://localhost"}, "cpor.E007"),
        ({"CPOR_BASE_URL": "http://[::1]:8000"}, "cpor.E007"),
        ({"CPOR_BASE_URL": "http://0.0.0.0:8000"}, "cpor.E007"),
        ({"CPOR_BASE_URL": "https://portal.example.com"}, "cpor.E011"),
        ({"ALLOWED_HOSTS": ["127.0.0.1", "localhost"]}, "cpor.E011"),
        ({"ALLOWED_HOSTS": [".example.com"]}, None),
        ({"OPERATOR_NAME": "Northwind Cloud"}, "cpor.E012"),
        ({"OPERATOR_NAME": " "}, "cpor.E012"),
        ({"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": 2525}, "cpor.E013"),
        ({"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": 25}, None),
        ({"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}, "cpor.E013"),
        ({"DEFAULT_FROM_EMAIL": "Contoso <no-reply@northwind.example>"}, "cpor.E013"),
        ({"OPERATOR_SUPPORT_EMAIL": "partner-support@northwind.example"}, "cpor.E013"),
    ],
    ids=str,
)
def test_defaults_and_examples_must_not_reach_production(settings, changed, expected):
    in_production(settings)
    settings.ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]", "0.0.0.0"]
    for name, value in changed.items():
        setattr(settings, name, value)

    messages = find_unfit()

    assert found(messages) == ([(Error, expected)] if expected else [])
    assert all(message.hint for message in messages)


def test_switch_that_is_neither_on_nor_off_is_an_error(monkeypatch):
    monkeypatch.setenv("CPOR_TRIED", "ja")
    with pytest.raises(ImproperlyConfigured, match="CPOR_TRIED is “ja”"):
        env.bool("CPOR_TRIED")

    for value, expected in {"True": True, " on ": True, "0": False, "off": False, "": True}.items():
        monkeypatch.setenv("CPOR_TRIED", value)
        assert env.bool("CPOR_TRIED", default=True) is expected


@pytest.mark.parametrize(
    "written", ["a.example,b.example", " a.example , b.example, ", "a.example,\nb.example"]
)
def test_lists_take_blanks(monkeypatch, written):
    monkeypatch.setenv("CPOR_TRIED", written)

    assert env.list("CPOR_TRIED", default=[]) == ["a.example", "b.example"]
    monkeypatch.delenv("CPOR_TRIED")
    assert env.list("CPOR_TRIED", default=["x"]) == ["x"]
