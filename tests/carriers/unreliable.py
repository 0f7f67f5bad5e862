"""Twilio's API over HTTP for tests in which workers are processes of their own, with faults by the dice."""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ANSWER_S = 0.02  # between taking a text and saying so: long enough to be killed in between


class UnreliableCarrier(ThreadingHTTPServer):
    """Keeps the texts that it took. Of the posts 10% are taken unanswered, 5% lost, 5% refused by 429."""

    daemon_threads = True

    def __init__(self, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.texts: list[dict[str, Any]] = []
        self.lost_answers = 0
        self._dice = random.Random(seed)
        self._lock = threading.Lock()

    def take(self, to: str, body: str) -> dict[str, Any]:
        """Accepts a text; its record."""
        with self._lock:
            record = {
                "sid": f"SM{len(self.texts):032x}",
                "status": "queued",
                "to": to,
                "body": body,
                "date_created": format_datetime(datetime.now(UTC)),
            }
            self.texts.append(record)
            return record

    def roll(self) -> float:
        """A number from 0 to 1."""
        with self._lock:
            return self._dice.random()

    def handle_error(self, *args: Any) -> None:
        """A client that was killed has closed its connection."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: UnreliableCarrier

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        rolled = self.server.roll()
        if rolled < 0.05:
            self._reply(429, {"code": 20429, "status": 429, "message": "", "more_info": ""})
        elif rolled < 0.10:
            self._hang_up()
        else:
            record = self.server.take(form["To"][0], form["Body"][0])
            time.sleep(ANSWER_S)
            if rolled < 0.20:
                self.server.lost_answers += 1
                self._hang_up()
            else:
                self._reply(201, record)

    def do_GET(self) -> None:
        to = parse_qs(urlsplit(self.path).query)["To"][0]
        found = [record for record in self.server.texts if record["to"] == to]
        self._reply(200, {"messages": found, "next_page_uri": None, "page": 0})

    def _reply(self, status: int, body: dict[str, Any]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _hang_up(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Silent."""


@contextmanager
def unreliable_carrier(seed: int) -> Iterator[UnreliableCarrier]:
    """The carrier, listening on a port of this machine."""
    server = UnreliableCarrier(seed)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
