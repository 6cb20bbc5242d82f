"""Loading usage files: each batch of rows is written in one transaction with its counts [R38].

An interrupted load loses nothing and continues where it stopped; loading a file twice changes
nothing; rows with errors are kept with their line and do not stop the others.
"""

import datetime as dt
import hashlib
import io
import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from itertools import islice
from typing import BinaryIO

from celery import current_app
from django.core.files import File
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from ..claims.stored_files import removed_on_failure, write_file
from ..models import UsageImport, UsageProblem
from . import attention
from .file_format import Record, RowError, UnreadableFile, read_records
from .tables import Found, find_subjects, save_found

logger = logging.getLogger(__name__)

State, Reason = UsageImport.State, UsageProblem.Reason
BATCH = 1_000
#: Rows with errors that are kept for each file, so that a wrong file does not fill the table.
PROBLEMS_MAX = 1_000
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
#: Files up to this size are loaded during the upload; a task loads larger ones.
AT_ONCE_BYTES = 200_000
#: A load without activity for this long has died with its process.
LEASE = dt.timedelta(minutes=2)
MAX_ATTEMPTS = 5
TASK = "associations.tasks.load_usage_files"


class LoadTakenOver(RuntimeError):
    """Another process has taken over this load; what it wrote is kept."""


class NoRoom(RuntimeError):
    """A file could not be stored: the disk is full or broken."""


def _report_nothing(_size: int) -> None:
    """Report no progress."""


def load_usage(
    file: BinaryIO, *, name: str, actor, progress: Callable[[int], object] = _report_nothing
) -> UsageImport:
    """Load a usage file from this machine immediately and return its record [R38].

    ``actor`` is the user it is recorded for (None for the operator's own script); ``progress`` is
    called with the number of bytes done since the last call. For a file that cannot be read at
    all, ``state`` of the record is FAILED, with one problem.
    """
    digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]  # any file has readinto
    usage_import = UsageImport.objects.create(
        name=name[:200],
        sha256=digest.hexdigest(),
        size=file.seek(0, io.SEEK_END),
        loaded_by=actor,
        state=State.LOADING,
        attempts=1,
    )
    file.seek(0)
    _load(usage_import, file, progress=progress)
    return usage_import


def receive_usage_file(upload: File, *, actor) -> UsageImport:
    """Store an uploaded file and load it: a small one immediately, a large one in a task [R38].

    Raise NoRoom if the file cannot be stored; then nothing of it is kept.
    """
    try:
        usage_import = _keep(upload, actor=actor)
    except OSError as error:
        logger.exception("a usage file could not be stored")
        raise NoRoom from error
    if upload.size <= AT_ONCE_BYTES:
        load_stored(usage_import.pk)
    else:
        transaction.on_commit(ask_for_load)
    usage_import.refresh_from_db()
    return usage_import


def _keep(upload: File, *, actor) -> UsageImport:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    usage_import = UsageImport(
        name=(upload.name or "")[:200],
        sha256=digest.hexdigest(),
        size=upload.size,
        loaded_by=actor,
    )
    with removed_on_failure(usage_import.file.storage) as written, transaction.atomic():
        write_file(usage_import.file, upload, written)
        usage_import.save(force_insert=True)
    return usage_import


def ask_for_load() -> None:
    """Ask a worker to load the waiting files; if no broker answers, the sweep will."""
    try:
        current_app.send_task(TASK, retry=False, ignore_result=True)
    except Exception:
        logger.warning("no broker to start loading usage; the sweep will", exc_info=True)


def find_unfinished() -> list[int]:
    """Return files that are waiting, or whose load has died, oldest first."""
    return list(UsageImport.objects.filter(_is_free()).order_by("pk").values_list("pk", flat=True))


def _is_free() -> Q:
    # A load takes minutes, and each sign of its life comes from the clock itself.
    died = Q(state=State.LOADING, touched_at__lt=timezone.now() - LEASE)
    return Q(state=State.WAITING) | died


def load_stored(pk: int) -> None:
    """Load a stored file, or continue loading it; do nothing if another process is loading it."""
    usage_import = UsageImport.objects.get(pk=pk)
    if not _take(usage_import):
        _drop_file(usage_import)
        return
    try:
        with _open_stored(usage_import) as file:
            _load(usage_import, file, progress=_report_nothing)
    except FileNotFoundError:
        _fail(usage_import, RowError(Reason.FILE_LOST))
    except LoadTakenOver as taken_over:
        logger.info("left to another process: %s", taken_over)
    _drop_file(usage_import)


def _open_stored(usage_import: UsageImport) -> File:
    """Open the stored file. Raise FileNotFoundError: a load from the command line stores none."""
    if not usage_import.file:
        raise FileNotFoundError(usage_import.name)
    return usage_import.file.open("rb")


def _take(usage_import: UsageImport) -> bool:
    """Take over this load by compare-and-set; give up one that was interrupted too often."""
    as_read = UsageImport.objects.filter(pk=usage_import.pk, attempts=usage_import.attempts)
    taken = as_read.filter(_is_free()).update(
        state=State.LOADING, attempts=F("attempts") + 1, touched_at=timezone.now()
    )
    usage_import.refresh_from_db()
    if taken and usage_import.attempts > MAX_ATTEMPTS:
        _fail(usage_import, RowError(Reason.GAVE_UP))
        return False
    return bool(taken)


