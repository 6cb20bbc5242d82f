"""Long answers and slow clients: neither holds a connection to the database, and a broken stream says so.

Clients that send or read slowly are served by threads (``serving.THREADS``). The connections of the pool are
fewer, and would be gone with eight of them.
"""

import logging
from collections.abc import Iterator

from django.db import connections
from django.utils import translation
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)


def release_connections() -> None:
    """Give back the connections of this thread unless a transaction is open; the next query takes one."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()  # with a pool: back into it


class ReleaseMiddleware:
    """Gives the database connection back before a body is read, and before an answer is sent."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        release_connections()
        return response

    def process_view(self, request, view, args, kwargs):
        """Release what the session took, before the check of the CSRF token reads the body."""
        if request.method == "POST":
            release_connections()


def stream_text(chunks: Iterator[bytes], *, language: str) -> Iterator[bytes]:
    """Give the chunks of a text file in ``language``, with no database connection held between two.

    A stream is read after the request is over, when its language is gone. One that fails ends with a line
    that says so, for whoever opens the file; then the exception goes on, so that the server breaks off the
    transfer and the browser reports it. (Over HTTP/1.0, where a broken transfer looks like the end, the line
    is all there is.)
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
