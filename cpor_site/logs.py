"""Structured log lines: JSON for machines, plain text for people."""

import re

import structlog
from django.conf import settings
from structlog.types import Processor

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


#: Addresses whose last part is a key: a customer's link, an invitation or a password link is all that a
#: person needs to act. More people read logs than emails. A key ends before a backslash, which starts
#: an escape in a rendered line.
KEYS = re.compile(
    r"((?:/|%2F)(?:opt-out|invitations|password(?:/|%2F)reset(?:/|%2F)key|confirm-email)(?:/|%2F)"
    r"|[?&]code=)(?:(?!%2F)[^/\s\\\"'<>?#])+",
    re.IGNORECASE,
)
MASK = r"\1••••••"


def describe_logging(level: str) -> dict:
    """Return LOGGING: every line to standard error, from ``level`` on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "cpor_site.logs.line_formatter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": level},
    }


def hide_keys(_logger, _method, line):
    """Remove keys from a rendered line, including its traceback, whatever logger wrote it."""
    return KEYS.sub(MASK, line)


def line_formatter() -> structlog.stdlib.ProcessorFormatter:
    """Build the formatter for the console handler."""
    plain = settings.DEBUG or settings.CPOR_DEMO
    renderer = (
        # Prettier tracebacks would also print variables, and a bare key cannot be recognised.
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
        if plain
        else structlog.processors.JSONRenderer()
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            renderer,
            hide_keys,
        ],
    )


def configure() -> None:
    """Route structlog through the standard library, so that one setting controls both."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
