"""Removing old reports of usage files, with their rows with errors; the usage itself stays."""

import datetime as dt

from django.conf import settings
from django.db import transaction

from cpor_site.web.keeping import CHUNK, delete_in_chunks, find_cut_off

from ..claims.stored_files import remove_after_commit
from ..models import UsageImport, UsageProblem

FINISHED = (UsageImport.State.DONE, UsageImport.State.FAILED)


def remove_old_usage_reports(*, now: dt.datetime, is_dry_run: bool = False) -> int:
    """Remove reports of loads that ended KEEP_USAGE_REPORTS_DAYS ago or earlier; return how many."""
    cut_off = find_cut_off(settings.KEEP_USAGE_REPORTS_DAYS, now=now)
    if cut_off is None:
        return 0
    old = UsageImport.objects.filter(state__in=FINISHED, touched_at__lt=cut_off)
    if is_dry_run:
        return old.count()
    return sum(_remove(pk) for pk in list(old.order_by("pk").values_list("pk", flat=True)[:CHUNK]))


def _remove(pk: int) -> bool:
    """Remove a report, first its rows with errors, a chunk at a time; return whether it is gone."""
    problems = UsageProblem.objects.filter(usage_import=pk)
    delete_in_chunks(problems)
    if problems.exists():
        return False  # the next run continues
    with transaction.atomic():
        report = UsageImport.objects.select_for_update().filter(pk=pk).first()
        if report is None:
            return False
        if report.file:
            remove_after_commit(report.file.storage, str(report.file.name))
        report.delete()
    return True
