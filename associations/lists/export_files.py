"""XLSX files of the claims list: asked for on a page, written by a task, sent by email as a link [R46].

An export that was interrupted is written again from the start; if two processes write one concurrently,
only the one that took it last finishes it.
"""

import datetime as dt
import tempfile
from typing import Any

import structlog
from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from cpor_site.web.refused import RefusedError
from cpor_site.web.workers import ask_worker
from cpor_site.web.xlsx_files import ROWS_MAX
from partners.models import Membership, User

from .. import emails
from ..claims.stored_files import removed_on_failure, write_file
from ..claims.visible import claims_visible_to
from ..models import Claim, ClaimsExport
from ..models.claims_export import make_export_path
from .listing import filter_claims
from .spreadsheet import write_claims_xlsx

log = structlog.get_logger(__name__)

State, Failure = ClaimsExport.State, ClaimsExport.Failure
#: How many exports a person can have under way.
OPEN_MAX = 3
#: An export without activity for this long has died with its process.
LEASE = dt.timedelta(minutes=2)
MAX_ATTEMPTS = 5
TASK = "associations.tasks.write_claims_exports"


class TooManyExports(RefusedError):
    """The person has as many exports under way as they can have."""

    words = _("You already have three exports under way. Wait until one of them is ready.")


class TakenOver(RuntimeError):
    """Another process writes this export now."""


class Impossible(Exception):
    """There will be no file, for this reason."""

    def __init__(self, failure: ClaimsExport.Failure):
        super().__init__(failure)
        self.failure = failure


