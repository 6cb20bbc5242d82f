"""Stop reading a file that is too large while it arrives, and let the others through [R11]."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.forms import Form
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from cpor_site.web.request_text import read_form
from cpor_site.web.streams import release_connections

from ...models import Claim
from ...proof.documents import (
    BYTES_MAX,
    FILES_MAX,
    Intake,
    clean_name,
    describe_too_large,
    describe_too_many,
    hold_for_proof,
    store_documents,
)
from ..access import require_visible_claim

#: Files read from one request; more could not be kept anyway.
FILES_READ_MAX = 2 * FILES_MAX


class UploadGuard(FileUploadHandler):
    """Count what arrives, before anything is written to a temporary file.

    It must be the first handler; ``refused`` then maps the names it stopped to the reasons.
    """

    def __init__(self, request=None):
        super().__init__(request)
        self.refused: dict[str, str] = {}
        self.seen = self.size = 0

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.seen += 1
        self.size = 0

    def receive_data_chunk(self, raw_data, start):
        """Skip files here only: earlier, that would close the previous file."""
        self.size += len(raw_data)
        if self.seen > FILES_READ_MAX:
            self._refuse(describe_too_many())
        if self.size > BYTES_MAX or (self.content_length or 0) > BYTES_MAX:
            self._refuse(describe_too_large())
        return raw_data

    def file_complete(self, file_size):
        """Leave creating the file to the next handlers."""

    def _refuse(self, why: Exception):
        self.refused[clean_name(self.file_name or "")] = str(why)
        raise SkipFile


def find_guard(request) -> UploadGuard:
    """Return the guard that the request was read with."""
    return next(each for each in request.upload_handlers if isinstance(each, UploadGuard))


def take_files(
    request: HttpRequest,
    claim: Claim,
    form: Form,
    *,
    into: Intake,
    now: dt.datetime,
    hold: Callable[[Claim], AbstractContextManager[Claim]] = hold_for_proof,
) -> None:
    """Keep the good files of a request, and record in ``into`` what became of each.

    Refused files become errors of the form's field. Raise LifecycleError if the claim takes no files now;
    ``hold`` decides that, see ``store_documents``.
    """
    uploads = request.FILES.getlist("files")
    store_documents(claim, uploads, actor=request.user, hold=hold, into=into, now=now)
    into.refused |= find_guard(request).refused
    for name, words in into.refused.items():
        form.add_error("files", f"{name}: {words}")


def tell_taken(request: HttpRequest, intake: Intake) -> None:
    """Say which files were kept, and which had been added before."""
    for document in intake.stored:
        words = _("“%(name)s” has been added.")
        if document.version > 1:
            words = _(
                "“%(name)s” has been added as version %(version)d; the earlier version is kept."
            )
        messages.success(request, words % {"name": document.name, "version": document.version})
    for name in intake.shortened:
        words = _("A file name was too long and has been shortened to “%(name)s”.")
        messages.warning(request, words % {"name": name})
    for name, kept in intake.known.items():
        words = _("“%(name)s” has the same content as “%(kept)s”, which was added before.")
        messages.info(request, words % {"name": name, "kept": kept})


def guard_upload(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a view ``(request, reference, ...)`` that takes files with sign-in and the guard.

    Before any byte of the body is read, check that the claim is visible and install the guard. The CSRF
    token is checked after that, since it is in the body.
    """
    checked = csrf_protect(view)

    @csrf_exempt  # so that the guard is in place before the body is read; ``checked`` checks the token
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, reference: str, **kwargs) -> HttpResponseBase:
        if request.method == "POST":
            require_visible_claim(request.user, reference)
            release_connections()  # a slow upload may take minutes, and needs none until then
        request.upload_handlers.insert(0, UploadGuard(request))
        read_form(request)
        return checked(request, reference, **kwargs)

    return guarded
