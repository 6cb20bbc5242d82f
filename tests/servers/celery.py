"""Celery worker and beat as the processes they are in production."""

import os
from collections.abc import Mapping
from typing import Self

from .processes import ManagedProcess, make_folder, python_command, remove_folder


class CeleryProcess:
    """A Celery program of this project with ``env`` over the caller's environment."""

    program = ""
    ready_line = ""

    def __init__(self, *, env: Mapping[str, str], arguments: tuple[str, ...] = ()):
        self.env = {**os.environ, **env, "LOG_LEVEL": "INFO"}  # readiness is read from the log
        self.arguments = arguments
        self.process: ManagedProcess | None = None

    def start(self) -> Self:
        self.folder = make_folder(f"celery-{self.program}")
        self.process = ManagedProcess(
            python_command(
                *("celery", "-A", "cpor_site", self.program, "--loglevel=INFO"),
                *self.own_arguments(),
                *self.arguments,
            ),
            log=self.folder / "celery.log",
            env=self.env,
        )
        self.process.wait_until(self._is_ready, what=f"celery {self.program}", timeout=60)
        return self

    def own_arguments(self) -> list[str]:
        return []

    def _is_ready(self) -> bool:
        return self.ready_line in self.log_text()

    def log_text(self) -> str:
        return self.process.log.read_text(errors="replace")

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        """SIGKILL the program and its children."""
        self.process.kill()

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()
            self.process = None
        remove_folder(self.folder)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info) -> None:
        self.stop()


class CeleryWorker(CeleryProcess):
    program = "worker"
    ready_line = " ready."

    def own_arguments(self) -> list[str]:
        # Both queues, unless the test says otherwise: of an option given twice the last one counts.
        return [
            *("--concurrency=2", "--without-gossip", "--without-mingle", "-n", "worker@test"),
            *("--queues", "celery,email"),
        ]


class CeleryBeat(CeleryProcess):
    program = "beat"
    ready_line = "beat: Starting..."

    def own_arguments(self) -> list[str]:
        return ["--schedule", str(self.folder / "schedule"), "--pidfile="]
