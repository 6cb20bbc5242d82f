"""Reading the environment: typed values, ``*_FILE`` secrets, and the defaults that need a folder."""

import secrets
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from .email_url import NO, YES


class SecretFiles(environ.FileAwareMapping):
    """Reads NAME from the file at NAME_FILE, without the trailing newline that editors add."""

    def __getitem__(self, key):
        return super().__getitem__(key).rstrip("\r\n")


class Environment(environ.FileAwareEnv):
    """Typed values; a misspelled value is an error, never replaced by its default."""

    ENVIRON = SecretFiles()

    def bool(self, var, default=False):  # type: ignore[override]  # every one of ours has a default
        """Return a setting that is on or off. Raises ImproperlyConfigured for any other word."""
        given = self.str(var, default="").strip().lower()
        if given and given not in YES | NO:
            raise ImproperlyConfigured(f"{var} is “{given}”; it must be true or false.")
        return given in YES if given else default

    def list(self, var, cast=None, default=environ.Env.NOTSET):
        """Return the comma-separated values, without surrounding spaces."""
        return [each for each in map(str.strip, super().list(var, cast, default)) if each]


env = Environment()

#: Seconds that a request waits for a pooled connection; twice that after the server was away.
POOL_PATIENCE = 3


def read_secret_key(*, data_dir: Path, may_make_one: bool) -> str:
    """Return SECRET_KEY; generate and keep one in ``data_dir`` only in a demo or with DEBUG.

    Raises ImproperlyConfigured without SECRET_KEY in a production setting.
    """
    if not may_make_one:
        return env.str("SECRET_KEY")
    given = env.str("SECRET_KEY", default="")
    if given:
        return given
    kept = data_dir / "secret-key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(50))
    return kept.read_text().strip()


def read_databases(*, data_dir: Path, is_demo: bool) -> dict:
    """Return DATABASES from DATABASE_URL, with SQLite in ``data_dir`` as the embedded default.

    Raises ImproperlyConfigured for a demo with a database server: in a demo anyone can sign in as
    anyone and read every email, so it must never contain real people's data.
    """
    database = env.db("DATABASE_URL", default=f"sqlite:///{data_dir / 'cpor.sqlite3'}")
    if "sqlite" in database["ENGINE"]:
        # A writer takes its lock when its transaction begins, so what it has read stays true (safeguard
        # 3 in docs/architecture.md); WAL lets readers continue in the meantime.
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    elif is_demo:
        raise ImproperlyConfigured(
            "CPOR_DEMO lets anyone sign in and read all email, so DATABASE_URL must not be set. Unset one."
        )
    elif env.bool("DATABASE_POOL", default=True):
        database |= {
            "ENGINE": "cpor_site.postgresql",
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": True,
        }
        if size := env.int("DATABASE_POOL_SIZE", default=8):
            pool = {
                "min_size": 1,
                "max_size": size,
                "timeout": POOL_PATIENCE,
                # Any longer, and the pause between attempts would exceed the time a request waits.
                "reconnect_timeout": POOL_PATIENCE,
            }
            database["OPTIONS"] = {**database.get("OPTIONS", {}), "pool": pool}
    return {"default": database}


def read_single_sign_on() -> dict:
    """Return SOCIALACCOUNT_PROVIDERS from OIDC_*; empty without them, so that there is no button.

    The system check cpor.E006 reports incomplete settings.
    """
    server_url = env.str("OIDC_SERVER_URL", default="").rstrip("/")
    if not server_url:
        return {}
    app = {
        "name": env.str("OIDC_NAME", default="OpenID Connect"),
        "client_id": env.str("OIDC_CLIENT_ID", default=""),
        "secret": env.str("OIDC_CLIENT_SECRET", default=""),
        "settings": {
            "server_url": server_url,
            "oauth_pkce_enabled": True,
            "trust_addresses": env.bool("OIDC_TRUST_ADDRESSES", default=False),
        },
    }
    return {"oidc": {"APP": app}}
