"""The twilio client against a real HTTP server that answers as it is told, down to the socket."""

from __future__ import annotations

import json
import logging
import socket
import threading
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from hotline.carriers.account import Twilio
from hotline.carriers.base import CarrierUnavailableError, Outcome, OutcomeKind
from hotline.carriers.twilio import TwilioCarrier
from tests.carriers.stand_in import Answer, StandIn, StandInHandler, cut_off, serving
from tests.twilio_api.checking import Inspector, check_request

PHONE = "+996555123456"
HOTLINE = "+996312000777"
RECEIPT = "https://hotline.example/receipts/sms?attempt=0f3c.AAAA"
ACCOUNT = "AC" + "0" * 32
SID = "SM" + "1" * 32

JSON = {"Content-Type": "application/json"}


class Handler(StandInHandler):
    """Hands each request to the server's `answer` and keeps it; Twilio must be able to take it."""

    server: Server

    def take(self, body: bytes) -> None:
        form = parse_qs(body.decode(), keep_blank_values=True)
        path, _, query = self.path.partition("?")
        with self.server.inspector.noting():
            check_request(self.command, path, form or parse_qs(query, keep_blank_values=True))
        self.server.requests.append((self.path, form, dict(self.headers)))
        self.server.answer(self)

    def reply(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
        super().reply(status, body, {**JSON, **(headers or {})})


class Server(StandIn):
    """One carrier."""

    def __init__(self, inspector: Inspector) -> None:
        super().__init__(Handler, accept)
        self.inspector = inspector
        self.requests: list[tuple[str, dict[str, list[str]], dict[str, str]]] = []


def accept(handler: Handler) -> None:
    handler.reply(201, json.dumps({"sid": SID, "status": "queued"}))


def refuse(status: int, code: int | None, headers: dict[str, str] | None = None) -> Answer:
    body = json.dumps({"code": code, "message": f"about {PHONE}", "more_info": "", "status": status})
    return lambda handler: handler.reply(status, body if code else "<html>down</html>", headers)


def truncate(handler: Handler) -> None:
    """Promises more than it sends."""
    handler.wfile.write(b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n" + b'{"sid": "SM1')
    cut_off(handler)


@pytest.fixture
def server(inspector: Inspector, as_twilio_has_it: None) -> Iterator[Server]:
    with serving(Server(inspector)) as made:
        yield made


@pytest.fixture
def carrier(server: Server) -> Iterator[TwilioCarrier]:
    made = connect(server.server_port)
    yield made
    made.close()


def connect(port: int, timeout_s: float = 5.0, **settings: Any) -> TwilioCarrier:
    url = f"http://127.0.0.1:{port}"
    twilio = Twilio(ACCOUNT, ("token", "older"), HOTLINE, api_url=url, **settings)
    return TwilioCarrier(twilio, timeout_s)


def send(carrier: TwilioCarrier, sender: str = HOTLINE) -> Outcome:
    return carrier.send_text(PHONE, sender, "Кадам", RECEIPT, 600)


def test_send_text_posts_what_twilio_expects(server: Server, carrier: TwilioCarrier) -> None:
    """One POST with number, sender, body, callback and validity; signed in with the first token."""
    assert send(carrier) == Outcome(OutcomeKind.SENT, sid=SID, status="queued")
    ((path, form, headers),) = server.requests
    assert path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert form == {
        "To": [PHONE],
        "From": [HOTLINE],
        "Body": ["Кадам"],
        "StatusCallback": [f"{RECEIPT}#rc=3&rp=5xx,ct,rt"],
        "ValidityPeriod": ["600"],
    }
    assert b64decode(headers["Authorization"].removeprefix("Basic ")).decode() == f"{ACCOUNT}:token"


def test_send_text_by_a_messaging_service(server: Server, carrier: TwilioCarrier) -> None:
    """A sender that is the SID of a service goes into its own parameter."""
    send(carrier, "MG" + "2" * 32)
    form = server.requests[0][1]
    assert form["MessagingServiceSid"] == ["MG" + "2" * 32]
    assert "From" not in form


def test_api_key_signs_in_for_the_account(server: Server) -> None:
    """The key's name and secret; the path still names the account."""
    carrier = connect(server.server_port, api_key="SK1", api_secret="secret")
    send(carrier)
    carrier.close()
    path, _, headers = server.requests[0]
    assert f"/Accounts/{ACCOUNT}/" in path
    assert b64decode(headers["Authorization"].removeprefix("Basic ")).decode() == "SK1:secret"


def test_place_call_posts_what_twilio_expects(server: Server, carrier: TwilioCarrier) -> None:
    """From the hotline's number, every status called back; it pays, so after 20 minutes the call ends."""
    url, fallback_url = (f"https://hotline.example/voice/{path}" for path in ("ky/menu-main/0/0", "fallback"))
    outcome = carrier.place_call(PHONE, url, fallback_url, RECEIPT)
    assert outcome.kind is OutcomeKind.SENT
    path, form, _ = server.requests[0]
    assert path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    assert (form["To"], form["From"]) == ([PHONE], [HOTLINE])
    assert form["Url"] == [url]
    assert (form["FallbackUrl"], form["FallbackMethod"]) == ([fallback_url], ["POST"])
    assert form["StatusCallback"] == [f"{RECEIPT}#rc=3&rp=5xx,ct,rt"]
    assert form["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert (form["Timeout"], form["TimeLimit"]) == (["40"], ["1200"])
    check_request("POST", path, form)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 21211, OutcomeKind.FINAL),
        (400, 21610, OutcomeKind.OPTED_OUT),
        (401, 20003, OutcomeKind.HALT),
        (403, None, OutcomeKind.HALT),
        (404, None, OutcomeKind.HALT),
        (405, None, OutcomeKind.HALT),
        (400, 21602, OutcomeKind.REFUSED),
        (429, 20429, OutcomeKind.BACK_OFF),
        (500, None, OutcomeKind.UNKNOWN),
        (503, 20503, OutcomeKind.UNKNOWN),
        (302, None, OutcomeKind.UNKNOWN),
    ],
)
def test_refusal_is_classed_once(
    server: Server, carrier: TwilioCarrier, status: int, code: int | None, kind: OutcomeKind
) -> None:
    """By the outcome table; one request, no hidden retry, no redirect followed."""
    server.answer = refuse(status, code, {"Location": "/elsewhere"})
    assert send(carrier).kind is kind
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("999999", 3600.0), ("soon", None), (None, None)]
)
def test_retry_after_is_kept(
    server: Server, carrier: TwilioCarrier, header: str | None, seconds: float | None
) -> None:
    """In seconds, an hour at most; twilio's own exception drops it."""
    server.answer = refuse(429, 20429, {"Retry-After": header} if header else None)
    assert send(carrier).retry_after_s == seconds


