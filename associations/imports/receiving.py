"""Files on their way: stored, checked, confirmed, loaded, discarded; taken by one process at a time [R60]."""

import datetime as dt
import hashlib
import io
import logging
import tempfile
from collections.abc import Callable, Mapping
from typing import BinaryIO

from django.core.files import File
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cpor_site.web.workers import ask_worker

from ..claims.stored_files import remove_after_commit, removed_on_failure, write_file
from ..models import ImportFile, ImportRow, RowReason
from .engine import LoadTakenOver, State, fail, report_nothing, run_file, settle
from .kinds import Kind
from .rows import RowError, UnreadableFile

logger = logging.getLogger(__name__)

MAX_UPLOAD_BYTES = 50 * 1024 * 1024
#: A run without activity for this long has died with its process.
LEASE = dt.timedelta(minutes=2)
MAX_ATTEMPTS = 5
TASK = "associations.tasks.load_files"
#: State of a file that waits → its state while a process is at work on it.
TAKEN = {State.TO_CHECK: State.CHECKING, State.WAITING: State.LOADING}

Kinds = Mapping[str, Kind]


#: Files that one person may have waiting or being handled.
OPEN_MAX = 5


class TooManyOpen(RuntimeError):
    """The person's earlier files are not finished; ``str(error)`` says so."""


class NoRoom(RuntimeError):
    """A file could not be stored: the disk is full or broken."""


def load_from_disk(
    file: BinaryIO,
    kind: Kind,
    *,
    name: str,
    actor,
    now: dt.datetime,
    is_trial: bool = False,
    progress: Callable[[int], object] = report_nothing,
) -> ImportFile:
    """Load a file from this machine immediately, or only check it, and return its record [R38].

    ``actor`` is the user it is recorded for (None for the operator's own script); ``progress`` is called
    with the number of bytes done since the last call. The file is copied first, so that no one can change
    it while it is read. For a file that cannot be read at all, ``state`` of the record is FAILED, with one
    row.
    """
    with tempfile.TemporaryFile() as copy:
        digest = hashlib.sha256()
        while block := file.read(1_048_576):
            digest.update(block)
            copy.write(block)
        import_file = ImportFile.objects.create(
            kind=kind.code,
            name=name[:200],
            sha256=digest.hexdigest(),
            size=copy.seek(0, io.SEEK_END),
            loaded_by=actor,
            state=State.CHECKING if is_trial else State.LOADING,
            attempts=1,
        )
        copy.seek(0)
        run_file(import_file, copy, kind, now=now, progress=progress)
    if import_file.state == State.CHECKED:
        settle(import_file, state=State.DISCARDED)  # nothing is stored that could be imported
    return import_file


def receive_file(upload: File, kind: Kind, *, actor, now: dt.datetime, partner=None) -> ImportFile:
    """Store an uploaded file and check or load it: a small one immediately, a large one in a task.

    Raise NoRoom if the file cannot be stored, or TooManyOpen; then nothing of it is kept.
    """
    if partner is not None:
        _require_few_open(actor)
    try:
        import_file = _store(upload, kind, actor=actor, partner=partner)
    except OSError as error:
        logger.exception("a file to import could not be stored")
        raise NoRoom from error
    _start(import_file, kind, now=now)
    return import_file


def _require_few_open(actor) -> None:
    mine = ImportFile.objects.filter(loaded_by=actor)
    unfinished = mine.exclude(state__in=ImportFile.FINISHED_STATES)
    if unfinished.count() >= OPEN_MAX:
        words = _(
            "You have %(number)d files that are not finished. Import or discard one of them first."
        )
        raise TooManyOpen(words % {"number": OPEN_MAX})


def _store(upload: File, kind: Kind, *, actor, partner) -> ImportFile:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    import_file = ImportFile(
        kind=kind.code,
        partner=partner,
        name=(upload.name or "")[:200],
        sha256=digest.hexdigest(),
        size=upload.size,
        loaded_by=actor,
        state=State.TO_CHECK if kind.is_checked_first else State.WAITING,
    )
    with removed_on_failure(import_file.file.storage) as written, transaction.atomic():
        write_file(import_file.file, upload, written)
        import_file.save(force_insert=True)
    return import_file


def _start(import_file: ImportFile, kind: Kind, *, now: dt.datetime) -> None:
    if import_file.size <= kind.at_once_bytes:
        load_stored(import_file.pk, {kind.code: kind}, now=now)
        import_file.refresh_from_db()
    else:
        transaction.on_commit(ask_for_load)


