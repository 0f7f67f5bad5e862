"""Twilio's API over HTTP for tests in which workers are processes of their own, with faults by the dice.

What it took is what really arrived: it is counted here, whatever the hotline believes.
"""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Faults:
    """Shares of the POSTs, from 0 to 1, and how long an answer takes.

    refused: by 429. lost: hung up on before it is taken. unanswered: taken and hung up on. hung: taken, and
    no answer ever comes.
    """

    refused: float = 0.05
    lost: float = 0.05
    unanswered: float = 0.10
    hung: float = 0.0
    answer_s: float = 0.02  # between taking a text and saying so: long enough to be killed in between


class UnreliableCarrier(ThreadingHTTPServer):
    """Keeps the texts that it took, in the order of their arrival."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, seed: int, faults: Faults) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.faults = faults
        self.texts: list[dict[str, Any]] = []
        self.posts: Counter[str] = Counter()  # by recipient, taken or not
        self.lost_answers = 0
        self.overtook = 0  # answers that were given while another POST hung
        self._hanging = 0
        self._by_recipient: dict[str, list[dict[str, Any]]] = {}
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
            self._by_recipient.setdefault(to, []).append(record)
            return record

    def sent_to(self, to: str) -> list[dict[str, Any]]:
        """The texts that were taken for a recipient."""
        with self._lock:
            return list(self._by_recipient.get(to, []))

    def arrived(self) -> Counter[str]:
        """How many texts were taken for each recipient."""
        with self._lock:
            return Counter({to: len(texts) for to, texts in self._by_recipient.items()})

    def fate(self, to: str) -> str:
        """What becomes of the next POST: the name of a fault, or "taken"."""
        with self._lock:
            self.posts[to] += 1
            rolled = self._dice.random()
            for name in ("refused", "lost", "unanswered", "hung"):
                rolled -= getattr(self.faults, name)
                if rolled < 0:
                    self.lost_answers += name in {"unanswered", "hung"}
                    return name
            return "taken"

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """A POST that is not answered meanwhile."""
        with self._lock:
            self._hanging += 1
        try:
            yield
        finally:
            with self._lock:
                self._hanging -= 1

    def answered(self) -> None:
        """Counts an answer."""
        with self._lock:
            self.overtook += self._hanging > 0

    def handle_error(self, *args: Any) -> None:
        """A client that was killed has closed its connection."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: UnreliableCarrier

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        to, body = form["To"][0], form["Body"][0]
        fate = self.server.fate(to)
        if fate == "refused":
            self._reply(429, {"code": 20429, "status": 429, "message": "", "more_info": ""})
        elif fate == "lost":
            self._hang_up()
        else:
            record = self.server.take(to, body)
            time.sleep(self.server.faults.answer_s)
            if fate == "hung":
                with self.server.hanging():
                    self.rfile.read(1)  # until the client has had enough
            if fate == "taken":
                self.server.answered()
                self._reply(201, record)
            else:
                self._hang_up()

    def do_GET(self) -> None:
        to = parse_qs(urlsplit(self.path).query)["To"][0]
        self._reply(200, {"messages": self.server.sent_to(to), "next_page_uri": None, "page": 0})

    def _reply(self, status: int, body: dict[str, Any]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _hang_up(self) -> None:
        with suppress(OSError):  # the client was quicker
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Silent."""


@contextmanager
def unreliable_carrier(seed: int, faults: Faults | None = None) -> Iterator[UnreliableCarrier]:
    """The carrier, listening on a port of this machine."""
    server = UnreliableCarrier(seed, faults or Faults())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
