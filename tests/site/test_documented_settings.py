"""Each example of a setting in the docs does what the docs say of it, read from the docs themselves."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from notifications.identity import SERVICE_HEADERS

ROOT = Path(__file__).resolve().parents[2]
SETTINGS_DOC = (ROOT / "docs/settings.md").read_text()
ROWS = dict(re.findall(r"^\| `([A-Z_0-9]+)` \| (.*) \|$", SETTINGS_DOC, re.MULTILINE))
PLAIN = {"SECRET_KEY": "x" * 60, "PATH": os.environ["PATH"]}
SHOW = """
import json, os, sys
import cpor_site.settings as s
names = json.loads(sys.argv[1])
print(json.dumps({name: getattr(s, name, os.environ.get(name)) for name in names}, default=str))
"""


def read_settings(tmp_path, names, **env):
    """Return settings by these names as a process with only ``env`` has them."""
    done = subprocess.run(
        [sys.executable, "-c", SHOW, json.dumps(list(names))],
        env={"CPOR_DATA_DIR": str(tmp_path), **PLAIN, **env},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def check(tmp_path, *arguments, **env):
    """Return what `manage.py check` says with only ``env`` set, and whether it is content."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check", *arguments],
        env={"CPOR_DATA_DIR": str(tmp_path), **PLAIN, **env},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0, done.stdout + done.stderr


def email(host, port, *, user="user", password="password", tls=False, ssl=False):
    return {
        "EMAIL_HOST": host,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": user,
        "EMAIL_HOST_PASSWORD": password,
        "EMAIL_USE_TLS": tls,
        "EMAIL_USE_SSL": ssl,
    }


#: Every example in a row of docs/settings.md, and what it makes of the settings.
EXAMPLES = {
    ("DATABASE_URL", "postgres://user:password@host:5432/cpor"): {
        "DATABASES.default.ENGINE": "cpor_site.postgresql",
        "DATABASES.default.USER": "user",
        "DATABASES.default.PASSWORD": "password",
        "DATABASES.default.HOST": "host",
        "DATABASES.default.PORT": 5432,
        "DATABASES.default.NAME": "cpor",
    },
    ("REDIS_URL", "redis://host:6379/0"): {
        "CELERY_BROKER_URL": "redis://host:6379/0",
        "CACHES.default.LOCATION": "redis://host:6379/0",
    },
    ("EMAIL_URL", "smtp://user:password@host:587/?tls=True"): email("host", 587, tls=True),
    ("EMAIL_URL", "smtps://user:password@host"): email("host", 465, ssl=True),
    ("EMAIL_URL", "smtp://host"): email("host", 25, user="", password=""),
    ("ALLOWED_HOSTS", "cpor.example.com, www.cpor.example.com"): {
        "ALLOWED_HOSTS": ["cpor.example.com", "www.cpor.example.com"]
    },
    ("CSRF_TRUSTED_ORIGINS", "https://a.example.com, https://b.example.com"): {
        "CSRF_TRUSTED_ORIGINS": ["https://a.example.com", "https://b.example.com"]
    },
    ("CPOR_BASE_URL", "https://cpor.example.com"): {
        "CPOR_BASE_URL": "https://cpor.example.com",
        "SESSION_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
    },
    ("DEFAULT_FROM_EMAIL", "Contoso, Inc. <no-reply@contoso.com>"): {
        "DEFAULT_FROM_EMAIL": "Contoso, Inc. <no-reply@contoso.com>"
    },
    ("DEFAULT_FROM_EMAIL", "Aurora Soluções <no-reply@aurora.com.br>"): {
        "DEFAULT_FROM_EMAIL": "Aurora Soluções <no-reply@aurora.com.br>"
    },
    ("ANYMAIL", '{"WEBHOOK_SECRET": "name:secret"}'): {"ANYMAIL.WEBHOOK_SECRET": "name:secret"},
    **{("EMAIL_SERVICE", name): {"EMAIL_SERVICE": name} for name in SERVICE_HEADERS},
    ("OIDC_SERVER_URL", "https://login.example.com/realms/staff"): {
        "SOCIALACCOUNT_PROVIDERS.oidc.APP.settings.server_url": "https://login.example.com/realms/staff"
    },
}
#: Code in a row that is no value to set, or one that no setting reads but a server's own command (BIND).
NO_VALUE = re.compile(
    r"[A-Z_0-9]+(_FILE)?(=\S+)?|\w+/\w*/?|CPOR_.*|/\S+|https?://|X-\S+|make \w+|manage\.py .*"
    r"|check --deploy|email_verified|WEBHOOK_SECRET|Reply-To|0\.0\.0\.0"
)


