"""Real servers as child processes that never outlive the run that started them.

Each child leads a process group of its own (a Ctrl-C in the terminal reaches the tests, which then
stop their servers in order) and carries a parent-death signal, so that even a killed test run leaves
nothing behind.
"""

import atexit
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

REPOSITORY = Path(__file__).resolve().parents[2]
#: Names the folder that a run removes as a whole, with those of workers that were cut off.
RUN_FOLDER = "CPOR_TEST_FOLDER"

_running: set["ManagedProcess"] = set()


class ServerError(RuntimeError):
    """A server is missing or did what it should not; the message holds the end of its log."""


class ManagedProcess:
    """One child process: ``pid``, ``log`` (a file), and a way to stop it for certain."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path = REPOSITORY,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: str | None = None,
        pass_fds: Sequence[int] = (),
    ):
        self.command, self.log, self.stop_signal = list(command), log, stop_signal
        self._owner = os.getpid()
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                [*_parent_death_prefix(stop_signal), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if env is None else dict(env),
                cwd=cwd,
                start_new_session=True,
                pass_fds=pass_fds,
                **as_user(user),
            )
        _running.add(self)

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, negative for a signal, None while it runs."""
        return self._popen.poll()

    @property
    def is_running(self) -> bool:
        return self.returncode is None

    def log_tail(self, *, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def wait(self, *, timeout: float) -> int:
        """Return the exit code; raise ServerError if it still runs after ``timeout`` seconds."""
        try:
            return self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise ServerError(f"{self.command[0]} still runs\n{self.log_tail()}") from None

    def wait_until(self, is_ready: Callable[[], bool], *, what: str, timeout: float = 30) -> None:
        """Wait until ``is_ready()``; raise ServerError when the process dies or time runs out first."""
        deadline = time.monotonic() + timeout
        while not is_ready():
            if not self.is_running:
                raise ServerError(f"{what}: exit code {self.returncode}\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise ServerError(f"{what}: not ready after {timeout} s\n{self.log_tail()}")
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL the process and whatever it started: the crash that fault tests need."""
        self._signal_group(signal.SIGKILL)
        self._popen.wait()
        _running.discard(self)

    def stop(self, *, grace: float = 10) -> None:
        """Ask it to end; after ``grace`` seconds kill its group. Stopping twice is harmless."""
        if os.getpid() != self._owner:
            return  # a fork of the test run must not end its parent's servers
        if self.is_running:
            self._popen.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(grace)
        self.kill()

    def _signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._popen.pid, number)


def _parent_death_prefix(number: signal.Signals) -> list[str]:
    """Return the command that ties a child's life to ours.

    The kernel watches the *thread* that forked, so threads other than the main one go without.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None or threading.current_thread() is not threading.main_thread():
        return []
    return [setpriv, f"--pdeathsig={number.name.removeprefix('SIG')}", "--"]


def as_user(user: str | None) -> dict:
    """Return what subprocess takes to run a child as ``user``, or as ourselves for None."""
    return {} if user is None else {"user": user, "group": user, "extra_groups": []}


@atexit.register
def stop_everything() -> None:
    """Stop what is still running, newest needs first; the last resort after the context managers."""
    for process in list(_running):
        process.stop(grace=5)


def end_on_signals() -> None:
    """Treat SIGTERM as Ctrl-C, so that servers are stopped and folders removed on both.

    Ctrl-C is asked for, too: a shell starts what runs in its background deaf to it, and so would every server
    of the tests be.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)


def make_folder(purpose: str, *, owner: str | None = None) -> Path:
    """Make a temporary folder that goes with the process; ``owner`` may be another user (as root)."""
    made_by = os.getpid()
    # Another user must be able to reach it, and a socket's path may have 107 characters.
    parent = "/tmp" if owner else os.environ.get(RUN_FOLDER)
    folder = Path(tempfile.mkdtemp(prefix=f"cpor-{purpose}-", dir=parent))
    if owner:
        shutil.chown(folder, user=owner, group=owner)

    def remove():
        if os.getpid() == made_by:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


def remove_folder(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Return a TCP port that nothing listens on now; a server that loses it to another must retry."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts_connections(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def find_command(name: str, *, package: str, folders: Sequence[Path] = ()) -> str:
    """Return the path of a system command; raise ServerError naming the Debian package it is in."""
    for folder in folders:
        if (folder / name).is_file():
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        raise ServerError(f"{name} is missing: run `apt-get install {package}` or `make test`")
    return found


def is_alive(pid: int) -> bool:
    """Whether it runs; an orphan that init has not collected yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def ends_soon(pid: int, *, seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(pid)


def python_command(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]
