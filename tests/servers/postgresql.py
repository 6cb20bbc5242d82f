"""A private PostgreSQL: own folder, own port, gone afterwards."""

import os
import pwd
import signal
import subprocess
from pathlib import Path
from typing import Self

import psycopg

from .processes import (
    ManagedProcess,
    ServerError,
    as_user,
    find_command,
    free_port,
    make_folder,
    remove_folder,
)

USER = "cpor"
FAST_AND_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
PORT_ATTEMPTS = 5


def server_folders() -> list[Path]:
    """Return Debian's folders of server programs, newest version first."""
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    return sorted(versions, key=lambda folder: float(folder.parent.name), reverse=True)


def unprivileged_user() -> str | None:
    """Return the user to run as: initdb refuses root, so Debian's ``postgres`` stands in."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise ServerError("there is no user postgres: run `apt-get install postgresql`") from None


class PostgresServer:
    """``with PostgresServer() as server: server.url()``; ``durable`` keeps fsync, for benchmarks."""

    def __init__(self, *, durable: bool = False, options: dict[str, str] | None = None):
        self.options = {} if durable else dict(FAST_AND_FORGETFUL)
        self.options |= {"max_connections": "200", "log_min_messages": "warning"}
        self.options |= options or {}
        self.port = 0
        self._process: ManagedProcess | None = None

    def start(self) -> Self:
        self._user = unprivileged_user()
        self.folder = make_folder("postgresql", owner=self._user)
        self._run_initdb()
        for attempt in range(1, PORT_ATTEMPTS + 1):
            try:
                self._launch(port=free_port())
                break
            except ServerError:
                if attempt == PORT_ATTEMPTS:
                    raise
        self.create_database(USER)
        return self

    def _run_initdb(self) -> None:
        # "trust" is safe: only 127.0.0.1 and a socket in a folder of our own, and nothing of worth.
        initdb = find_command("initdb", package="postgresql", folders=server_folders())
        made = subprocess.run(
            [
                *(initdb, "-D", str(self.folder / "data"), "-U", USER, "-A", "trust", "-E", "UTF8"),
                *("--locale=C.UTF-8", "--no-sync", "--no-instructions"),
            ],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            **as_user(self._user),
        )
        if made.returncode:
            raise ServerError(f"initdb failed\n{made.stdout}{made.stderr}")

    def _launch(self, *, port: int) -> None:
        options = self.options | {
            "port": str(port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
        }
        self.port = port
        self._process = ManagedProcess(
            [find_command("postgres", package="postgresql", folders=server_folders())]
            + ["-D", str(self.folder / "data")]
            + [part for name, value in options.items() for part in ("-c", f"{name}={value}")],
            log=self.folder / "server.log",
            cwd=self.folder,
            stop_signal=signal.SIGINT,  # "fast": do not wait for clients
            user=self._user,
        )
        self._process.wait_until(self._answers, what="PostgreSQL")

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def pid(self) -> int:
        return self._process.pid

    def url(self, database: str = USER) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Create an empty database and return its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def drop_database(self, name: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def crash(self) -> None:
        """End it at once, as a fault of the machine would: what it holds in memory alone is lost."""
        os.kill(self.pid, signal.SIGQUIT)
        self._process.wait(timeout=30)
        self._process.stop()

    def restart(self) -> None:
        """Start it again on its folder and its port, where it first recovers from its log."""
        self._launch(port=self.port)

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None
        remove_folder(self.folder)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info) -> None:
        self.stop()