def _load(
    usage_import: UsageImport, file: BinaryIO | File, *, progress: Callable[[int], object]
) -> None:
    records = read_records(file, today=timezone.now().date())
    try:
        with closing(SeenKeys()) as seen:
            seen.note(islice(records, usage_import.rows_done))
            while batch := list(islice(records, BATCH)):
                before = usage_import.bytes_done
                _save_batch(usage_import, batch, seen=seen)
                progress(usage_import.bytes_done - before)
    except UnreadableFile as error:
        _fail(usage_import, error)
        return
    progress(usage_import.size - usage_import.bytes_done)
    _settle(usage_import, state=State.DONE, bytes_done=usage_import.size)


def _save_batch(usage_import: UsageImport, batch: list[Record], *, seen: "SeenKeys") -> None:
    today = timezone.now().date()
    with transaction.atomic():
        found, problems = _sort_out(batch, seen=seen)
        _save_problems(usage_import, problems)
        counts = save_found(found)
        counts["bad"] = len(problems)
        _count(usage_import, counts, batch=batch)
        rows = [each.row for each in batch if not isinstance(each.row, RowError)]
        is_changed = bool(counts["new"] or counts["changed"])
        locked = attention.look_at_figures(rows, today=today) if is_changed else set()
    attention.look_at_locked(locked, today=today)


def _save_problems(usage_import: UsageImport, problems: list[UsageProblem]) -> None:
    """Save the first PROBLEMS_MAX problems of a file; ``rows_bad`` counts them all."""
    if not problems:
        return
    kept = problems[: max(0, PROBLEMS_MAX - usage_import.problems.count())]
    for problem in kept:
        problem.usage_import = usage_import
    UsageProblem.objects.bulk_create(kept, batch_size=BATCH)


def _sort_out(batch: list[Record], *, seen: "SeenKeys") -> tuple[list[Found], list[UsageProblem]]:
    """Split the batch into rows to save and problems, with one query for each table."""
    subjects = find_subjects(record.row for record in batch)
    found, problems = [], []
    for record in batch:
        try:
            if isinstance(record.row, RowError):
                raise record.row
            place = subjects.locate(record.row)
            seen.require_new(record.row.key, line=record.line)
            found.append(place)
        except RowError as error:
            problems.append(error.as_problem(record.line))
    return found, problems


def _count(usage_import: UsageImport, counts: Counter, *, batch: list[Record]) -> None:
    """Count the batch as done, in the transaction that writes it.

    Raise LoadTakenOver, which undoes the batch, if another process has counted it in the meantime.
    """
    before, rows_done = usage_import.rows_done, usage_import.rows_done + len(batch)
    ours = UsageImport.objects.filter(
        pk=usage_import.pk, attempts=usage_import.attempts, rows_done=before, state=State.LOADING
    )
    if not ours.update(
        rows_done=rows_done,
        bytes_done=batch[-1].bytes_read,
        touched_at=timezone.now(),
        **{f"rows_{name}": F(f"rows_{name}") + number for name, number in counts.items()},
    ):
        raise LoadTakenOver(f"usage file {usage_import.pk} after {before} rows")
    usage_import.rows_done, usage_import.bytes_done = rows_done, batch[-1].bytes_read


@transaction.atomic
def _fail(usage_import: UsageImport, error: RowError) -> None:
    problem = error.as_problem(line=1)
    problem.usage_import = usage_import
    problem.save()
    _settle(usage_import, state=State.FAILED)


def _settle(usage_import: UsageImport, **fields) -> None:
    UsageImport.objects.filter(pk=usage_import.pk).update(touched_at=timezone.now(), **fields)
    usage_import.refresh_from_db()


def _drop_file(usage_import: UsageImport) -> None:
    """Remove the file of a finished load: its figures are in the tables, its hash in the record.

    A file that failed is not read again either: its owner still has it, and loads a corrected one.
    """
    if usage_import.is_finished and usage_import.file:
        usage_import.file.delete(save=False)
        _settle(usage_import, file="")


class SeenKeys:
    """The keys of a file so far, on disk, so that a large file does not fill the memory."""

    def __init__(self):
        self._db = sqlite3.connect("")  # a private temporary file, removed when it is closed
        self._db.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")

    def close(self) -> None:
        self._db.close()

    def note(self, records: Iterable[Record]) -> None:
        """Remember rows of an earlier, interrupted load, without reporting problems again."""
        for record in records:
            if not isinstance(record.row, RowError):
                self._add(record.row.key, record.line)

    def require_new(self, key: str, *, line: int) -> None:
        """Raise RowError, naming the earlier line, if the file already had this key."""
        if not self._add(key, line):
            found = self._db.execute("SELECT line FROM seen WHERE key = ?", (key,))
            raise RowError(Reason.DUPLICATE, value=found.fetchone()[0])

    def _add(self, key: str, line: int) -> bool:
        statement = "INSERT OR IGNORE INTO seen VALUES (?, ?)"
        return self._db.execute(statement, (key, line)).rowcount == 1
