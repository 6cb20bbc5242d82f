"""Loading usage files: each batch of rows in one transaction with the count of it [R38].

A load that is cut short loses nothing and goes on where it stopped; a file loaded twice changes
nothing; bad rows are noted with their line and keep no other row out.
"""

import datetime as dt
import hashlib
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

from .. import clock
from ..claims.stored_files import removed_on_failure, write_file
from ..models import UsageImport, UsageProblem
from .file_format import Record, RowError, UnreadableFile, read_records
from .tables import Found, find_subjects, save_found

logger = logging.getLogger(__name__)

State, Reason = UsageImport.State, UsageProblem.Reason
BATCH = 1_000
#: Bad rows of a file that are kept, so that a wrong file does not fill the table.
PROBLEMS_MAX = 1_000
MAX_UPLOAD_BYTES = 50 * 1024 * 1024
#: Files up to this size are loaded while the person waits; a larger one by a task.
AT_ONCE_BYTES = 200_000
#: A load that showed no sign of life for so long has died with its process.
LEASE = dt.timedelta(minutes=2)
MAX_ATTEMPTS = 5
TASK = "associations.tasks.load_usage_files"


class LoadTakenOver(RuntimeError):
    """Another process goes on with this load; what it wrote stands."""


class NoRoom(RuntimeError):
    """The disk is full or broken, so that a file could not be kept."""


def _report_nothing(_size: int) -> None:
    """No bar to move."""


def load_usage(
    file: BinaryIO, *, name: str, actor, progress: Callable[[int], object] = _report_nothing
) -> UsageImport:
    """Load a usage file that lies on this machine, at once, and return what came of it [R38].

    ``actor`` is the user it is recorded for (or None: the operator's own script); ``progress`` is
    called with the number of bytes done since the last call. ``state`` of the result is FAILED,
    with one problem, for a file that cannot be read at all.
    """
    usage_import = UsageImport.objects.create(
        name=name[:200],
        sha256=_hash(file),
        size=file.tell(),
        loaded_by=actor,
        state=State.LOADING,
        attempts=1,
    )
    file.seek(0)
    _load(usage_import, file, progress=progress)
    return usage_import


def receive_usage_file(upload: File, *, actor) -> UsageImport:
    """Keep an uploaded file and load it: a small one at once, a large one by a task [R38].

    Raises NoRoom where the file cannot be kept; then nothing of it is.
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
    """Ask a worker to load what waits; where no broker answers, the sweep does it."""
    try:
        current_app.send_task(TASK, retry=False, ignore_result=True)
    except Exception:
        logger.warning("no broker to start loading usage; the sweep will", exc_info=True)


def find_unfinished() -> list[int]:
    """Files that wait, or whose load has died, oldest first."""
    return list(UsageImport.objects.filter(_is_free()).order_by("pk").values_list("pk", flat=True))


def _is_free() -> Q:
    died = Q(state=State.LOADING, touched_at__lt=clock.now() - LEASE)
    return Q(state=State.WAITING) | died


def load_stored(pk: int) -> None:
    """Load a kept file, or go on with it; does nothing where another process is at it."""
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
    """Raises FileNotFoundError; a load from the command line keeps no file."""
    if not usage_import.file:
        raise FileNotFoundError(usage_import.name)
    return usage_import.file.open("rb")


def _take(usage_import: UsageImport) -> bool:
    """Make this load ours by compare-and-set; one that broke off too often is given up."""
    as_read = UsageImport.objects.filter(pk=usage_import.pk, attempts=usage_import.attempts)
    taken = as_read.filter(_is_free()).update(
        state=State.LOADING, attempts=F("attempts") + 1, touched_at=clock.now()
    )
    usage_import.refresh_from_db()
    if taken and usage_import.attempts > MAX_ATTEMPTS:
        _fail(usage_import, RowError(Reason.GAVE_UP))
        return False
    return bool(taken)


def _load(
    usage_import: UsageImport, file: BinaryIO | File, *, progress: Callable[[int], object]
) -> None:
    records = read_records(file, today=clock.now().date())
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
    with transaction.atomic():
        found, problems = _sort_out(batch, seen=seen)
        _save_problems(usage_import, problems)
        counts = save_found(found)
        counts["bad"] = len(problems)
        _count(usage_import, counts, batch=batch)


def _save_problems(usage_import: UsageImport, problems: list[UsageProblem]) -> None:
    """Keep the first PROBLEMS_MAX of a file; ``rows_bad`` counts the others."""
    if not problems:
        return
    kept = problems[: max(0, PROBLEMS_MAX - usage_import.problems.count())]
    for problem in kept:
        problem.usage_import = usage_import
    UsageProblem.objects.bulk_create(kept, batch_size=BATCH)


def _sort_out(batch: list[Record], *, seen: "SeenKeys") -> tuple[list[Found], list[UsageProblem]]:
    """Part the batch into rows to keep and problems, with one look-up a table."""
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
    """Note the batch as done, in the transaction that writes it.

    Raises LoadTakenOver, and so undoes the batch, where another process has counted it meanwhile.
    """
    before, rows_done = usage_import.rows_done, usage_import.rows_done + len(batch)
    ours = UsageImport.objects.filter(
        pk=usage_import.pk, attempts=usage_import.attempts, rows_done=before, state=State.LOADING
    )
    if not ours.update(
        rows_done=rows_done,
        bytes_done=batch[-1].bytes_read,
        touched_at=clock.now(),
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
    UsageImport.objects.filter(pk=usage_import.pk).update(touched_at=clock.now(), **fields)
    usage_import.refresh_from_db()


def _drop_file(usage_import: UsageImport) -> None:
    """Remove the file of a finished load: its figures are in the tables, its hash in the record.

    One that failed is not read again either; the person has it and loads the corrected one.
    """
    if usage_import.is_finished and usage_import.file:
        usage_import.file.delete(save=False)
        _settle(usage_import, file="")


def _hash(file: BinaryIO) -> str:
    """SHA-256 of a file read to its end."""
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


class SeenKeys:
    """The keys a file has had so far, on disk: a large file must not fill the memory."""

    def __init__(self):
        self._db = sqlite3.connect("")  # SQLite's private temporary file, gone when closed
        self._db.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")

    def close(self) -> None:
        self._db.close()

    def note(self, records: Iterable[Record]) -> None:
        """Remember the rows of an earlier, broken load; nothing is said about them again."""
        for record in records:
            if not isinstance(record.row, RowError):
                self._add(record.row.key, record.line)

    def require_new(self, key: str, *, line: int) -> None:
        """Raise RowError where the file has had this key; it names the line."""
        if not self._add(key, line):
            found = self._db.execute("SELECT line FROM seen WHERE key = ?", (key,))
            raise RowError(Reason.DUPLICATE, value=found.fetchone()[0])

    def _add(self, key: str, line: int) -> bool:
        statement = "INSERT OR IGNORE INTO seen VALUES (?, ?)"
        return self._db.execute(statement, (key, line)).rowcount == 1
