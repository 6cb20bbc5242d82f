"""gunicorn, configured in code: for `manage.py run`, and with one process for the demo."""

import os
import socket
from collections.abc import Callable

from gunicorn.app.base import BaseApplication

from .wsgi import application

#: Threads of a web process. Each client that is slow to send or read occupies one, so there must be
#: more of them than simultaneous slow clients; a waiting thread costs next to nothing.
THREADS = 32
#: Seconds that an idle connection is kept, without a thread. It must be longer than the proxy keeps it,
#: or the proxy sends a request over a connection that is just being closed: nginx and AWS keep 60 s,
#: Caddy 120.
KEEP_ALIVE = 130
#: Seconds without a heartbeat after which a web process is replaced. Its main loop sends the heartbeat,
#: so this never cuts off a request, however long its upload or export takes.
TIMEOUT = 120


class Site(BaseApplication):
    """The site under gunicorn, with ``options`` named as gunicorn's settings."""

    def __init__(self, **options):
        self.options = {
            "control_socket_disable": True,  # a file in a home directory that nothing here uses
            "proc_name": "cpor",
            "worker_class": "gthread",  # even with one thread: sync workers cut off after 30 seconds
            "timeout": TIMEOUT,
            "preload_app": True,
            **options,
        }
        super().__init__()

    def load_config(self):
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self):
        return application


def serve_with_arbiter(
    *, bind: str, workers: int, threads: int = THREADS, keep_alive: int = KEEP_ALIVE
) -> None:
    """Serve from ``workers`` processes until SIGTERM or Ctrl-C; ends the process.

    ``keep_alive`` is in seconds.
    """
    Site(
        bind=bind,
        workers=workers,
        threads=threads,
        keepalive=keep_alive,
        # Heartbeat files must not wait for the disk.
        worker_tmp_dir="/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: PTH112, S108
    ).run()


def serve_here(
    listener: socket.socket,
    *,
    begin: Callable[[], None],
    end: Callable[[], None],
    on_stop: Callable[[], None],
) -> None:
    """Serve the bound socket ``listener`` from one process until SIGTERM or Ctrl-C; ends the process.

    ``begin`` is called in the process that serves, before its first request, and ``end`` after its last one;
    ``on_stop`` is called here, once it has ended.
    """
    Site(
        bind=f"fd://{listener.detach()}",  # gunicorn closes it
        loglevel="error",
        threads=THREADS,
        keepalive=KEEP_ALIVE,
        graceful_timeout=10,
        post_worker_init=lambda _worker: begin(),
        worker_exit=lambda _arbiter, _worker: end(),
        on_exit=lambda _arbiter: on_stop(),
    ).run()