@pytest.mark.parametrize(
    "answer",
    [
        cut_off,
        truncate,
        lambda handler: handler.reply(201, "<html>"),
        lambda handler: handler.reply(201, "[]"),
        lambda handler: handler.reply(201, "{}"),
        lambda handler: handler.reply(201, "null"),
        lambda handler: handler.reply(200, '{"sid": null}'),
    ],
    ids=["cut off", "truncated", "no JSON", "a list", "no sid", "null", "sid is null"],
)
def test_answer_that_cannot_be_read_is_unknown(
    server: Server, carrier: TwilioCarrier, answer: Answer
) -> None:
    """It may have been a success: to be looked up, and one request only."""
    server.answer = answer
    assert send(carrier).kind is OutcomeKind.UNKNOWN
    assert len(server.requests) == 1


def test_silence_is_unknown_after_the_timeout(server: Server) -> None:
    """The client gives up by itself; its own default would be to wait for ever."""
    carrier = connect(server.server_port, timeout_s=0.3)
    went_away: list[bool] = []
    noted = threading.Event()

    def wait(_handler: Handler) -> None:
        went_away.append(server.released.wait(20))
        noted.set()

    server.answer = wait
    assert send(carrier).kind is OutcomeKind.UNKNOWN
    server.released.set()
    assert noted.wait(20)
    assert went_away == [True]  # it was the client that gave up
    assert len(server.requests) == 1
    carrier.close()