def confirm(import_file: ImportFile, kind: Kind, *, now: dt.datetime) -> bool:
    """Import a file that was checked; return False if it is not waiting for that any more.

    The counts and rows of the check make way for those of the load, which checks everything again.
    """
    with transaction.atomic():
        checked = ImportFile.objects.filter(pk=import_file.pk, state=State.CHECKED)
        if not checked.update(
            state=State.WAITING,
            attempts=0,
            touched_at=timezone.now(),
            **dict.fromkeys(
                ("bytes_done", "rows_done", "rows_new", "rows_changed", "rows_same", "rows_bad"), 0
            ),
        ):
            return False
        ImportRow.objects.filter(import_file=import_file).delete()
    import_file.refresh_from_db()
    _start(import_file, kind, now=now)
    return True


def discard(import_file: ImportFile) -> bool:
    """Drop a file that was checked, with its stored content; return False if it is not waiting any more."""
    with transaction.atomic():
        checked = ImportFile.objects.select_for_update().filter(
            pk=import_file.pk, state=State.CHECKED
        )
        found = checked.first()
        if found is None:
            return False
        settle(import_file, state=State.DISCARDED, file="")
        if found.file:
            remove_after_commit(found.file.storage, str(found.file.name))
    return True


def ask_for_load() -> None:
    """Ask a worker to handle the waiting files; if no broker answers, the sweep will."""
    ask_worker(TASK)


def find_unfinished() -> list[int]:
    """Return files that are waiting, or whose run has died, oldest first."""
    return list(ImportFile.objects.filter(_is_free()).order_by("pk").values_list("pk", flat=True))


def _is_free() -> Q:
    # A run takes minutes, and each sign of its life comes from the clock itself.
    died = Q(state__in=TAKEN.values(), touched_at__lt=timezone.now() - LEASE)
    return Q(state__in=TAKEN) | died


def load_stored(pk: int, kinds: Kinds, *, now: dt.datetime) -> None:
    """Check or load a stored file, or continue with it; do nothing if another process is at work on it."""
    import_file = ImportFile.objects.select_related("loaded_by").get(pk=pk)
    if not _take(import_file):
        _drop_file(import_file)
        return
    try:
        with _open_stored(import_file) as content:
            _require_unchanged(import_file, content)
            run_file(import_file, content, kinds[import_file.kind], now=now)
    except FileNotFoundError:
        fail(import_file, RowError(RowReason.FILE_LOST))
    except UnreadableFile as error:
        fail(import_file, error)
    except LoadTakenOver as taken_over:
        logger.info("left to another process: %s", taken_over)
    _drop_file(import_file)


def _open_stored(import_file: ImportFile) -> File:
    """Open the stored file. Raise FileNotFoundError: a load from the command line stores none."""
    if not import_file.file:
        raise FileNotFoundError(import_file.name)
    return import_file.file.open("rb")


def _require_unchanged(import_file: ImportFile, content: File) -> None:
    """Raise UnreadableFile if the store holds other bytes than those that were uploaded."""
    digest = hashlib.file_digest(content, "sha256")  # type: ignore[arg-type]  # any file has readinto
    if import_file.sha256 and digest.hexdigest() != import_file.sha256:
        raise UnreadableFile(RowReason.FILE_CHANGED)
    content.seek(0)


def _take(import_file: ImportFile) -> bool:
    """Take over this file by compare-and-set; give up one that was interrupted too often."""
    as_read = ImportFile.objects.filter(
        pk=import_file.pk, attempts=import_file.attempts, state=import_file.state
    )
    taken = as_read.filter(_is_free()).update(
        state=TAKEN.get(State(import_file.state), import_file.state),
        attempts=F("attempts") + 1,
        touched_at=timezone.now(),
    )
    import_file.refresh_from_db()
    if taken and import_file.attempts > MAX_ATTEMPTS:
        fail(import_file, RowError(RowReason.GAVE_UP))
        return False
    return bool(taken)


def _drop_file(import_file: ImportFile) -> None:
    """Remove the content of a finished file: what it said is in the tables, its hash in the record.

    A file that failed is not read again either: its owner still has it, and loads a corrected one.
    """
    if import_file.is_finished and import_file.file:
        import_file.file.delete(save=False)
        settle(import_file, file="")
