"""`manage.py demo` as a process of its own, on a free port."""

import json
import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Self

from .processes import REPOSITORY, ManagedProcess, free_port

COMMAND = [sys.executable, str(REPOSITORY / "manage.py"), "demo"]
#: The shell of someone who works on a real site; the demo must touch nothing of it.
FOREIGN = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/real",
    "REDIS_URL": "redis://127.0.0.1:1",
    "EMAIL_URL_FILE": "/run/secrets/email-url-of-the-real-site",
}


class Demo:
    """A demo in ``folder``; may be started again."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.starts = 0

    def start(self) -> Self:
        self.starts += 1
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        env = {**os.environ, **FOREIGN, "PORT": str(self.port), "CPOR_DATA_DIR": str(self.folder)}
        del env["LOG_LEVEL"]
        log = self.folder.parent / f"{self.folder.name}-{self.starts}.log"
        self.process = ManagedProcess(COMMAND, env=env, log=log, stop_signal=signal.SIGINT)
        self.process.wait_until(
            lambda: "Ctrl-C stops it" in log.read_text(), what="demo", timeout=90
        )
        return self

    def stop(self) -> int:
        os.kill(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=20)

    @property
    def facts(self) -> dict:
        return json.loads((self.folder / "demo.json").read_text())

    def query(self, sql: str, *values) -> list[tuple]:
        with closing(sqlite3.connect(self.folder / "cpor.sqlite3", timeout=20)) as database:
            return database.execute(sql, values).fetchall()
