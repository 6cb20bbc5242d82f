"""``make mutants``: break the core in many small ways, and name each break that no test notices.

Fails where fewer than 95 of 100 are noticed. Takes hours: the tests of the core run once under coverage,
then each break gets the tests that run its line. ``COVERAGE=folder`` keeps the first part for the next time.
"""

import argparse
import queue
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.servers.postgresql import PostgresServer
from tests.servers.processes import end_on_signals

from .breaks import Break
from .covering import Covering, measure
from .sample import choose
from .trial import Bench

ROOT = Path(__file__).parents[2]
WANTED = 0.95


def main() -> int:
    options = read_options()
    end_on_signals()
    chosen = choose(ROOT, count=options.count, seed=options.seed, only=options.only)
    if options.list:
        print(*(f"{each.lines[0]:4} {each.key}" for each in chosen), sep="\n")
        return 0
    with tempfile.TemporaryDirectory(prefix="cpor-mutants-") as scratch, PostgresServer() as server:
        folder = options.coverage or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        covering = measure(ROOT, folder)
        copies = [Path(scratch) / f"copy_{number}" for number in range(options.jobs)]
        benches = [Bench(ROOT, copy, server=server) for copy in copies]
        require_success(benches, covering)
        unnoticed = try_all(chosen, covering, benches)
    return report(chosen, unnoticed)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1, help="another number, another sample")
    parser.add_argument("--only", nargs="*", default=(), help="files or folders of the core")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--coverage", type=Path, help="a folder that keeps which test runs what")
    parser.add_argument("--list", action="store_true", help="name the breaks and try none")
    return parser.parse_args()


def require_success(benches: list[Bench], covering: Covering) -> None:
    """Make each copy's tables, and show that its tests pass while nothing is broken."""
    quick = sorted(covering.times, key=covering.times.get)[:50]
    for bench in benches:
        result = bench.run(quick)
        if result.returncode:
            sys.exit(f"the tests fail without a break:\n{result.stdout}{result.stderr}")


def try_all(chosen: list[Break], covering: Covering, benches: list[Bench]) -> list[Break]:
    """Return the breaks that no test noticed; each bench tries one at a time."""
    free: queue.Queue[Bench] = queue.Queue()
    for bench in benches:
        free.put(bench)

    def attempt(each: Break) -> bool:
        bench = free.get()
        try:
            is_noticed = bench.is_noticed(each, covering.find_tests(ROOT, each))
        finally:
            free.put(bench)
        print(f"{'noticed' if is_noticed else 'NOT NOTICED':12} {each.key}")
        sys.stdout.flush()
        return is_noticed

    with ThreadPoolExecutor(len(benches)) as pool:
        outcomes = pool.map(attempt, chosen)
        return [each for each, is_noticed in zip(chosen, outcomes, strict=True) if not is_noticed]


def report(chosen: list[Break], unnoticed: list[Break]) -> int:
    made, missed = Counter(each.kind for each in chosen), Counter(each.kind for each in unnoticed)
    print(f"\n{'kind':24} {'made':>5} {'noticed':>8}")
    for kind, number in made.most_common():
        print(f"{kind:24} {number:5} {number - missed[kind]:8}")
    share = 1 - len(unnoticed) / max(1, len(chosen))
    print(f"{len(chosen) - len(unnoticed)} of {len(chosen)} noticed ({share:.1%})")
    for each in unnoticed:
        print(f"line {each.lines[0]} of {each.key}")
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
