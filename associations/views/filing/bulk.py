"""Filing claims from a file: upload, preview, report, rows with errors; each for its uploader alone [R47]."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from partners.access import member_of_partner
from partners.rules import locations_of

from ...filing.bulk import CLAIMS
from ...forms.imports import ImportFileForm
from ...imports import receiving
from ...imports.handing_back import stream_bad_rows, write_template
from ...imports.reports import describe_report
from ...imports.visible import own_import_files
from ...models import ImportFile

#: Seconds between refreshes of the report while the rows are checked; that needs no script.
REFRESH_SECONDS = 2


@member_of_partner
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request) -> HttpResponse:
    """Take a file of claims and lead to its report."""
    if not locations_of(request.membership).exists():
        return render(request, "associations/filing/no_location.html")
    is_sent = request.method == "POST"
    form = ImportFileForm(request.POST, request.FILES) if is_sent else ImportFileForm()
    if is_sent and form.is_valid():
        try:
            received = receiving.receive_file(
                form.cleaned_data["file"],
                CLAIMS,
                actor=request.user,
                partner=request.membership.partner,
                now=timezone.now(),
            )
        except receiving.NoRoom:
            form.add_error("file", _("We couldn't store this file just now. Try again."))
        except receiving.TooManyOpen as error:
            form.add_error("file", str(error))
        else:
            return _lead_to(request, received)
    files = own_import_files(request.user, request.membership.partner)[:10]
    context = {"form": form, "kind": CLAIMS, "files": files}
    return render(request, "associations/imports/upload.html", context)


@member_of_partner
@require_safe
def template(request, form: str) -> HttpResponseBase:
    """Return an empty file with the columns, as CSV or XLSX."""
    return write_template(CLAIMS, form)


@member_of_partner
@require_safe
def report(request, key: uuid.UUID) -> HttpResponse:
    """Show preview or report of a file; it refreshes automatically while the rows are checked."""
    import_file = _find(request, key)
    context = describe_report(import_file)
    response = render(request, "associations/imports/report.html", context)
    if import_file.is_running:
        response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response


@member_of_partner
@require_safe
def bad_rows(request, key: uuid.UUID, form: str) -> HttpResponseBase:
    """Return the rows with errors in the format of the file, with a column that says why."""
    return stream_bad_rows(_find(request, key), CLAIMS, form)


@member_of_partner
@require_POST
def confirm(request, key: uuid.UUID) -> HttpResponse:
    """Make drafts of the rows that were checked; a second click changes nothing."""
    import_file = _find(request, key)
    if not receiving.confirm(import_file, CLAIMS, now=timezone.now()):
        messages.info(request, _("This file was decided on already; nothing was done."))
    return _lead_to(request, import_file)


@member_of_partner
@require_POST
def discard(request, key: uuid.UUID) -> HttpResponse:
    """Drop a checked file; no drafts were made of it."""
    if receiving.discard(_find(request, key)):
        messages.success(request, _("The file was discarded; nothing was imported."))
    else:
        messages.info(request, _("This file was decided on already; nothing was done."))
    return redirect("associations:claims-import", request.membership.partner.key)


def _find(request, key: uuid.UUID) -> ImportFile:
    mine = own_import_files(request.user, request.membership.partner)
    return get_object_or_404(mine, key=key)


def _lead_to(request: HttpRequest, import_file: ImportFile) -> HttpResponse:
    partner = request.membership.partner  # type: ignore[attr-defined]  # set by the decorator
    return redirect("associations:claims-imported", partner.key, import_file.key)
