"""The claims list as an XLSX file: asked for, its progress, and the file [R46]."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_POST, require_safe

from cpor_site.web.xlsx_files import CONTENT_TYPE
from partners.access import member_of_partner
from partners.audit.access_record import record_access
from partners.enums import AccessKind

from ...forms.lists import FILTERS
from ...lists.export_files import (
    TooManyExports,
    exports_visible_to,
    find_expiry,
    has_same_reach,
    request_export,
)
from ...models import ClaimsExport
from ..proof.files import restrict_file
from .claims import read_filters

#: Seconds between refreshes of the page of an unfinished export; that needs no script.
REFRESH_SECONDS = 2


@member_of_partner
@require_POST
def request_xlsx(request) -> HttpResponse:
    """Ask for the filtered claims, all columns of them, and lead to the page of the export."""
    _form, chosen, *_rest = read_filters(request)
    filters = {name: str(chosen[name]) for name in FILTERS if chosen.get(name)}
    try:
        export = request_export(
            request.membership,
            chosen=filters,
            language=translation.get_language(),
            now=timezone.now(),
        )
    except TooManyExports as refused:
        messages.error(request, str(refused))
        return redirect(_find_list(request, filters))
    return redirect(export)


@member_of_partner
@require_safe
def xlsx_page(request, key) -> HttpResponse:
    """Show how far an export is; the page refreshes automatically until it is finished."""
    return _render(request, _find_export(request, key))


@member_of_partner
@require_safe
def xlsx_file(request, key) -> HttpResponseBase:
    """Stream the file; recorded [R40]. After the person's access changed, 403 with words [R37]."""
    export = _find_export(request, key)
    if export.state != ClaimsExport.State.DONE:
        raise Http404
    if not has_same_reach(export, request.membership):
        return _render(request, export, status=403)
    try:
        content = export.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    if request.method == "GET":
        record_access(AccessKind.CLAIMS_EXPORTED, user=request.user, partner=export.partner)
    name = f"claims-{timezone.localdate(export.touched_at):%Y-%m-%d}.xlsx"
    response = FileResponse(content, as_attachment=True, filename=name, content_type=CONTENT_TYPE)
    restrict_file(response)
    return response


def _find_export(request, key) -> ClaimsExport:
    return get_object_or_404(exports_visible_to(request.membership), key=key)


def _find_list(request, filters: dict[str, str]) -> str:
    """Return the address of the claims list with these filters."""
    address = reverse("associations:claims", args=[request.membership.partner.key])
    return f"{address}?{urlencode(filters)}" if filters else address


def _render(request, export: ClaimsExport, *, status: int = 200) -> HttpResponse:
    is_done = export.state == ClaimsExport.State.DONE
    context = {
        "export": export,
        "is_outdated": is_done and not has_same_reach(export, request.membership),
        "expires_at": find_expiry(export) if is_done else None,
        "list_url": _find_list(request, export.chosen),
        "query": urlencode(export.chosen),
    }
    response = render(request, "associations/claims_export.html", context, status=status)
    if not export.is_finished:
        response.headers["Refresh"] = str(REFRESH_SECONDS)
    return response