def request_export(
    membership: Membership, *, chosen: dict[str, str], language: str, now: dt.datetime
) -> ClaimsExport:
    """Return the export of what the filter ``chosen`` finds: the one under way, or a new one.

    Raise TooManyExports. Locks the person's row, so that simultaneous requests are counted.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=membership.user_id)
        under_way = list(_exports_of(membership.user_id).filter(state__in=ClaimsExport.OPEN_STATES))
        for export in under_way:
            if export.partner_id == membership.partner_id and export.chosen == chosen:
                return export
        if len(under_way) >= OPEN_MAX:
            raise TooManyExports
        transaction.on_commit(ask_to_write)
        return ClaimsExport.objects.create(
            partner=membership.partner,
            requested_by_id=membership.user_id,
            requested_at=now,
            touched_at=now,
            chosen=chosen,
            language=language,
        )


def exports_visible_to(membership: Membership) -> QuerySet[ClaimsExport]:
    """Return what the person asked for at this partner; no one else sees it."""
    return _exports_of(membership.user_id).filter(partner=membership.partner_id)


def has_same_reach(export: ClaimsExport, membership: Membership) -> bool:
    """Return whether the member may see the same locations as when the file was written [R37]."""
    return export.locations == _find_reach(membership)


def find_expiry(export: ClaimsExport) -> dt.datetime | None:
    """Return when a finished export is old, see ``old_exports``; None if it is kept forever."""
    days = settings.KEEP_EXPORTS_DAYS
    return export.touched_at + dt.timedelta(days=days) if days > 0 else None


def ask_to_write() -> None:
    """Ask a worker to write the waiting exports; if no broker answers, the sweep will."""
    ask_worker(TASK)


def find_unfinished() -> list[int]:
    """Return exports that are waiting, or whose process has died, oldest first."""
    return list(ClaimsExport.objects.filter(_is_free()).order_by("pk").values_list("pk", flat=True))


def write_export(pk: int) -> None:
    """Write an export, store its file and tell the person; do nothing if another process is at it."""
    export = ClaimsExport.objects.get(pk=pk)
    try:
        if _take(export):
            _write_or_fail(export)
    except TakenOver:
        log.info("export left to another process", export=str(export.key))


def _exports_of(user_id: int) -> QuerySet[ClaimsExport]:
    return ClaimsExport.objects.filter(requested_by=user_id).select_related("partner")


def _is_free() -> Q:
    # A file takes minutes, and each sign of its life comes from the clock itself.
    died = Q(state=State.WRITING, touched_at__lt=timezone.now() - LEASE)
    return Q(state=State.WAITING) | died


def _take(export: ClaimsExport) -> bool:
    """Take the export by compare-and-set; return whether it is ours now."""
    as_read = ClaimsExport.objects.filter(_is_free(), pk=export.pk, attempts=export.attempts)
    taken = as_read.update(
        state=State.WRITING, attempts=F("attempts") + 1, touched_at=timezone.now(), rows_done=0
    )
    export.refresh_from_db()
    return bool(taken)


def _write_or_fail(export: ClaimsExport) -> None:
    """Write the file, or note why there will be none. What else is raised leaves it to a later sweep."""
    try:
        with translation.override(export.language):
            _write(export)
    except Impossible as impossible:
        _note(export, state=State.FAILED, failure=impossible.failure)


def _write(export: ClaimsExport) -> None:
    """Write the file of what the person may see now; raise Impossible if there will be none."""
    if export.attempts > MAX_ATTEMPTS:
        raise Impossible(Failure.GAVE_UP)
    claims = _find_claims(export, now=timezone.now())
    total = claims.count()
    if total > ROWS_MAX:
        raise Impossible(Failure.TOO_MANY)
    _note(export, rows_total=total, locations=export.locations)
    with tempfile.TemporaryFile() as file:
        write_claims_xlsx(claims, file, progress=lambda rows: _note(export, rows_done=rows))
        _finish(export, File(file, name="claims.xlsx"))


def _find_claims(export: ClaimsExport, *, now: dt.datetime) -> QuerySet[Claim]:
    """Return the claims of the filter, and set ``locations`` to those that the person may see."""
    membership = _find_membership(export)
    export.locations = _find_reach(membership)
    reach = claims_visible_to(membership.user, membership)
    claims = filter_claims(reach, export.chosen, customers=None, now=now)
    status = export.chosen.get("status")
    return claims.filter(status=status) if status else claims


def _find_membership(export: ClaimsExport) -> Membership:
    """Return the person's membership now. Raise Impossible if they may not see the partner any more."""
    members = Membership.objects.select_related("user", "partner").filter(user__is_active=True)
    found = members.filter(user=export.requested_by_id, partner=export.partner_id).first()
    if found is None:
        raise Impossible(Failure.NO_ACCESS)
    return found


def _find_reach(membership: Membership) -> list[int] | None:
    """Return the keys of the member's locations; None for all [R41]."""
    if membership.has_all_locations:
        return None
    return sorted(membership.locations.values_list("pk", flat=True))


def _finish(export: ClaimsExport, content: File) -> None:
    """Store the file; then finish the export and queue the email, in one transaction."""
    membership = _find_membership(export)
    with removed_on_failure(export.file.storage) as written:
        write_file(export.file, content, written)
        with transaction.atomic():
            _note(export, state=State.DONE, file=export.file.name, size=content.size)
            emails.claims_export_ready(
                export, membership=membership, expires_at=find_expiry(export)
            )


def _note(export: ClaimsExport, **fields: Any) -> None:
    """Save progress by compare-and-set, as a sign of life. Raise TakenOver if it is another's now."""
    mine = ClaimsExport.objects.filter(pk=export.pk, attempts=export.attempts, state=State.WRITING)
    fields["touched_at"] = timezone.now()
    if not mine.update(**fields):
        raise TakenOver
    for name, value in fields.items():
        setattr(export, name, value)


def list_paths(export: ClaimsExport) -> set[str]:
    """Return where files of the export may be in storage: also those of attempts that died."""
    attempts = (ClaimsExport(key=export.key, attempts=n + 1) for n in range(export.attempts))
    stored = {str(export.file.name)} if export.file else set()
    return stored.union(make_export_path(each, "") for each in attempts)
