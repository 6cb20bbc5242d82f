"""EMAIL_URL: each form is taken at its word, up to the bytes on the wire; what is not, is said."""

import pytest
from django.core.mail import get_connection

from cpor_site.email_url import read_email_url
from tests.servers.certificates import make_certificate
from tests.servers.scripted_smtp import ScriptedSmtp


def flags(written):
    settings, problems = read_email_url(written)
    assert problems == []
    return settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"], settings["EMAIL_USE_SSL"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("smtp://host", (25, False, False)),
        ("smtp://host:2525/", (2525, False, False)),
        ("smtp://u:p@host/?tls=True", (587, True, False)),
        ("smtp://u:p@host:587?tls=true", (587, True, False)),
        ("smtp://u:p@host:587/?TLS=1", (587, True, False)),
        ("smtp://u:p@host:587/?EMAIL_USE_TLS=yes", (587, True, False)),
        ("smtp://u:p@host/?ssl=True", (465, False, True)),
        ("smtp+tls://u:p@host", (587, True, False)),
        ("smtps://u:p@host", (465, False, True)),
        ("smtps://u:p@host:4650", (4650, False, True)),
        ("smtp+ssl://u:p@host", (465, False, True)),
        ("SMTPS://u:p@host", (465, False, True)),
        (" smtp://host/?tls=false\n", (25, False, False)),
    ],
)
def test_forms_that_are_understood(written, expected):
    assert flags(written) == expected


def test_user_and_password_are_percent_decoded_and_a_plus_stays():
    settings, problems = read_email_url("smtps://ana%40x.example:p+w%2F%3A%40%23%25@host")

    assert problems == []
    assert settings["EMAIL_HOST_USER"] == "ana@x.example"
    assert settings["EMAIL_HOST_PASSWORD"] == "p+w/:@#%"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("smtp://u:geheim@host/?tsl=True", "unknown key “tsl”"),
        ("smtp://u:geheim@host/?tls=True&timeout=5", "unknown key “timeout”"),
        ("smtp://u:geheim@host/?starttls", "unknown key “starttls”"),
        ("smtp://u:geheim@host/?tls=maybe", "“tls” is “maybe”"),
        ("smtp://u:geheim@host/?tls=", "“tls” is “”"),
        ("smtp://u:geheim@host", "unencrypted"),
        ("smtp://u:geheim@host/?tls=False", "unencrypted"),
        ("smtps://u:geheim@host/?ssl=False", "unencrypted"),
        ("smtps://u:geheim@host/?tls=True", "choose one"),
        ("smtp://u@host/?tls=True", "not both"),
        ("smtp://:geheim@host/?tls=True", "not both"),
        ("smtp:///?tls=True", "no host"),
        ("smtp://u:ge#heim@host/?tls=True", "percent-encode"),
        ("smtp://u:geheim@host:abc", "percent-encode"),
        ("smtp://u:geheim@[host", "percent-encode"),
        ("smtps://u:geheim@host/box", "Only ?tls=True may follow"),
        ("mail.example.com:587", "must begin"),
        ("https://mail.example.com", "must begin"),
        ("", "must begin"),
    ],
)
def test_what_is_not_understood_is_said_without_the_password(written, words):
    _settings, problems = read_email_url(written)

    assert words in " ".join(problems)
    assert "geheim" not in " ".join(problems)


def connect(settings, written, server, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(make_certificate()))
    wanted, problems = read_email_url(written.format(at=f"127.0.0.1:{server.port}"))
    assert problems == []
    for name, value in wanted.items():
        setattr(settings, name, value)
    settings.EMAIL_TIMEOUT = 5
    connection = get_connection()
    connection.open()
    connection.close()


@pytest.mark.parametrize("form", ["smtp://u:p@{at}/?tls=True", "smtp+tls://u:p@{at}"])
def test_password_goes_over_tls_only_after_starttls(settings, monkeypatch, form):
    with ScriptedSmtp(extensions=("STARTTLS", "AUTH PLAIN")) as server:
        connect(settings, form, server, monkeypatch)

    assert ("STARTTLS", False) in server.commands
    assert ("AUTH", True) in server.commands
    assert ("AUTH", False) not in server.commands


@pytest.mark.parametrize("form", ["smtps://u:p@{at}", "smtp+ssl://u:p@{at}"])
def test_smtps_is_tls_from_the_first_byte(settings, monkeypatch, form):
    with ScriptedSmtp(extensions=("AUTH PLAIN",), implicit_tls=True) as server:
        connect(settings, form, server, monkeypatch)

    assert ("AUTH", True) in server.commands
    assert all(is_over_tls for _verb, is_over_tls in server.commands)
