"""A real exchange on a real HTTP server, and a customer on another who checks every signature."""

import io
import threading
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
import requests
from flask import Flask, Response, request
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug.serving import BaseWSGIServer, make_server

from hotline.exchange.exchange import Exchange
from tests.twilio_api.checking import Inspector

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "the token of the tests"
NUMBER = "+996555000000"


@dataclass
class Request:
    """One request the customer got."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    genuine: bool


@dataclass
class Customer:
    """A customer of the exchange: answers by path, remembers what came.

    answers: responses, or functions of the request that give a document. views: functions giving a response.
    """

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    views: dict[str, Any] = field(default_factory=dict)

    def answer(self, path: str, inner: str, **kwargs: Any) -> None:
        """Answer a path with <Response>inner</Response>, or with a raw body if kwargs name a content type."""
        body = inner if kwargs else f"<Response>{inner}</Response>"
        self.answers[path] = Response(body, **{"content_type": "text/xml", **kwargs})

    def on(self, path: str) -> list[Request]:
        """Every request to a path."""
        return [request for request in self.requests if request.path == path]

    def take(self) -> Any:
        """The view behind every path."""
        method = request.method
        params = dict(request.form if method == "POST" else request.args)
        url = self.url + request.full_path.removesuffix("?")
        signature = request.headers.get("X-Twilio-Signature", "")
        genuine = RequestValidator(AUTH_TOKEN).validate(url, request.form.to_dict(), signature)
        self.requests.append(Request(method, request.path, params, dict(request.headers), genuine))
        if request.path in self.views:
            return self.views[request.path](request)
        answer = self.answers.get(request.path, Response("<Response/>", content_type="text/xml"))
        if callable(answer) and not isinstance(answer, Response):
            return Response(answer(request), content_type="text/xml")
        return answer


class Timetable:
    """The customer's timeline: instants at which something is due, and every tick it got."""

    def __init__(self) -> None:
        self.due: list[datetime] = []
        self.ticks: list[datetime] = []
        self.on_tick: list[Any] = []

    def next_due(self, after_utc: datetime) -> datetime | None:
        """The first instant due after another."""
        return min((instant for instant in self.due if instant > after_utc), default=None)

    def tick(self, now_utc: datetime) -> None:
        """One tick."""
        self.ticks.append(now_utc)
        for act in self.on_tick:
            act(now_utc)


@dataclass
class Hall:
    """Everything a test needs: the exchange, its address, its customer, the real twilio client."""

    exchange: Exchange
    url: str
    customer: Customer
    timetable: Timetable
    client: Client

    def ask(
        self, method: str, path: str, phone: str = "", body: Any = None, token: str = "owner"
    ) -> requests.Response:
        """One request to the control API."""
        headers = {"X-Exchange-Token": token, "X-Exchange-Phone": phone}
        return requests.request(method, f"{self.url}/exchange{path}", headers=headers, json=body, timeout=30)

    def act(self, path: str, phone: str, **body: Any) -> dict[str, Any]:
        """One successful POST to the control API about a phone."""
        response = self.ask("POST", f"/phone/{path}", phone, body)
        assert response.status_code == 200, response.text
        return dict(response.json())

    def inbox(self, phone: str) -> list[str]:
        """The texts that arrived at a phone."""
        assert self.exchange.drain(10)
        return [message["body"] for message in self.ask("GET", "/phone/inbox", phone).json()["messages"]]

    def create(self, **form: str) -> requests.Response:
        """A raw POST of a message."""
        url = f"{self.url}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
        return requests.post(url, data=form, auth=(ACCOUNT_SID, AUTH_TOKEN), timeout=10)


class Street:
    """Servers and exchanges of one test (or of several), shut together; the inspector watches every hall."""

    def __init__(self, inspector: Inspector) -> None:
        self._inspector = inspector
        self._servers: list[tuple[BaseWSGIServer, threading.Thread]] = []
        self._exchanges: list[Exchange] = []

    def serve(self, app: Flask) -> str:
        """Serve an app on a free port; its base URL."""
        server = make_server("127.0.0.1", 0, app, threaded=True)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        self._servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    def make_hall(self, **settings: Any) -> Hall:
        """A customer and an exchange for it; keyword arguments go to the Exchange."""
        customer, timetable = Customer(), Timetable()
        shop = Flask("customer", static_folder=None)
        shop.add_url_rule("/<path:rest>", "take", lambda rest: customer.take(), methods=["GET", "POST"])
        self._inspector.watch(shop)
        customer.url = self.serve(shop)
        given = {
            "account_sid": ACCOUNT_SID,
            "auth_token": AUTH_TOKEN,
            "owner_token": "owner",
            "number": NUMBER,
            "base_url": customer.url,
            "voice_url": "/voice",
            "sms_url": "/sms",
            "next_due": timetable.next_due,
            "tick": timetable.tick,
            "caption": {f"{customer.url}/a.wav": "hello"}.get,
        }
        exchange = Exchange(**{**given, **settings})
        self._exchanges.append(exchange)
        hotel = Flask("exchange", static_folder=None)
        hotel.register_blueprint(exchange.rest())
        hotel.register_blueprint(exchange.control())
        self._inspector.watch(hotel)
        url = self.serve(hotel)
        caller = TwilioHttpClient(pool_connections=False, timeout=10)
        client = Client(ACCOUNT_SID, AUTH_TOKEN, http_client=caller)
        client.api.base_url = url
        return Hall(exchange, url, customer, timetable, client)

    def close(self) -> None:
        """Shut everything."""
        for exchange in self._exchanges:
            exchange.close()
        for server, _ in self._servers:
            server.shutdown()
        for server, thread in self._servers:
            thread.join(5)
            server.server_close()


@pytest.fixture(autouse=True)
def everything_as_twilio_has_it(as_twilio_has_it: None) -> None:
    """REST requests and answers and every webhook, in every test of the exchange."""


@pytest.fixture
def street(inspector: Inspector) -> Iterator[Street]:
    """Everything served in one test."""
    street = Street(inspector)
    yield street
    street.close()


@pytest.fixture
def serve(street: Street) -> Any:
    """Serves Flask apps on free ports until the test ends; gives the base URL of each."""
    return street.serve


@pytest.fixture
def make_hall(street: Street) -> Any:
    """Builds a hall; keyword arguments go to the Exchange."""
    return street.make_hall


@pytest.fixture
def hall(street: Street) -> Hall:
    """A hall with the usual settings."""
    return street.make_hall()


@pytest.fixture(scope="session")
def quiet_hall(inspector: Inspector) -> Iterator[Hall]:
    """One hall for all tests in which nothing comes of what is asked."""
    street = Street(inspector)
    yield street.make_hall()
    street.close()


@pytest.fixture
def order_fault(hall: Hall) -> Any:
    """Orders a fault through the owner's door: a kind and the fields of faults.Order; at: another hall."""

    def order(kind: str, *, at: Hall = hall, **fields: Any) -> None:
        response = at.ask("POST", "/faults", body={"kind": kind, **fields})
        assert response.status_code == 200, response.text

    return order


@pytest.fixture
def make_wav() -> Any:
    """Makes WAV files of given seconds, 8 kHz mono 16 bit, of one constant sample."""

    def make(seconds: float, level: int = 1000, rate_hz: int = 8000) -> bytes:
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(rate_hz)
            writer.writeframes(level.to_bytes(2, "little", signed=True) * round(seconds * rate_hz))
        return file.getvalue()

    return make
