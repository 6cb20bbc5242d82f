"""Clients on plain sockets that send and read as slowly as a test wants."""

import socket
import time
from collections.abc import Iterator
from typing import Self


class Client:
    """One connection to a site; everything is sent and read by hand."""

    def __init__(self, port: int, *, receive_buffer: int = 0):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(120)
        self.socket.connect(("127.0.0.1", port))
        self.rest = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send_slowly(self, data: bytes, *, seconds: float, pieces: int) -> None:
        """Send all of ``data`` in ``pieces``, spread over ``seconds``."""
        size = -(-len(data) // pieces)
        for start in range(0, len(data), size):
            self.socket.sendall(data[start : start + size])
            time.sleep(seconds / pieces)

    def receive(self) -> None:
        """Wait for more; raises ConnectionResetError where the other side has closed."""
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionResetError("closed in the middle")
        self.rest += data

    def read_until(self, end: bytes) -> bytes:
        while end not in self.rest:
            self.receive()
        taken, self.rest = self.rest.split(end, 1)
        return taken

    def read_exactly(self, size: int) -> bytes:
        while len(self.rest) < size:
            self.receive()
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def read_head(self) -> tuple[int, dict[str, str]]:
        """Return the status and headers (small names) of the next answer."""
        first, *lines = self.read_until(b"\r\n\r\n").decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        return int(first.split()[1]), {name.lower(): value for name, value in headers.items()}

    def read_chunks(self) -> Iterator[bytes]:
        """Read a chunked body; ConnectionResetError where it ends without its last chunk."""
        while size := int(self.read_until(b"\r\n"), 16):
            yield self.read_exactly(size)
            self.read_exactly(2)

    def close(self) -> None:
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info) -> None:
        self.close()


def make_request(path: str, *, method: str = "GET", body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a request; names of ``headers`` are written with underscores."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
