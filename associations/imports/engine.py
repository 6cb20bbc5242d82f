"""Checking and loading files: each batch of rows is written in one transaction with its counts [R38], [R60].

An interrupted run loses nothing and continues where it stopped; a file that is loaded twice changes
nothing; rows with errors are kept with their line and do not stop the others.
"""

import datetime as dt
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice
from typing import BinaryIO

from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from ..enums import RowOutcome
from ..models import ImportFile, ImportRow, RowReason
from .kinds import Kind, Row, Run
from .rows import Plan, Record, RowError, UnreadableFile
from .seen import Seen
from .tables import open_table

logger = logging.getLogger(__name__)

State = ImportFile.State
#: Rows that are kept for each file and outcome, so that a wrong file does not fill the table.
KEPT_MAX = {RowOutcome.BAD: 5_000, RowOutcome.CHANGED: 1_000, RowOutcome.NEW: 200}
#: How often a batch is tried if someone else adds the same at the same moment.
BATCH_TRIES = 3


class LoadTakenOver(RuntimeError):
    """Another process has taken over this file; what it wrote is kept."""


def report_nothing(_size: int) -> None:
    """Report no progress."""


def run_file(
    file: ImportFile,
    content: BinaryIO | File,
    kind: Kind,
    *,
    now: dt.datetime,
    progress: Callable[[int], object] = report_nothing,
) -> None:
    """Check or load a file that this process has taken, from where it stopped.

    ``progress`` is called with the number of bytes done since the last call. Sentences are written in the
    language of the person who uploaded the file. Raise LoadTakenOver.
    """
    run = Run(file, now)
    language = file.loaded_by.language if file.loaded_by else None
    with closing(Seen()) as seen, translation.override(language or translation.get_language()):
        try:
            table = open_table(content, kind.columns)
            file.columns = table.columns
            _note(islice(table.records, file.rows_done), kind, run, seen)
            for batch in _batches(table.records, kind):
                _require_room(file, batch, kind)
                before = file.bytes_done
                _save_batch(batch, kind, run, seen)
                progress(file.bytes_done - before)
        except UnreadableFile as error:
            fail(file, error)
            return
    progress(file.size - file.bytes_done)
    _finish(file, state=State.CHECKED if run.is_trial else State.DONE)


def _batches(records: Iterator[Record], kind: Kind) -> Iterator[list[Record]]:
    while batch := list(islice(records, kind.batch)):
        yield batch


def _require_room(file: ImportFile, batch: list[Record], kind: Kind) -> None:
    if kind.rows_max is not None and file.rows_done + len(batch) > kind.rows_max:
        raise UnreadableFile(RowReason.TOO_MANY_ROWS, value=kind.rows_max)


def _note(records: Iterable[Record], kind: Kind, run: Run, seen: Seen) -> None:
    """Remember good rows of an earlier, interrupted run, without reporting errors again."""
    bad = set(run.file.problems.values_list("line", flat=True)) if run.file.rows_bad else set()
    for record in records:
        row = _read(record, kind, run)
        if record.line not in bad and not isinstance(row, RowError):
            seen.add(row, line=record.line)


def _read(record: Record, kind: Kind, run: Run) -> Row | RowError:
    if isinstance(record.fields, RowError):
        return record.fields
    try:
        return kind.read(record.fields, run)
    except RowError as error:
        if record.has_merged and error.reason == RowReason.MISSING_VALUE:
            error.reason = RowReason.MERGED
        return error


def _save_batch(batch: list[Record], kind: Kind, run: Run, seen: Seen) -> None:
    """Save a batch; try again if a row that it adds was added by someone else at the same moment."""
    for left in reversed(range(BATCH_TRIES)):
        try:
            with transaction.atomic():
                done = _do_batch(batch, kind, run, seen)
        except IntegrityError:
            if not left:
                raise
        else:
            vars(run.file).update(done)
            return


