"""Long responses and slow clients: neither holds a database connection, and a broken stream says so.

Clients that send or read slowly are served by threads (``serving.THREADS``). The pool has fewer
connections, and eight such clients would use them up.
"""

import logging
from collections.abc import Iterator

from django.db import connections
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)


def release_connections() -> None:
    """Release this thread's connections unless a transaction is open; the next query takes one again."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()  # with a pool: returns to it


class ReleaseMiddleware(MiddlewareMixin):
    """Releases the database connection before a body is read, and before a response is sent."""

    def process_response(self, request, response):
        release_connections()
        return response

    def process_view(self, request, view, args, kwargs):
        """Release what the session took before the CSRF check reads the body."""
        if request.method == "POST":
            release_connections()


def stream_text(chunks: Iterator[bytes], *, language: str) -> Iterator[bytes]:
    """Yield the chunks of a text file in ``language``, holding no database connection between two.

    A stream is read after the request is over, when its language is no longer active. One that fails ends
    with a line that says so in the file; then the exception propagates, so that the server aborts the
    transfer and the browser reports it. (Over HTTP/1.0, where an aborted transfer looks like the end, the
    line is the only sign.)
    """
    while True:
        try:
            with translation.override(language):
                chunk = next(chunks, None)
        except Exception:
            logger.exception("an export ended before its end")
            with translation.override(language):
                yield _describe_failure()
            raise
        finally:
            release_connections()
        if chunk is None:
            return
        yield chunk


def _describe_failure() -> bytes:
    words = _("This file is not complete: the export was interrupted. Please export again.")
    return f"\r\n{words}\r\n".encode()
