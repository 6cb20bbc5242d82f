"""The claims list as an XLSX file: 100,000 claims, in how many seconds and how much memory.

    python -m tests.benchmarks --only claims_export

From the request to the finished row, as a worker does it, in one process that has written a small file
before: what every process needs is no growth.
"""

import os
import time

import psutil

from tests.benchmarks import Row
from tests.benchmarks.claims_data import analyze, indexes_built_afterwards, make_partner, set_up

LARGE, SMALL = int(os.environ.get("CPOR_BENCH_TOTAL", "100000")), 1_000
SECONDS_MAX, MEGABYTES_MAX = 60, 100
MEGABYTE = 1024 * 1024


def run(database_url: str) -> list[Row]:
    """Measure on an empty PostgreSQL that the settings lead to already."""
    set_up()
    with indexes_built_afterwards():
        people = {size: make_partner(size) for size in (LARGE, SMALL)}
    analyze()
    _export(people[SMALL], SMALL)
    process = psutil.Process()
    before = process.memory_info().rss
    peaks: list[int] = []
    seconds, size = _export(
        people[LARGE], LARGE, look=lambda: peaks.append(process.memory_info().rss)
    )
    growth = (max(peaks) - before) / MEGABYTE
    print(
        f"{LARGE} claims: {seconds:.1f} s, {size / MEGABYTE:.1f} MB, memory grew by {growth:.1f} MB"
    )
    name = f"claims export, XLSX of {LARGE:,} claims"
    return [
        Row(name, seconds, SECONDS_MAX, "s", at_most=True),
        Row(f"{name}, growth of memory", growth, MEGABYTES_MAX, "MB", at_most=True),
    ]


def _export(user, rows: int, *, look=lambda: None) -> tuple[float, int]:
    """Export all claims of the user; return seconds and the size of the file.

    ``look`` is called whenever the export notes its progress: each 500 rows, and once it is stored.
    """
    from django.utils import timezone

    from associations.lists import export_files

    original = export_files._note

    def note(export, **fields):
        original(export, **fields)
        look()

    export_files._note = note
    started = time.perf_counter()
    export = export_files.request_export(
        user.memberships.get(), chosen={}, language="en", now=timezone.now()
    )
    export_files.write_export(export.pk)
    seconds = time.perf_counter() - started
    export_files._note = original
    export.refresh_from_db()
    if (export.state, export.rows_done) != ("done", rows):
        raise RuntimeError(f"{export.rows_done} of {rows} rows, {export.state}")
    return seconds, export.size
