"""Removing old reports of imports with their rows; what was imported stays."""

import datetime as dt

from django.conf import settings
from django.db import transaction

from cpor_site.web.keeping import CHUNK, delete_in_chunks, find_cut_off

from ..claims.stored_files import remove_after_commit
from ..models import ImportFile, ImportRow
from .receiving import discard

State = ImportFile.State
#: How long a checked file waits for someone to import it.
WAITS = dt.timedelta(days=7)


def remove_old_reports(*, now: dt.datetime, is_dry_run: bool = False) -> int:
    """Remove reports of files that were done with KEEP_USAGE_REPORTS_DAYS ago or earlier; return how many."""
    cut_off = find_cut_off(settings.KEEP_USAGE_REPORTS_DAYS, now=now)
    if cut_off is None:
        return 0
    old = ImportFile.objects.filter(state__in=ImportFile.FINISHED_STATES, touched_at__lt=cut_off)
    if is_dry_run:
        return old.count()
    return sum(_remove(pk) for pk in list(old.order_by("pk").values_list("pk", flat=True)[:CHUNK]))


def _remove(pk: int) -> bool:
    """Remove a report, first its rows, a chunk at a time; return whether it is gone."""
    rows = ImportRow.objects.filter(import_file=pk)
    delete_in_chunks(rows)
    if rows.exists():
        return False  # the next run continues
    with transaction.atomic():
        report = ImportFile.objects.select_for_update().filter(pk=pk).first()
        if report is None:
            return False
        if report.file:
            remove_after_commit(report.file.storage, str(report.file.name))
        report.delete()
    return True


def discard_forgotten(*, now: dt.datetime, is_dry_run: bool = False) -> int:
    """Discard files that were checked a week ago or earlier and never imported; return how many."""
    forgotten = ImportFile.objects.filter(state=State.CHECKED, touched_at__lt=now - WAITS)
    if is_dry_run:
        return forgotten.count()
    return sum(discard(each) for each in list(forgotten.order_by("pk")[:CHUNK]))
