"""gunicorn inside our own process: who owns the listening socket."""

import os
import socket
from pathlib import Path

import pytest

from cpor_site import serving


@pytest.fixture
def idle_worker(monkeypatch):
    """A worker that returns at once; holds the listeners it was given."""
    given = []

    class IdleWorker:
        def __init__(self, _age, _parent, listeners, *_rest):
            given.extend(listeners)

        def init_process(self):
            pass

    monkeypatch.setattr(serving, "LoneWorker", IdleWorker)
    yield given
    for each in given:
        each.close()


def test_listener_is_handed_over_and_closed_by_nobody_else(idle_worker):
    with Path(os.devnull).open() as newcomer, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address, number = listener.getsockname(), listener.fileno()
        serving.serve_here(listener, threads=1, when_ready=lambda: None)
        os.dup2(newcomer.fileno(), number)  # as the next file that is opened may

    assert [each.getsockname() for each in idle_worker] == [address]
    os.close(number)  # fails where the newcomer was closed with the listener
