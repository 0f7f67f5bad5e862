"""A telephone company's HTTP server for tests: it answers as it is told, down to the socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

Answer = Callable[[Any], None]  # what is done with a request, by its handler


class StandInHandler(BaseHTTPRequestHandler):
    """Hands each request with its body to `take`, which is its subclass's."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.take(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def do_GET(self) -> None:
        self.take(b"")

    def do_DELETE(self) -> None:
        self.take(b"")

    def take(self, body: bytes) -> None:
        """Keeps a request and answers it."""
        raise NotImplementedError

    def reply(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        """A whole answer."""
        raw = body.encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *args: Any) -> None:
        """Silent."""


class StandIn(ThreadingHTTPServer):
    """A server on a free port. answer: what it does with the next requests; released: the test is over."""

    daemon_threads = True

    def __init__(self, handler: type[StandInHandler], answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.answer = answer
        self.released = threading.Event()

    def handle_error(self, *args: Any) -> None:
        """A client that has gone away is what some tests are about."""


Made = TypeVar("Made", bound=StandIn)


@contextmanager
def serving(server: Made) -> Iterator[Made]:
    """Serves until the end of the block."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


def cut_off(handler: StandInHandler) -> None:
    """Closes the connection without an answer."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True
