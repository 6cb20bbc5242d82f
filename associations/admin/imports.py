"""Imported files: upload, preview, report, rows with errors [R38], [R60]."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cpor_site.web.admin_site import ReadOnlyAdmin

from ..enums import ImportKind
from ..forms.imports import ImportFileForm
from ..importable import KINDS
from ..imports import receiving
from ..imports.handing_back import stream_bad_rows, write_template
from ..imports.kinds import Kind
from ..imports.reports import describe_report
from ..imports.visible import import_files_visible_to, kinds_for, list_kinds_visible_to
from ..models import ImportFile

#: Seconds between refreshes of the report of an unfinished run; that needs no script.
REFRESH_SECONDS = 2


class KindFilter(admin.SimpleListFilter):
    """Offers the kinds whose files this person may see, and no others."""

    title = gettext_lazy("contents")
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        codes = list_kinds_visible_to(request.user, KINDS)
        return [(code, ImportKind(code).label) for code in codes]

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(ImportFile)
class ImportFileAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "state", "loaded_at", "loaded_by", "rows_done", "rows_bad")
    list_filter = (KindFilter, "state")
    search_fields = ("name", "sha256")
    ordering = ("-pk",)
    list_select_related = ("loaded_by",)

    def has_add_permission(self, request):
        return bool(kinds_for(request.user, KINDS))

    def has_view_permission(self, request, obj=None):
        return self.has_add_permission(request) or super().has_view_permission(request, obj)

    def get_queryset(self, request):
        return import_files_visible_to(request.user, KINDS)

    def get_urls(self):
        """Every page goes through ``admin_view``, and each asks for its own permission."""
        pages = (
            ("new/<slug:code>/", self.upload_view, "new"),
            ("new/<slug:code>/template.<slug:form>", self.template_view, "template"),
            ("<int:pk>/bad-rows.<slug:form>", self.bad_rows_view, "bad_rows"),
            ("<int:pk>/import/", require_POST(self.confirm_view), "confirm"),
            ("<int:pk>/discard/", require_POST(self.discard_view), "discard"),
        )
        prefix = "associations_importfile"
        return [
            *(
                path(route, self.admin_site.admin_view(view), name=f"{prefix}_{name}")
                for route, view, name in pages
            ),
            *super().get_urls(),
        ]

    def add_view(self, request, form_url="", extra_context=None):
        """List what this person may import, or lead on if that is a single kind."""
        kinds = kinds_for(request.user, KINDS)
        if not kinds:
            raise PermissionDenied
        if len(kinds) == 1:
            return redirect("admin:associations_importfile_new", kinds[0].code)
        template = "admin/associations/importfile/choose.html"
        return self.render_page(
            request, template, title=_("Import a file"), kinds=[_describe(each) for each in kinds]
        )

    def upload_view(self, request: HttpRequest, code: str) -> HttpResponse:
        """Take an uploaded file and lead to its report."""
        kind = self._find_kind(request, code)
        is_sent = request.method == "POST"
        form = ImportFileForm(request.POST, request.FILES) if is_sent else ImportFileForm()
        if is_sent and form.is_valid():
            try:
                received = receiving.receive_file(
                    form.cleaned_data["file"], kind, actor=request.user, now=timezone.now()
                )
                return redirect("admin:associations_importfile_change", received.pk)
            except receiving.NoRoom:
                form.add_error("file", _("We couldn't store this file just now. Try again."))
        return self.render_page(
            request,
            "admin/associations/importfile/upload.html",
            title=ImportKind(kind.code).label,
            form=form,
            kind=kind,
        )

    def template_view(self, request: HttpRequest, code: str, form: str) -> HttpResponseBase:
        """Return an empty file with the columns of a kind, as CSV or XLSX."""
        return write_template(self._find_kind(request, code), form)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Show preview or report of a file; it refreshes automatically while a process is at work."""
        import_file = self._find(request, object_id)
        kind = KINDS[import_file.kind]
        response = self.render_page(
            request,
            "admin/associations/importfile/report.html",
            title=import_file.name,
            may_import=kind in kinds_for(request.user, KINDS),
            **describe_report(import_file),
        )
        if import_file.is_running:
            response.headers["Refresh"] = str(REFRESH_SECONDS)
        return response

    def bad_rows_view(self, request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
        """Return the rows with errors in the format of the file, with a column that says why."""
        import_file = self._find(request, str(pk))
        return stream_bad_rows(import_file, KINDS[import_file.kind], form)

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Import a checked file; a second click finds that done and changes nothing."""
        import_file, kind = self._find_to_decide(request, pk)
        if not receiving.confirm(import_file, kind, now=timezone.now()):
            messages.info(request, _("This file was decided on already; nothing was done."))
        return redirect("admin:associations_importfile_change", pk)

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Drop a checked file; nothing of it was saved."""
        import_file, _kind = self._find_to_decide(request, pk)
        if receiving.discard(import_file):
            messages.success(request, _("The file was discarded; nothing was imported."))
        else:
            messages.info(request, _("This file was decided on already; nothing was done."))
        return redirect("admin:associations_importfile_changelist")

    def _find(self, request: HttpRequest, object_id: str) -> ImportFile:
        import_file = self.get_object(request, object_id)
        if not self.has_view_permission(request, import_file):
            raise PermissionDenied
        if import_file is None:
            raise Http404
        return import_file

    def _find_to_decide(self, request: HttpRequest, pk: int) -> tuple[ImportFile, Kind]:
        import_file = self._find(request, str(pk))
        return import_file, self._find_kind(request, import_file.kind)

    def _find_kind(self, request: HttpRequest, code: str) -> Kind:
        """Return a kind that this person may import; raise Http404 or PermissionDenied."""
        kind = KINDS.get(code)
        if kind is None or not kind.permissions:
            raise Http404
        if kind not in kinds_for(request.user, KINDS):
            raise PermissionDenied
        return kind


def _describe(kind: Kind) -> dict:
    return {"code": kind.code, "label": ImportKind(kind.code).label, "about": kind.about}
