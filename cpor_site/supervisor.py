"""What `manage.py run` does once its parts have started: keep them running, and stop them in order.

The web is the site: when it ends, so does the command, so that the operator's own supervisor notices. The
other parts are restarted. One that keeps ending is left down, and staff are told [R59]: customers' and
partners' pages work without it.
"""

import contextlib
import os
import signal
import socket
import subprocess  # nosec B404
import sys
import time

import structlog
from django.conf import settings
from django.db import Error, connection

from notifications import to_look_at
from notifications.enums import LookAtKind

log = structlog.get_logger(__name__)

WEB = "web"
#: Seconds a part has to finish what it is doing before it is killed.
GRACE = 30
LOOK_EVERY = 0.2
#: Seconds before a part that ended is restarted.
PAUSE = 1
#: Give up after this many restarts without one that lasted this many seconds: another one will not
#: help. Loading time does not count, so that slow machines give up as well.
RESTARTS_MAX, LASTING = 5, 60
#: Seconds before another attempt to tell staff if the database could not be reached.
TELL_EVERY = 15


class Part:
    """One of the processes, its restarts, and what staff have been told about it."""

    def __init__(self, name: str):
        self.name = name
        self.child: subprocess.Popen | None = None
        self.restarts = 0
        self.started_at = 0.0
        self.restart_at: float | None = None
        self.has_given_up = False
        #: Whether staff have been told that it is down; unknown for the time before this command.
        self.is_told = False
        self.tell_at = 0.0

    @property
    def key(self) -> str:
        """Return the key of an entry about it, which names the machine: each has its own parts."""
        return f"{self.name}@{socket.gethostname()}"

    def start(self) -> None:
        # Its own process group: Ctrl-C in the terminal reaches only this process, which stops the others.
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run", self.name]
        self.child = subprocess.Popen(command, process_group=0)  # noqa: S603 # nosec B603
        self.started_at = time.monotonic()
        self.restart_at = None

    def find_end(self) -> int | None:
        """Return its exit code, or None while it runs."""
        return self.child.poll() if self.child else None

    def look(self) -> None:
        """Restart it after a pause if it has ended, unless it keeps ending."""
        code, now = self.find_end(), time.monotonic()
        if code is not None and not self.has_given_up:
            self._settle_end(code, now)
        if not self.is_told and now >= self.tell_at:
            self._tell(code, now)

    def _settle_end(self, code: int, now: float) -> None:
        if self.restart_at is None:
            self.end_group()  # a killed worker's pool outlives it
            if now - self.started_at > LASTING:
                self.restarts = 0
            if self.restarts == RESTARTS_MAX:
                self.has_given_up, self.is_told = True, False
                log.error("part gave up", part=self.name, code=code, restarts=RESTARTS_MAX)
                return
            log.error("part ended and is started again", part=self.name, code=code)
            self.restart_at = now + PAUSE
        elif now >= self.restart_at:
            self.restarts += 1
            self.start()

    def _tell(self, code: int | None, now: float) -> None:
        """Open an entry once it has given up, or close an older one once it keeps running."""
        if not self.has_given_up and now - self.started_at < LASTING:
            return
        try:
            if self.has_given_up:
                detail = f"exit code {code} after {RESTARTS_MAX} restarts"
                to_look_at.report(
                    LookAtKind.PART_GAVE_UP, key=self.key, subject=self.key, detail=detail
                )
            else:
                to_look_at.resolve(LookAtKind.PART_GAVE_UP, key=self.key)
            self.is_told = True
        except Error as error:
            log.warning("staff could not be told of a part", part=self.name, error=str(error))
            self.tell_at = now + TELL_EVERY
        finally:
            connection.close()

    def terminate(self) -> None:
        if self.child and self.child.poll() is None:
            self.child.terminate()

    def wait(self, deadline: float) -> None:
        """Wait for its end until ``deadline`` (monotonic); then kill what is left of its group."""
        if self.child is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.child.wait(max(0, deadline - time.monotonic()))
        self.end_group()
        self.child.wait()

    def end_group(self) -> None:
        if self.child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)


class Supervisor:
    """Keeps the parts running until the web ends or a signal arrives; then stops all of them."""

    def __init__(self, parts: tuple[str, ...], output):
        self.output = output
        self.parts = {name: Part(name) for name in parts}

    def run(self, *, greeting: str) -> int:
        """Return 0 after Ctrl-C or SIGTERM, 1 if the web ended unexpectedly."""
        try:
            for part in self.parts.values():
                part.start()
            self._say(greeting)
            code = self._watch()
        except KeyboardInterrupt:
            self._say("Stopping …")
            return 0
        else:
            self._say(f"{WEB} ended with code {code}, so the others are stopped too.")
            return 1
        finally:
            self._stop_all()

    def _watch(self) -> int:
        """Watch the other parts until the web ends; return its exit code."""
        while (code := self.parts[WEB].find_end()) is None:
            for part in self.parts.values():
                if part.name != WEB:
                    part.look()
            time.sleep(LOOK_EVERY)
        return code

    def _stop_all(self) -> None:
        """Stop the parts in reverse order, so that beat starts nothing new; give each time to finish."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        parts = list(reversed(self.parts.values()))
        for part in parts:
            part.terminate()
        deadline = time.monotonic() + GRACE
        for part in parts:
            part.wait(deadline)

    def _say(self, words: str) -> None:
        self.output.write(words)
        self.output.flush()
