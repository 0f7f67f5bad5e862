"""KannelCarrier against a real HTTP server that answers as it is told, and as Kannel 1.4.5 does."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from hotline.carriers.base import Outcome, OutcomeKind
from hotline.carriers.gateway import Kannel
from hotline.carriers.kannel import KannelCarrier, outcome_of_answer
from tests.carriers.stand_in import Answer, StandIn, StandInHandler, cut_off, serving

PHONE = "+996555123456"
RECEIPT = "https://hotline.example/receipts/sms?attempt=0f3c.k9Jx-_A"
SECRET = "s" * 32
KYRGYZ = "Кадам: өлкөгө киргенден кийин үч күн. Өң"


class Handler(StandInHandler):
    """Keeps each request and hands it to the server's `answer`."""

    server: Server

    def take(self, body: bytes) -> None:
        assert self.command == "POST"
        self.server.requests.append((self.path, dict(self.headers), body))
        self.server.clients.append(self.client_address)
        self.server.answer(self)


class Server(StandIn):
    """An smsbox."""

    def __init__(self) -> None:
        super().__init__(Handler, says(202, "0: Accepted for delivery"))
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.clients: list[Any] = []


def says(status: int, body: str, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.reply(status, body, named)


def truncate(handler: Handler) -> None:
    """Promises more than it sends."""
    handler.wfile.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 24\r\n\r\n0: Acc")
    cut_off(handler)


def hang(handler: Handler) -> None:
    """Takes the request and says nothing."""
    handler.server.released.wait()


def trickle(handler: Handler) -> None:
    """Never silent for long, and never done."""
    handler.wfile.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 1000\r\n\r\n0: ")
    while not handler.server.released.wait(0.05):
        handler.wfile.write(b" ")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as made:
        yield made


def settings(port: int) -> Kannel:
    return Kannel(
        sendsms_url=f"http://127.0.0.1:{port}/cgi-bin/sendsms",
        username="kadam",
        password="the password",
        sender="4040",
        prefixes=("+996",),
        secrets=(SECRET, "o" * 32),
        callback_url="http://127.0.0.1:8000/base",
        addresses=frozenset({"127.0.0.1"}),
    )


def send(port: int, body: str = "Step 7", valid_for_s: int = 7_199) -> Outcome:
    carrier = KannelCarrier(settings(port), timeout_s=1.0, whole_s=1.5)
    return carrier.send_text(PHONE, "4040", body, RECEIPT, valid_for_s)


def test_send_text_posts_what_kannel_expects_and_nothing_personal_in_the_url(server: Server) -> None:
    """Number, sender and password in headers, the words in the body, our attempt in the receipt's URL."""
    assert send(server.server_port) == Outcome(OutcomeKind.SENT, status="accepted")
    ((path, headers, body),) = server.requests
    assert path == "/cgi-bin/sendsms"
    assert body == b"Step 7"
    assert headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert {name: value for name, value in headers.items() if name.startswith("X-Kannel")} == {
        "X-Kannel-Username": "kadam",
        "X-Kannel-Password": "the password",
        "X-Kannel-From": "4040",
        "X-Kannel-To": PHONE,
        "X-Kannel-Coding": "0",
        "X-Kannel-Validity": "119",
        "X-Kannel-DLR-Mask": "31",
        "X-Kannel-DLR-Url": f"http://kannel:{SECRET}@127.0.0.1:8000/base/kannel/receipt"
        "?attempt=0f3c.k9Jx-_A&status=%d&smsc_id=%F",
    }
    assert (
        "996" not in urlsplit(headers["X-Kannel-DLR-Url"]).path + urlsplit(headers["X-Kannel-DLR-Url"]).query
    )


@pytest.mark.parametrize(
    ("body", "coding"),
    [(KYRGYZ, "2"), ("STEP 7 [é] {€} ~ ^ \\ |", "0"), ("ç", "2"), ("Шаг 7", "2"), ("😀", "2")],
)
def test_send_text_chooses_the_alphabet_that_the_whole_text_needs(
    server: Server, body: str, coding: str
) -> None:
    """GSM-7 where every letter is in it, UCS-2 for anything else; always UTF-8 on the way to Kannel."""
    send(server.server_port, body)
    ((_, headers, raw),) = server.requests
    assert headers["X-Kannel-Coding"] == coding
    assert raw.decode("utf-8") == body


@pytest.mark.parametrize(
    ("valid_for_s", "minutes"), [(10, "1"), (60, "1"), (119, "1"), (120, "2"), (36_000, "600")]
)
def test_send_text_is_never_valid_for_longer_than_asked_but_a_minute(
    server: Server, valid_for_s: int, minutes: str
) -> None:
    """Kannel counts minutes."""
    send(server.server_port, valid_for_s=valid_for_s)
    assert server.requests[0][1]["X-Kannel-Validity"] == minutes


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (202, "0: Accepted for delivery", OutcomeKind.SENT),
        (202, "3: Queued for later delivery", OutcomeKind.SENT),
        (200, "0: Accepted for delivery", OutcomeKind.SENT),
        (202, "Sent.", OutcomeKind.UNKNOWN),  # immediate-sendsms-reply: the bearerbox was not asked
        (202, "", OutcomeKind.UNKNOWN),
        (202, "0", OutcomeKind.UNKNOWN),
        (202, "1: Something new", OutcomeKind.UNKNOWN),
        (200, "<html>login</html>", OutcomeKind.UNKNOWN),
        (202, "0" * 2_000, OutcomeKind.UNKNOWN),
        (302, "0: Accepted for delivery", OutcomeKind.UNKNOWN),
        (400, "Number(s) has/have been denied by white- and/or black-lists.", OutcomeKind.FINAL),
        (403, "Not routable. Do not try again.", OutcomeKind.FINAL),
        (403, "Authorization failed for sendsms", OutcomeKind.HALT),
        (401, "", OutcomeKind.HALT),
        (403, "", OutcomeKind.HALT),
        (404, "Not found", OutcomeKind.HALT),
        (400, "Sender missing and no global set, rejected", OutcomeKind.HALT),
        (400, "DLR-URL field misformed, rejected", OutcomeKind.HALT),
        (400, "Charset or body misformed, rejected", OutcomeKind.REFUSED),
        (400, "Empty receiver number not allowed, rejected", OutcomeKind.REFUSED),
        (408, "", OutcomeKind.UNKNOWN),
        (429, "", OutcomeKind.BACK_OFF),
        (500, "Sending failed.", OutcomeKind.UNKNOWN),
        (502, "", OutcomeKind.UNKNOWN),
        (503, "Temporal failure, try again later.", OutcomeKind.BACK_OFF),
        (503, "<html>a proxy</html>", OutcomeKind.UNKNOWN),
        (504, "", OutcomeKind.UNKNOWN),
    ],
)
def test_each_answer_of_sendsms_has_its_row(
    server: Server, status: int, answer: str, kind: OutcomeKind
) -> None:
    """The outcome table of Kannel; one request, whatever it is."""
    server.answer = says(status, answer, Location="http://127.0.0.1:1/")
    assert send(server.server_port).kind is kind
    assert len(server.requests) == 1


