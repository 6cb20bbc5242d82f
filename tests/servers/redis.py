"""A private Redis: own port, nothing on disk, gone afterwards."""

from typing import Self

from .processes import (
    ManagedProcess,
    ServerError,
    accepts_connections,
    find_command,
    free_port,
    make_folder,
    remove_folder,
)

PORT_ATTEMPTS = 5


class RedisServer:
    """``with RedisServer() as server: server.url()``; ``stop`` and ``start`` keep the same port."""

    def __init__(self):
        self.port = 0
        self.process: ManagedProcess | None = None

    def start(self) -> Self:
        self.folder = make_folder("redis")
        if self.port:
            self._launch(port=self.port)
            return self
        for attempt in range(1, PORT_ATTEMPTS + 1):
            try:
                self._launch(port=free_port())
                break
            except ServerError:
                if attempt == PORT_ATTEMPTS:
                    raise
        return self

    def _launch(self, *, port: int) -> None:
        command = find_command("redis-server", package="redis-server")
        self.process = ManagedProcess(
            [
                *(command, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(self.folder)),
                *("--save", "", "--appendonly", "no", "--daemonize", "no"),
            ],
            log=self.folder / "server.log",
            cwd=self.folder,
        )
        self.process.wait_until(lambda: accepts_connections(port), what="Redis")
        # Someone else's server on this port would have answered too, while ours was giving up.
        self.process.wait_until(lambda: "Ready to accept" in self.process.log_tail(), what="Redis")
        self.port = port

    @property
    def pid(self) -> int:
        return self.process.pid

    def url(self, database: int = 0) -> str:
        return f"redis://127.0.0.1:{self.port}/{database}"

    def flush(self) -> None:
        """Forget everything, between tests."""
        import redis

        with redis.Redis(port=self.port) as client:
            client.flushall()

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()
            self.process = None
        remove_folder(self.folder)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info) -> None:
        self.stop()
