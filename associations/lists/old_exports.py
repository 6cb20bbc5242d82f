"""Removing old XLSX files of the claims list: anyone who needs one still can export again."""

import datetime as dt

from django.conf import settings
from django.db import transaction

from cpor_site.web.keeping import CHUNK, find_cut_off

from ..claims.stored_files import remove_after_commit
from ..models import ClaimsExport
from .export_files import list_paths


def remove_old_exports(*, now: dt.datetime, is_dry_run: bool = False) -> int:
    """Remove exports that were finished KEEP_EXPORTS_DAYS ago or earlier; return how many."""
    cut_off = find_cut_off(settings.KEEP_EXPORTS_DAYS, now=now)
    if cut_off is None:
        return 0
    finished = ClaimsExport.objects.exclude(state__in=ClaimsExport.OPEN_STATES)
    old = finished.filter(touched_at__lt=cut_off)
    if is_dry_run:
        return old.count()
    return sum(_remove(pk) for pk in list(old.order_by("pk").values_list("pk", flat=True)[:CHUNK]))


@transaction.atomic
def _remove(pk: int) -> bool:
    export = ClaimsExport.objects.select_for_update().filter(pk=pk).first()
    if export is None:
        return False  # removed concurrently
    for name in list_paths(export):
        remove_after_commit(export.file.storage, name)
    export.delete()
    return True