def test_a_busy_gateway_is_left_alone_for_as_long_as_it_asks(server: Server) -> None:
    """Retry-After is kept."""
    server.answer = says(429, "", Retry_After="30")
    assert send(server.server_port) == Outcome(OutcomeKind.BACK_OFF, retry_after_s=30.0, http_status=429)


def test_an_answer_that_is_queued_counts_as_sent_but_not_as_gone_out() -> None:
    """Rank of an acceptance: any receipt overtakes it."""
    assert outcome_of_answer(202, "3: Queued for later delivery").status == "queued"


def test_no_connection_is_the_only_failure_that_is_tried_again(server: Server) -> None:
    """Nothing listens: nothing was sent."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert send(port) == Outcome(OutcomeKind.RETRY)


@pytest.mark.parametrize("fault", [cut_off, truncate, hang, trickle])
def test_an_answer_that_is_lost_leaves_it_unknown(server: Server, fault: Answer) -> None:
    """Kannel may have taken it; nothing here waits for longer than its time-outs."""
    server.answer = fault
    started_s = time.monotonic()
    assert send(server.server_port) == Outcome(OutcomeKind.UNKNOWN)
    assert time.monotonic() - started_s < 3
    assert len(server.requests) == 1


def test_each_text_has_a_connection_of_its_own(server: Server) -> None:
    """A connection that died while it was kept would leave it unknown whether the text was sent."""
    carrier = KannelCarrier(settings(server.server_port))
    for _ in range(3):
        carrier.send_text(PHONE, "4040", "Step 7", RECEIPT, 600)
    assert len(set(server.clients)) == 3
