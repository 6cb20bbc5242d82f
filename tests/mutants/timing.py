"""A pytest plugin: write how long each test took to the file that MUTANTS_TIMES names, as JSON."""

import json
import os
from collections import Counter
from pathlib import Path

_seconds: Counter[str] = Counter()


def pytest_runtest_logreport(report) -> None:
    _seconds[report.nodeid] += report.duration


def pytest_sessionfinish(session) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        Path(os.environ["MUTANTS_TIMES"]).write_text(json.dumps(_seconds))