def _do_batch(batch: list[Record], kind: Kind, run: Run, seen: Seen) -> dict[str, int]:
    plans, bad = _sort_out(batch, kind, run, seen)
    if not run.is_trial:
        for failed, error in kind.save([plan for plan in plans.values() if plan.is_saved], run):
            record = next(record for record, plan in plans.items() if plan is failed)
            del plans[record]
            bad.append(error.as_row(record.line, record.cells))
    _keep(run.file, bad + _list_shown(run.file, plans))
    counts = Counter(plan.outcome for plan in plans.values())
    counts[RowOutcome.BAD] = len(bad)
    return _count(run.file, counts, batch=batch)


def _sort_out(
    batch: list[Record], kind: Kind, run: Run, seen: Seen
) -> tuple[dict[Record, Plan], list[ImportRow]]:
    """Split the batch into what to do and what is wrong, with a fixed number of queries."""
    rows = [_read(record, kind, run) for record in batch]
    found = kind.look_up([row for row in rows if not isinstance(row, RowError)], run)
    plans: dict[Record, Plan] = {}
    bad = []
    for record, row in zip(batch, rows, strict=True):
        try:
            if isinstance(row, RowError):
                raise row
            seen.require_new(row, line=record.line)
            plans[record] = kind.place(row, found, run)
        except RowError as error:
            bad.append(error.as_row(record.line, record.cells))
        else:
            seen.add(row, line=record.line)
    return plans, bad


def _list_shown(file: ImportFile, plans: dict[Record, Plan]) -> list[ImportRow]:
    """Return rows for the preview, no more than are kept: a file may have a hundred thousand."""
    room = {outcome: most - getattr(file, f"rows_{outcome}") for outcome, most in KEPT_MAX.items()}
    shown = []
    for record, plan in plans.items():
        if plan.title and room.get(RowOutcome(plan.outcome), 0) > 0:
            room[RowOutcome(plan.outcome)] -= 1
            shown.append(plan.as_row(record.line))
    return shown


def _keep(file: ImportFile, rows: list[ImportRow]) -> None:
    """Keep the first rows of each outcome; the counts of the file count them all."""
    saved = []
    for outcome in {row.outcome for row in rows}:
        these = [row for row in rows if row.outcome == outcome]
        counted = getattr(file, f"rows_{outcome}")
        saved += these[: max(0, KEPT_MAX[RowOutcome(outcome)] - counted)]
    for row in saved:
        row.import_file = file
    ImportRow.objects.bulk_create(saved, batch_size=1_000)


def _count(file: ImportFile, counts: Counter, *, batch: list[Record]) -> dict[str, int]:
    """Count the batch as done, in the transaction that writes it; return the fields written.

    Raise LoadTakenOver, which undoes the batch, if another process has counted it in the meantime.
    """
    before, rows_done = file.rows_done, file.rows_done + len(batch)
    ours = ImportFile.objects.filter(
        pk=file.pk, attempts=file.attempts, rows_done=before, state=file.state
    )
    fields = {
        f"rows_{outcome}": getattr(file, f"rows_{outcome}") + number
        for outcome, number in counts.items()
    }
    fields |= {"rows_done": rows_done, "bytes_done": batch[-1].bytes_read}
    # Rows with errors are handed back in the order of these columns, even if the file then fails.
    if not ours.update(touched_at=timezone.now(), columns=file.columns, **fields):
        raise LoadTakenOver(f"file {file.pk} after {before} rows")
    return fields


def _finish(file: ImportFile, *, state: State) -> None:
    """Write the end of a run. Raise LoadTakenOver if another process or a person went on from there."""
    ours = ImportFile.objects.filter(pk=file.pk, attempts=file.attempts, state=file.state)
    columns, size = file.columns, file.size
    if not ours.update(touched_at=timezone.now(), state=state, bytes_done=size, columns=columns):
        raise LoadTakenOver(f"file {file.pk} after its last row")
    file.refresh_from_db()


def fail(file: ImportFile, error: RowError) -> None:
    """Give up a file, with the reason as its only row at line 1."""
    with transaction.atomic():
        row = error.as_row(line=1)
        row.import_file = file
        row.save()
        settle(file, state=State.FAILED)


def settle(import_file: ImportFile, **fields) -> None:
    """Write fields of a file and read it again."""
    rows = ImportFile.objects.filter(pk=import_file.pk)
    rows.update(touched_at=timezone.now(), **fields)
    import_file.refresh_from_db()
