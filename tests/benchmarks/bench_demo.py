"""The demo from a finished install: seconds to the first page, and memory of all its processes.

Each start is measured from the command to the answer of the first page: in a fresh folder, where the
example is made as well, and in one that has it.
"""

import os
import signal
import sys
import time
import urllib.request
from pathlib import Path

import psutil

from tests.benchmarks import Row
from tests.servers.processes import (
    REPOSITORY,
    ManagedProcess,
    free_port,
    make_folder,
    remove_folder,
)

FRESH_SECONDS, AGAIN_SECONDS, MEGABYTES = 8, 3, 200
#: Seconds of ordinary work (sweeps, mail) after which memory is read.
SETTLED = 15
PAGES = ("/", "/demo/", "/demo/mail/", "/accounts/login/", "/about-cpor/", "/admin/login/")


def run(database_url: str) -> list[Row]:
    folder = make_folder("demo")
    try:
        fresh, _memory = _measure(folder, settle=0)
        again, memory = _measure(folder, settle=SETTLED)
    finally:
        remove_folder(folder)
    return [
        Row("demo: first page, fresh folder", fresh, FRESH_SECONDS, unit="s", at_most=True),
        Row("demo: first page, started again", again, AGAIN_SECONDS, unit="s", at_most=True),
        Row("demo: memory", memory, MEGABYTES, unit="MB", at_most=True),
    ]


def _measure(folder: Path, *, settle: float) -> tuple[float, float]:
    """Start a demo, ask for its first page, let it work; return seconds and megabytes (PSS)."""
    port = free_port()
    env = {**os.environ, "PORT": str(port), "CPOR_DATA_DIR": str(folder)}
    began = time.perf_counter()
    process = ManagedProcess(
        [sys.executable, str(REPOSITORY / "manage.py"), "demo"],
        env=env,
        log=folder / "log",
        stop_signal=signal.SIGINT,
    )
    try:
        process.wait_until(lambda: _answers(port, "/"), what="the demo", timeout=120)
        seconds = time.perf_counter() - began
        time.sleep(settle)
        if not all(_answers(port, path) for path in PAGES):
            raise RuntimeError("a page of the demo does not answer")
        return seconds, _memory_of(process.pid)
    finally:
        process.stop()


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as response:
            return response.status == 200
    except ConnectionError:
        return False
    except OSError as error:
        if isinstance(getattr(error, "reason", None), ConnectionError):
            return False
        raise


def _memory_of(pid: int) -> float:
    """Memory of the whole process tree, shared pages counted once, in megabytes."""
    parent = psutil.Process(pid)
    tree = [parent, *parent.children(recursive=True)]
    return sum(each.memory_full_info().pss for each in tree) / 1_000_000
