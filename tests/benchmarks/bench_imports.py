"""Imports: 100,000 subscriptions against COPY with the same checks; 5,000 claims on the embedded default."""

import csv
import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

import django
import psutil

from tests.benchmarks import Row
from tests.servers.processes import REPOSITORY, python_command

SUBSCRIPTIONS, CLAIMS = 100_000, 5_000
MEGABYTE = 1024 * 1024


def run(database_url: str) -> list[Row]:
    """Measure on PostgreSQL, then checking claims on SQLite in a process of its own."""
    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        imported, copied = _measure_subscriptions(Path(folder))
        checked = _check_on_sqlite(Path(folder))
    return [
        Row("subscriptions imported, of COPY with the same checks", copied / imported, 0.2),
        Row("5,000 claims checked on SQLite", checked["seconds"], 60, unit="s", at_most=True),
        Row("growth of memory while checking", checked["growth"], 50, unit="MB", at_most=True),
    ]


def _measure_subscriptions(folder: Path) -> tuple[float, float]:
    """Return the seconds of an import, and those of COPY with the same checks in a bare loop."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from django.utils import timezone

    from associations.imports.receiving import load_from_disk
    from associations.models import Subscription
    from associations.set_up.subscriptions import SUBSCRIPTIONS as KIND
    from tests.benchmarks import import_data

    tenants = import_data.make_customers()
    path = folder / "subscriptions.csv"
    import_data.write_table(
        path, KIND, import_data.make_subscription_rows(tenants, count=SUBSCRIPTIONS)
    )
    copied = _copy_bare(path, KIND)
    Subscription.objects.all()._raw_delete("default")
    began = time.perf_counter()
    with path.open("rb") as file:
        loaded = load_from_disk(file, KIND, name="s.csv", actor=None, now=timezone.now())
    imported = time.perf_counter() - began
    assert loaded.rows_new == SUBSCRIPTIONS, (loaded.state, loaded.rows_new, loaded.rows_bad)
    return imported, copied


def _copy_bare(path: Path, kind) -> float:
    """Read, check and COPY every row, with nothing else."""
    from django.db import connection, transaction
    from django.utils import timezone

    from associations.imports.kinds import Run
    from associations.models import ImportFile, Product, Subscription, Tenant

    began = time.perf_counter()
    tenants = dict(Tenant.objects.values_list("tenant_id", "pk"))
    products = dict(Product.objects.values_list("code", "pk"))
    run = Run(ImportFile(), timezone.now())
    columns = "subscription_id, tenant_id, product_id, channel, state, sold_seats, ends_on"
    table = Subscription._meta.db_table
    with (
        path.open(encoding="utf-8", newline="") as file,
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
    ):
        for fields in csv.DictReader(file):
            row = kind.read(fields, run)
            copy.write_row(
                (
                    *(row.subscription_id, tenants[row.tenant_id], products[row.product]),
                    *(row.channel, row.state, row.sold_seats, row.ends_on),
                )
            )
    return time.perf_counter() - began


def _check_on_sqlite(folder: Path) -> dict[str, float]:
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    done = subprocess.run(
        python_command("tests.benchmarks.bench_imports"),
        cwd=REPOSITORY,
        env={**environment, "CPOR_DATA_DIR": str(folder)},
        check=True,
        stdout=subprocess.PIPE,
    )
    return json.loads(done.stdout.splitlines()[-1])


def check_claims() -> dict[str, float]:
    """Check a file of 5,000 claims on the database of the environment."""
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from associations.filing.bulk import CLAIMS as KIND
    from associations.imports.engine import State, run_file
    from associations.models import ImportFile
    from tests.benchmarks import import_data

    assert connection.vendor == "sqlite"
    call_command("migrate", verbosity=0)
    tenants = import_data.make_customers()
    actor, code = import_data.make_partner()
    path = Path(os.environ["CPOR_DATA_DIR"]) / "claims.csv"
    import_data.write_table(
        path, KIND, import_data.make_claim_rows(tenants, code=code, count=CLAIMS)
    )
    partner = actor.memberships.get().partner
    file = ImportFile.objects.create(
        kind=KIND.code, partner=partner, loaded_by=actor, state=State.CHECKING, attempts=1
    )
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest use of memory so far
    before = psutil.Process().memory_info().rss
    began = time.perf_counter()
    with path.open("rb") as content:
        run_file(file, content, KIND, now=timezone.now())
    seconds = time.perf_counter() - began
    growth = _read_peak() - before
    assert (file.rows_new, file.rows_bad) == (CLAIMS * 9 // 10, CLAIMS // 10), file.rows_new
    return {"seconds": seconds, "growth": growth / MEGABYTE}


def _read_peak() -> int:
    """Return the most memory that this process has held, in bytes."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


if __name__ == "__main__":
    print(json.dumps(check_claims()))
