"""The site under gunicorn, as in production, for browsers and for measuring."""

import http.client
import os
import socket
from collections.abc import Mapping
from typing import Self

from .processes import ManagedProcess, make_folder, python_command, remove_folder


class SiteProcess:
    """``with SiteProcess(env=...) as site: site.url``.

    The listening socket is made here and handed over, so that no other program can take the port.
    """

    def __init__(
        self,
        *,
        env: Mapping[str, str],
        application: str = "cpor_site.wsgi:application",
        workers: int = 1,
        threads: int = 4,
        ready_path: str = "/healthz",
    ):
        self.env = {**os.environ, **env}
        self.application, self.workers, self.threads = application, workers, threads
        self.ready_path = ready_path
        self.port = 0
        self.process: ManagedProcess | None = None

    def start(self) -> Self:
        self.folder = make_folder("site")
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self.port))
            listener.listen(128)
            self.port = listener.getsockname()[1]
            self._launch(listener.fileno())
        self.process.wait_until(self._answers, what="gunicorn", timeout=60)
        return self

    def _launch(self, descriptor: int) -> None:
        self.process = ManagedProcess(
            python_command("gunicorn", self.application, "--bind", f"fd://{descriptor}")
            + ["--workers", str(self.workers), "--no-control-socket", "--graceful-timeout", "2"]
            + (["--worker-class", "gthread", "--threads", str(self.threads)] * (self.threads > 1)),
            log=self.folder / "gunicorn.log",
            env={"CPOR_BASE_URL": self.url, **self.env},
            pass_fds=[descriptor],
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self.process.pid

    def _answers(self) -> bool:
        """Whether the site gives a healthy answer; one that fails for good must not hang a test run."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", self.ready_path)
            return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def log_text(self) -> str:
        return self.process.log.read_text(errors="replace")

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()
            self.process = None
        remove_folder(self.folder)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info) -> None:
        self.stop()
