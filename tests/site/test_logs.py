"""What a log line tells, and what it keeps to itself, in both of its formats."""

import io
import json
import logging

import pytest
import structlog

from cpor_site.logs import line_formatter

KEY = "dK3-secret_key"
LINKS = [
    f"/opt-out/{KEY}/",
    f"/invitations/{KEY}/",
    f"/accounts/password/reset/key/1-{KEY}/",
    f"/login/?next=%2Fopt-out%2F{KEY}%2F",
    f"/callback/?code={KEY}",
]
FORMATS = pytest.mark.parametrize("is_plain", [False, True], ids=["json", "console"])


@pytest.fixture
def written(settings):
    """``written(is_plain)`` gives a logger, and a function that returns what was written."""
    loggers = []

    def make(is_plain):
        settings.DEBUG, settings.CPOR_DEMO = is_plain, False
        out = io.StringIO()
        handler = logging.StreamHandler(out)
        handler.setFormatter(line_formatter())
        logger = logging.Logger("test")  # noqa: LOG001 - no one else is to hear it
        logger.addHandler(handler)
        loggers.append(logger)
        return logger, out.getvalue

    return make


def fail(link):
    token = KEY  # as a view has it: a traceback that prints variables would print it, too
    raise ValueError(f"nothing answers at https://portal.example{link}\nafter {len(token)} tries")


@FORMATS
@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("speaker", ["standard", "structlog"])
def test_a_traceback_is_told_without_the_keys_of_links(written, is_plain, link, speaker):
    logger, read = written(is_plain)
    if speaker == "structlog":
        processors = structlog.get_config()["processors"][1:]
        speak = structlog.wrap_logger(
            logger, processors=processors, wrapper_class=structlog.stdlib.BoundLogger
        )
    else:
        speak = logger

    try:
        fail(link)
    except ValueError:
        speak.exception("it failed")

    lines = read()
    text = lines if is_plain else json.loads(lines)["exception"]
    assert "Traceback (most recent call last)" in text
    assert "in fail" in text
    assert "ValueError: nothing answers at https://portal.example" in text
    assert "tries" in text
    assert "it failed" in lines
    assert "••••••" in (lines if is_plain else text)
    assert KEY not in lines


@FORMATS
def test_keys_are_hidden_in_whatever_a_line_carries(written, is_plain):
    logger, read = written(is_plain)
    speak = structlog.wrap_logger(
        logger,
        processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
    )

    class Request:
        def __repr__(self):
            return f"<Request: GET '/opt-out/{KEY}/'>"

    speak.warning(
        "asked", request=Request(), data={"to": [f"/invitations/{KEY}/"]}, text=f'"/opt-out/{KEY}"'
    )

    lines = read()
    if not is_plain:
        assert set(json.loads(lines)) >= {"event", "request", "data", "text"}
    assert lines.count("••••••") == 3
    assert KEY not in lines
