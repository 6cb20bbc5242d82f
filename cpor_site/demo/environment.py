"""The environment of `manage.py demo`, put in place before Django reads its settings."""

import gc
import os
import socket
import sys
from pathlib import Path

#: What the shell may have set for a real site, which the demo must not touch; nor NAME_FILE of any.
OF_REAL_SITES = (
    *("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "EMAIL_TIMEOUT", "DEFAULT_FROM_EMAIL", "ANYMAIL"),
    *("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "BEHIND_PROXY", "CPOR_BASE_URL", "STATUS_TOKEN"),
    *("SECRET_KEY", "DEBUG", "CPOR_COLLECTED_STATIC", "SECURE_SSL_REDIRECT"),
    *("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD"),
)
HIGHEST_PORT = 65535
DATA_DIR = Path(__file__).resolve().parents[2] / "var" / "demo"


def prepare_environment() -> None:
    """Select the embedded default: SQLite, memory:// and the demo's own mail server.

    PORT and CPOR_DATA_DIR are honoured. Exits with a message if PORT is invalid.
    """
    for name in OF_REAL_SITES:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)  # which would be read first
    gc.disable()  # what is created before the first page is permanent; the command enables it again
    port = read_port()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        email_port = probe.getsockname()[1]
    os.environ.setdefault("CPOR_DATA_DIR", str(DATA_DIR))
    os.environ.setdefault("LOG_LEVEL", "ERROR")  # the demo refuses email on purpose
    os.environ.update(
        CPOR_DEMO="true",
        CPOR_BASE_URL=f"http://127.0.0.1:{port}",
        EMAIL_URL=f"smtp://127.0.0.1:{email_port}",
        EMAIL_TIMEOUT="5",
        CELERY_SKIP_CHECKS="true",  # the command has run them
    )


def read_port() -> int:
    """Return PORT as a number; exits with a message if it is not a valid port."""
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 1 <= int(given) <= HIGHEST_PORT:
        sys.exit(f"PORT is “{given}”; it must be a number from 1 to {HIGHEST_PORT}.")
    return int(given)
