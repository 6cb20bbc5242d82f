"""Keeps what was typed in a form that could not be accepted, on the page that says so.

It travels in the page: nothing is stored, and secrets are never repeated, whichever form they were typed
in. Pages that show it after a failed CSRF check must call ``came_from_here`` first: otherwise another site
could fill in the form and leave only the press of a button to the person.
"""

import re
from contextlib import suppress
from dataclasses import dataclass

from django.core.exceptions import BadRequest
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from .request_text import read_form

TOKEN_FIELD = "csrfmiddlewaretoken"  # noqa: S105  # nosec B105 - a field's name
SECRET_NAME = re.compile(
    r"passw|passphrase|secret|credential|token|otp|(^|[-_])code", re.IGNORECASE
)


@dataclass(frozen=True)
class KeptForm:
    """The fields of a submitted form, and what could not be kept."""

    fields: list[tuple[str, str]]
    has_files: bool = False
    has_secrets: bool = False
    needs_token: bool = True

    @property
    def words(self) -> list[str]:
        """Return the longer texts, to copy from a page where the form cannot be sent again."""
        return [value for _name, value in self.fields if len(value.split()) > 1]


class SkipFiles(FileUploadHandler):
    """Reads a form's text and discards its files."""

    has_seen_some = False

    def receive_data_chunk(self, raw_data, start):
        self.has_seen_some = True
        raise SkipFile

    def file_complete(self, file_size):
        """Return no file."""


def keep_form(request: HttpRequest) -> KeptForm:
    """Return the form that was sent, but for secret fields.

    A form that was not read yet is read without its files; one that cannot be read is empty.
    """
    skipping = SkipFiles(request)
    with suppress(AttributeError):  # it was read already
        request.upload_handlers = [skipping]
    try:
        read_form(request)
    except BadRequest:
        return KeptForm([])
    named = [(name, values) for name, values in request.POST.lists() if name != TOKEN_FIELD]
    secret = [name for name, _values in named if SECRET_NAME.search(name)]
    return KeptForm(
        [(name, value) for name, values in named if name not in secret for value in values],
        has_files=skipping.has_seen_some or any(request.FILES.values()),
        has_secrets=bool(secret),
        needs_token=TOKEN_FIELD in request.POST,
    )


def came_from_here(request: HttpRequest) -> bool:
    """Return whether the browser says that a page of this site sent the form."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    source = request.headers.get("Origin") or request.headers.get("Referer", "")
    is_here = url_has_allowed_host_and_scheme(source, {request.get_host()}, request.is_secure())
    return is_here and site == "same-origin" and "://" in source
