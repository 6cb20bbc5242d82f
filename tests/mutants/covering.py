"""Which tests run a line: one run of the core's tests under coverage, its contexts kept by test."""

import json
import os
import subprocess
import sys
from pathlib import Path

from coverage import CoverageData

from .breaks import Break

#: Seconds of tests (as measured without a break) that one break is given at most.
BUDGET = 120
#: The tests that mirror the core, and the races. What only the walk through every address notices is
#: noticed late and by luck; a break that a site run as other processes would show has no line to go by.
TESTS = ("tests/associations", "tests/partners", "tests/notifications", "tests/concurrency")
#: What holds the numbers that modules name: they are read as a module is imported, so no line leads to it.
NUMBERS = "tests/test_stated_numbers.py"
LEFT_OUT = "not e2e and not walk"


class Covering:
    """The tests that ran each line of the core, and how long each took."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.times = json.loads((folder / "times.json").read_text())
        self._data = CoverageData(str(folder / "coverage"))
        self._data.read()
        self._files = {Path(each): each for each in self._data.measured_files()}

    def find_tests(self, root: Path, each: Break) -> list[str]:
        """Return the tests that run the broken line, the likeliest and quickest first.

        A line that runs at import belongs to no test: then every test that runs the file is meant.
        """
        contexts = self._data.contexts_by_lineno(self._files.get(root / each.path, ""))
        names = {name for line in each.lines for name in contexts.get(line, ()) if name}
        is_at_import = not names
        names = names or {name for found in contexts.values() for name in found if name}
        tests = {name.partition("|")[0] for name in names} & self.times.keys()
        tests |= {each for each in self.times if is_at_import and each.startswith(NUMBERS)}
        room = f"tests/{Path(each.path).parent.as_posix()}/"
        ordered = sorted(tests, key=lambda test: (not test.startswith(room), self.times[test]))
        chosen, spent = [], 0.0
        for test in ordered:
            spent += self.times[test]
            if spent > BUDGET:
                break
            chosen.append(test)
        return chosen


def measure(root: Path, folder: Path) -> Covering:
    """Run the core's tests under coverage, unless ``folder`` holds the outcome of an earlier run."""
    if not (folder / "times.json").exists():
        environment = os.environ | {
            "COVERAGE_FILE": str(folder / "coverage"),
            "COVERAGE_CORE": "ctrace",
            "MUTANTS_TIMES": str(folder / "times.json"),
        }
        sources = ("--cov=associations", "--cov=partners", "--cov=notifications")
        subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-n2", "--dist=worksteal"),
                *(*TESTS, NUMBERS, "--database=postgresql"),
                *("-m", LEFT_OUT, "-p", "tests.mutants.timing"),
                *(*sources, "--cov-context=test", "--cov-report="),
            ],
            cwd=root,
            env=environment,
            check=True,
        )
    return Covering(folder)
