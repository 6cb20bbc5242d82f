"""gunicorn, configured in code: with its arbiter for `manage.py run`, a single worker for the demo."""

import os

from gunicorn.app.base import BaseApplication
from gunicorn.sock import TCPSocket
from gunicorn.workers.gthread import ThreadWorker

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
        # The control socket would be a file in a home directory that nothing here uses.
        self.options = {"control_socket_disable": True, "proc_name": "cpor", **options}
        super().__init__()

    def load_config(self):
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self):
        return application


class LoneWorker(ThreadWorker):
    """A gthread worker without an arbiter, in the process that made it."""

    def is_parent_alive(self) -> bool:
        return True

    def handle_quit(self, sig, frame):
        """End as on SIGTERM, so that the code after ``run`` stops what must end after the last request."""
        self.handle_exit(sig, frame)


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
        worker_class="gthread",  # even with one thread: sync workers cut off what takes 30 seconds
        keepalive=keep_alive,
        timeout=TIMEOUT,
        preload_app=True,
        # Heartbeat files must not wait for the disk.
        worker_tmp_dir="/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: PTH112, S108
    ).run()


def serve_here(listener, *, when_ready, threads: int = THREADS) -> None:
    """Serve the bound socket ``listener`` with threads of this process until SIGTERM or Ctrl-C.

    ``when_ready`` is called once connections are accepted. Must be called in the main thread.
    """
    listener.listen(128)
    site = Site(
        worker_class="gthread",
        threads=threads,
        keepalive=KEEP_ALIVE,
        graceful_timeout=2,
        post_worker_init=lambda _worker: when_ready(),
    )
    log = site.cfg.logger_class(site.cfg)
    address = listener.getsockname()
    # gunicorn closes the descriptor it is given. If it were still ours, it would be closed twice: an
    # error, or the end of another file that has reused the number by then.
    sockets = [TCPSocket(address, site.cfg, log, fd=listener.detach())]
    LoneWorker(1, os.getppid(), sockets, site, site.cfg.timeout, site.cfg, log).init_process()