def test_nobody_listening_is_a_retry() -> None:
    """The connection was refused, so nothing was sent."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        carrier = connect(taken.getsockname()[1])
        assert send(carrier).kind is OutcomeKind.RETRY
        carrier.close()


def listing(*bodies: str) -> str:
    created = format_datetime(datetime(2026, 11, 29, 7, 0, 5, tzinfo=UTC))
    messages = [
        {"sid": f"SM{n:032x}", "status": "delivered", "body": body, "date_created": created, "to": PHONE}
        for n, body in enumerate(bodies)
    ]
    return json.dumps({"messages": messages, "next_page_uri": None, "page": 0, "page_size": 100})


def test_find_texts_lists_what_was_sent_to_a_number(server: Server, carrier: TwilioCarrier) -> None:
    """Since an instant of the carrier's clock; by recipient alone, because queued texts have no DateSent."""
    server.answer = lambda handler: handler.reply(200, listing("one", "two"))
    found = carrier.find_texts(PHONE, datetime(2026, 11, 29, 7, 0, 5, tzinfo=UTC))
    assert [(text.body, text.status) for text in found] == [("one", "delivered"), ("two", "delivered")]
    assert parse_qs(urlsplit(server.requests[0][0]).query) == {"To": [PHONE], "PageSize": ["100"]}
    assert carrier.find_texts(PHONE, datetime(2026, 11, 29, 7, 0, 6, tzinfo=UTC)) == []


def test_find_calls_lists_what_was_placed_to_a_number(server: Server, carrier: TwilioCarrier) -> None:
    """Since an instant; not the calls that somebody was put through to, nor those that came in."""
    created = "Sun, 29 Nov 2026 07:00:05 +0000"
    calls = [
        {"sid": f"CA{n:032x}", "status": "completed", "direction": direction, "date_created": created}
        for n, direction in enumerate(("outbound-api", "outbound-dial", "inbound"))
    ]
    server.answer = lambda handler: handler.reply(
        200, json.dumps({"calls": calls, "next_page_uri": None, "page": 0, "page_size": 100})
    )
    (found,) = carrier.find_calls(PHONE, datetime(2026, 11, 29, 7, 0, 5, tzinfo=UTC))
    assert (found.sid, found.status, found.body) == (f"CA{0:032x}", "completed", "")
    assert parse_qs(urlsplit(server.requests[0][0]).query) == {"To": [PHONE], "PageSize": ["100"]}
    assert carrier.find_calls(PHONE, datetime(2026, 11, 29, 7, 0, 6, tzinfo=UTC)) == []
    server.answer = refuse(500, None)
    with pytest.raises(CarrierUnavailableError):
        carrier.find_calls(PHONE, datetime(2026, 11, 29, tzinfo=UTC))


@pytest.mark.parametrize("answer", [cut_off, refuse(500, None), refuse(429, 20429), refuse(401, 20003)])
def test_find_texts_says_that_the_carrier_cannot_be_asked(
    server: Server, carrier: TwilioCarrier, answer: Answer
) -> None:
    """And keeps the number out of the exception and its causes."""
    server.answer = answer
    with pytest.raises(CarrierUnavailableError) as caught:
        carrier.find_texts(PHONE, datetime(2026, 11, 29, tzinfo=UTC))
    assert PHONE not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_received_texts_lists_what_came_in(server: Server, carrier: TwilioCarrier) -> None:
    """Since an instant; what we have sent to our own number is not among it."""
    at = datetime(2026, 11, 29, 7, 0, 5, tzinfo=UTC)
    record = {"to": HOTLINE, "from": PHONE, "date_sent": format_datetime(at), "body": "STEP7"}
    texts = [
        {"sid": SID, "direction": "inbound", **record},
        {"sid": "SM2", "direction": "outbound-api", **record},
    ]
    server.answer = lambda handler: handler.reply(200, json.dumps({"messages": texts, "next_page_uri": None}))
    found = carrier.received_texts(HOTLINE, at)
    assert [(text.sid, text.at_utc, text.sender, text.body) for text in found] == [(SID, at, PHONE, "STEP7")]
    asked = parse_qs(urlsplit(server.requests[0][0]).query)
    assert (asked["To"], asked["DateSent>"]) == ([HOTLINE], ["2026-11-29T07:00:05Z"])
    server.answer = refuse(500, None)
    with pytest.raises(CarrierUnavailableError):
        carrier.received_texts(HOTLINE, at)


def test_nothing_personal_is_logged_at_debug(
    server: Server, carrier: TwilioCarrier, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither by twilio's client nor by urllib3, whose lines hold the look-up's URL."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="twilio")
    server.answer = refuse(400, 21211)
    send(carrier)
    server.answer = lambda handler: handler.reply(200, listing("Кадам"))
    carrier.find_texts(PHONE, datetime(2026, 11, 29, tzinfo=UTC))
    assert not any(secret in caplog.text for secret in (PHONE, PHONE[1:], "%2B996", "Кадам"))