def pick(settings, path):
    for part in path.split("."):
        settings = settings[part]
    return settings


@pytest.mark.parametrize(
    ("example", "expected"), EXAMPLES.items(), ids=lambda value: str(value)[:50]
)
def test_example_of_the_docs_does_what_they_say(tmp_path, example, expected):
    name, value = example
    assert f"`{value}`" in ROWS[name]

    found = read_settings(tmp_path, {path.split(".")[0] for path in expected}, **{name: value})

    assert {path: pick(found, path) for path in expected} == expected


@pytest.mark.parametrize("turn", [0, 1, 2])
def test_examples_of_the_docs_satisfy_the_checks(tmp_path, turn):
    """All together, the first example of each row, then the second where there is one, and so on."""
    env = {"OIDC_CLIENT_ID": "cpor", "OIDC_CLIENT_SECRET": "secret"}
    for name in {name for name, _value in EXAMPLES}:
        values = [value for each, value in EXAMPLES if each == name]
        env[name] = values[min(turn, len(values) - 1)]

    is_content, said = check(tmp_path, **env)

    assert is_content, said


def test_every_example_in_the_table_is_tested():
    written = {
        (name, code)
        for name, row in ROWS.items()
        for code in re.findall(r"`([^`]+)`", row.partition(" | ")[2])
    }

    assert {each for each in written if not NO_VALUE.fullmatch(each[1])} == set(EXAMPLES)


#: Where a default stands among the settings, if not under its own name; None: no setting, but its command's.
DEFAULT_OF = {
    "DATABASE_POOL_SIZE": None,
    "DATABASE_POOL": None,
    "BIND": None,
    "PORT": None,
    "OIDC_NAME": None,
    "BEHIND_PROXY": None,
    "WEB_WORKERS": None,
    "WEB_THREADS": None,
    "WEB_KEEP_ALIVE": None,
    "EMAIL_PROCESSES": None,
    "OIDC_TRUST_ADDRESSES": None,
    "EMAIL_URL": "EMAIL_PORT",
    "CPOR_DATA_DIR": None,
    "DEFAULT_FROM_EMAIL": None,
}


def test_defaults_are_as_documented(tmp_path):
    documented = {}
    for name, row in ROWS.items():
        code = re.match(r"`([^`]+)`", row)
        if code and DEFAULT_OF.get(name, name):
            documented[DEFAULT_OF.get(name, name)] = code[1]
    documented["EMAIL_PORT"] = documented["EMAIL_PORT"].rpartition(":")[2]

    found = read_settings(tmp_path, documented)

    def written(value):
        if isinstance(value, bool):
            return str(value).lower()
        return ",".join(value) if isinstance(value, list) else str(value)

    assert len(documented) >= 12
    assert {name: written(value) for name, value in found.items()} == documented


def exports(text):
    """The variables that code blocks export, as a shell reads them."""
    found = {}
    for line in re.findall(r"^ +export (.*)$", text, re.MULTILINE):
        found |= dict(word.split("=", 1) for word in shlex.split(line))
    return found


def test_environment_in_the_readme_is_fit_for_production(tmp_path):
    env = {
        name: value.replace("…", "0123456789" * 6)
        for name, value in exports((ROOT / "README.md").read_text()).items()
    }
    assert len(env) >= 9

    is_content, said = check(tmp_path, "--deploy", "--fail-level", "ERROR", **env)

    assert is_content, said
    found = read_settings(tmp_path, email("", 0), **env)
    assert found == email("mail.example.com", 587, tls=True)


def test_first_start_in_the_operations_guide_needs_no_other_settings():
    operations = (ROOT / "docs/operations.md").read_text()
    named = set(re.findall(r"`([A-Z][A-Z_]+)=", operations)) | set(exports(operations))

    assert named <= set(ROWS)


def test_a_secret_may_stand_in_a_file_as_editors_write_it(tmp_path):
    kept = tmp_path / "url"
    kept.write_text("smtp://user:p%40ss@host:587/?tls=True\n")

    found = read_settings(tmp_path, ["EMAIL_HOST_PASSWORD"], EMAIL_URL_FILE=str(kept))

    assert found == {"EMAIL_HOST_PASSWORD": "p@ss"}
