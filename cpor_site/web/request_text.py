"""Reads the text of a request as UTF-8 that every database accepts, whatever charset the request claims.

Our pages send UTF-8 and no NUL. Programs send anything: a NUL, which PostgreSQL refuses and SQLite keeps;
half of a surrogate pair, which cannot be encoded; a charset such as rot13, which decodes no text. What
cannot be stored is removed here, before anything reads it, so that no page has to handle it.
"""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, QueryDict, UnreadablePostError
from django.utils.deprecation import MiddlewareMixin

from .identifiers import UNSTORABLE, make_storable

ENCODING = "utf-8"


class RequestTextMiddleware(MiddlewareMixin):
    """Cleans the cookies and query string of each request, and its form unless the view reads it itself.

    Views without the check of the CSRF token do: they call ``read_form`` once
    their upload handlers are in place, or their time of arrival is taken.
    """

    def process_request(self, request: HttpRequest) -> None:
        request.encoding = ENCODING
        request.GET = _clean_pairs(request.GET)  # type: ignore[assignment]  # as below
        request.COOKIES = {name: make_storable(value) for name, value in request.COOKIES.items()}

    def process_view(self, request: HttpRequest, view: Callable, args, kwargs) -> None:
        if not getattr(view, "csrf_exempt", False):
            read_form(request)


def read_form(request: HttpRequest) -> None:
    """Read the form that was sent into ``request.POST``, cleaned, and ``request.FILES``.

    Django cleans file names. Raises BadRequest (400) for a body that claims to be a form but is not, or
    that breaks off.
    """
    if request.method != "POST":
        return
    try:
        form = request.POST
    # A file name in an encoding that decodes no text; a browser that went away.
    except (LookupError, ValueError, UnreadablePostError) as error:
        raise BadRequest("The form cannot be read.") from error
    request.POST = _clean_pairs(form)  # type: ignore[assignment]  # it may be a mutable one


def _clean_pairs(pairs: QueryDict) -> QueryDict:
    """Return the same names and values; a copy only if something has to be removed."""
    if not any(map(UNSTORABLE.search, _list_texts(pairs))):
        return pairs
    cleaned = QueryDict(mutable=True, encoding=ENCODING)
    for name, values in pairs.lists():
        cleaned.setlistdefault(make_storable(name)).extend(map(make_storable, values))
    return cleaned


def _list_texts(pairs: QueryDict) -> list[str]:
    return [text for name, values in pairs.lists() for text in (name, *values)]
