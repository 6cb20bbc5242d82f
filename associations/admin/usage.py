"""Usage files: upload, report, rows with errors [R38]."""

from collections.abc import Iterator

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cpor_site.web.admin_site import ReadOnlyAdmin
from cpor_site.web.csv_files import stream_csv, write_csv

from ..forms.usage import UsageFileForm
from ..models import UsageImport, UsageProblem
from ..usage.file_format import COLUMNS
from ..usage.loading import NoRoom, receive_usage_file

#: Rows with errors on the page; the file to download has all that were kept.
PROBLEMS_SHOWN = 200
#: Rows with errors that the download reads at once.
PROBLEMS_READ = 500
#: Seconds between refreshes of the report of an unfinished load; that needs no script.
REFRESH_SECONDS = 2


@admin.register(UsageImport)
class UsageImportAdmin(ReadOnlyAdmin):
    list_display = ("name", "state", "loaded_at", "loaded_by", "rows_done", "rows_bad")
    list_filter = ("state",)
    search_fields = ("name", "sha256")
    ordering = ("-pk",)
    list_select_related = ("loaded_by",)

    def has_add_permission(self, request):
        return request.user.has_perm("associations.load_usage")

    def has_view_permission(self, request, obj=None):
        return self.has_add_permission(request) or super().has_view_permission(request, obj)

    def get_urls(self):
        bad_rows = path(
            "<int:pk>/bad-rows.csv",
            self.admin_site.admin_view(self.bad_rows_view),
            name="associations_usageimport_bad_rows",
        )
        return [bad_rows, *super().get_urls()]

    def add_view(self, request, form_url="", extra_context=None):
        """Load an uploaded file and lead to its report."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        is_sent = request.method == "POST"
        form = UsageFileForm(request.POST, request.FILES) if is_sent else UsageFileForm()
        if is_sent and form.is_valid():
            try:
                loaded = receive_usage_file(form.cleaned_data["file"], actor=request.user)
                return redirect("admin:associations_usageimport_change", loaded.pk)
            except NoRoom:
                form.add_error("file", _("We couldn't store this file just now. Try again."))
        template = "admin/associations/usageimport/upload.html"
        title = _("Load a usage file")
        return self.render_page(request, template, title=title, form=form, columns=COLUMNS)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Show the report of a file; it refreshes automatically until the file is loaded."""
        usage_import = self._find(request, object_id)
        problems = usage_import.problems.all()
        response = self.render_page(
            request,
            "admin/associations/usageimport/report.html",
            title=usage_import.name,
            usage_import=usage_import,
            problems=problems[:PROBLEMS_SHOWN],
            has_more_problems=problems[PROBLEMS_SHOWN:].exists(),
            unlisted=usage_import.count_unlisted(),
            earlier=_find_earlier(usage_import),
        )
        if not usage_import.is_finished:
            response.headers["Refresh"] = str(REFRESH_SECONDS)
        return response

    def bad_rows_view(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """Stream the rows with errors as CSV (line, reason, column, value), and how many were not kept."""
        usage_import = self._find(request, str(pk))
        name = f"bad-rows-{usage_import.pk}.csv"
        return stream_csv(name, _write_problems(usage_import))

    def _find(self, request: HttpRequest, object_id: str) -> UsageImport:
        usage_import = self.get_object(request, object_id)
        if not self.has_view_permission(request, usage_import):
            raise PermissionDenied
        if usage_import is None:
            raise Http404
        return usage_import


def _find_earlier(usage_import: UsageImport) -> UsageImport | None:
    """Return an earlier load of the same bytes, which explains why nothing changed, or None."""
    same = UsageImport.objects.filter(sha256=usage_import.sha256, pk__lt=usage_import.pk)
    return same.exclude(sha256="").order_by("-pk").first()


def _write_problems(usage_import: UsageImport) -> Iterator[bytes]:
    header = [_("Line"), _("Reason"), _("Column"), _("Value")]
    yield from write_csv(header, _list_rows(usage_import))


def _list_rows(usage_import: UsageImport) -> Iterator[list[list[str]]]:
    for problems in _read_buffers(usage_import):
        yield [_cells(problem) for problem in problems]
    if unlisted := usage_import.count_unlisted():
        yield [["", describe_unlisted(unlisted), "", ""]]


def _read_buffers(usage_import: UsageImport) -> Iterator[list[UsageProblem]]:
    """Continue from the last row each time, so that nothing is held open while a buffer is sent."""
    problems = usage_import.problems.order_by("line", "pk")
    buffer = list(problems[:PROBLEMS_READ])
    while buffer:
        yield buffer
        last = buffer[-1]
        after = Q(line__gt=last.line) | Q(line=last.line, pk__gt=last.pk)
        buffer = list(problems.filter(after)[:PROBLEMS_READ])


def describe_unlisted(number: int) -> str:
    """Say how many rows with errors are not listed."""
    words = ngettext("%(number)d more row has errors.", "%(number)d more rows have errors.", number)
    return words % {"number": number}


def _cells(problem: UsageProblem) -> list[str]:
    return [str(problem.line), problem.describe(), problem.column, problem.value]
