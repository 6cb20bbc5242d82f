"""Runs the benchmarks and prints one table: ``python -m tests.benchmarks [--only NAME ...]``.

Exits with 1 where a target is missed or a benchmark fails.
"""

import argparse
import dataclasses
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.benchmarks import Row
from tests.servers.postgresql import PostgresServer
from tests.servers.processes import (
    REPOSITORY,
    end_on_signals,
    make_folder,
    python_command,
    remove_folder,
)

FOLDER = Path(__file__).parent
#: Room enough that no checkpoint falls into one side of a comparison.
OPTIONS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "checkpoint_timeout": "60min"}


def find_benchmarks(only: list[str]) -> list[str]:
    """Return the names to run; exit with a message when one of ``only`` does not exist."""
    names = sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))
    unknown = set(only) - set(names)
    if unknown:
        sys.exit(f"no benchmark named {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    return only or names


def run_in_own_process(name: str, *, server: PostgresServer, folder: Path) -> list[Row] | None:
    """Return the rows of one benchmark, or None when it failed (its words are on the terminal)."""
    print(f"--- {name}", flush=True)
    rows_file = folder / f"{name}.json"
    database = f"bench_{name}"
    child = subprocess.run(
        python_command("tests.benchmarks", "--child", name, "--rows", str(rows_file)),
        env={**os.environ, **_environment(server.create_database(database), folder=folder)},
        cwd=REPOSITORY,
        check=False,
    )
    server.drop_database(database)
    if child.returncode or not rows_file.exists():
        return None
    return [Row(**row) for row in json.loads(rows_file.read_text())]


def _environment(database_url: str, *, folder: Path) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "cpor_site.settings",
        "DATABASE_URL": database_url,
        "DATABASE_POOL_SIZE": "0",  # as a worker has it
        "CPOR_DATA_DIR": str(folder),
        "SECRET_KEY": "only-for-benchmarks-" + "0123456789" * 4,
        "LOG_LEVEL": "WARNING",
    }


def run_child(name: str, *, rows_file: Path) -> None:
    """Run one benchmark here; rows may be given as plain tuples too."""
    module = importlib.import_module(f"tests.benchmarks.bench_{name}")
    given = module.run(os.environ["DATABASE_URL"])
    rows = [row if isinstance(row, Row) else Row(*row) for row in given]
    rows_file.write_text(json.dumps([dataclasses.asdict(row) for row in rows]))


def print_table(results: dict[str, list[Row] | None]) -> bool:
    """Print every row; return whether all targets are met."""
    rows = [row for found in results.values() for row in found or []]
    width = max([len(row.name) for row in rows], default=10)
    print(f"\n{'benchmark':{width}}  {'measured':>12}  {'target':>14}")
    for row in rows:
        target = f"{'≤' if row.at_most else '≥'} {row.target:g} {row.unit}"
        verdict = "met" if row.is_met else "MISSED"
        print(f"{row.name:{width}}  {row.measured:>10.3g} {row.unit}  {target:>14}  {verdict}")
    failed = [name for name, found in results.items() if not found]
    for name in failed:
        print(f"{name}: FAILED, no rows")
    return not failed and all(row.is_met for row in rows)


def run_all(names: list[str]) -> bool:
    folder = make_folder("benchmarks")
    with PostgresServer(durable=True, options=OPTIONS) as server:
        results = {name: run_in_own_process(name, server=server, folder=folder) for name in names}
    remove_folder(folder)
    return print_table(results)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", nargs="+", action="extend", default=[], metavar="NAME")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    end_on_signals()
    if options.child:
        run_child(options.child, rows_file=options.rows)
    elif not run_all(find_benchmarks(options.only)):
        sys.exit(1)


if __name__ == "__main__":
    main()
