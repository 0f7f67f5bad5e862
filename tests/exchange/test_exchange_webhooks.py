"""How the exchange asks the customer: limits, retries, redirects."""

import socket
import threading
import time
from typing import Any

import pytest
from flask import Flask, Response, redirect, request

from hotline.exchange.faults import Faults
from hotline.exchange.twiml.documents import Answer, Failure
from hotline.exchange.webhooks import Webhooks

HOOKS = Webhooks("secret", Faults(), total_timeout_s=1.0)


@pytest.fixture
def site(serve: Any) -> Any:
    """A site whose views a test adds; gives the app, its URL and the list of what was asked."""
    app = Flask("site")
    asked: list[tuple[str, str, dict[str, str], str]] = []

    @app.before_request
    def remember() -> None:
        token = request.headers.get("I-Twilio-Idempotency-Token", "")
        asked.append((request.method, request.path, {**request.args, **request.form}, token))

    return app, serve(app), asked


def refuse_port() -> str:
    """The URL of a port nobody listens on."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{closed.getsockname()[1]}/"


def test_answer_carries_final_url_type_and_body(site: Any) -> None:
    """A POST with its form; the content type without its charset."""
    app, url, asked = site
    app.add_url_rule(
        "/x", "x", lambda: Response("<Response/>", content_type="Text/XML; charset=utf-8"), methods=["POST"]
    )
    assert HOOKS.send("POST", f"{url}/x", [("a", "ө")]) == Answer(f"{url}/x", 200, "text/xml", b"<Response/>")
    assert asked[0][2]["a"] == "ө"


def test_get_webhook_carries_its_parameters_in_the_query(site: Any) -> None:
    """The answer's URL is the one asked for, without them."""
    app, url, asked = site
    app.add_url_rule("/x", "x", lambda: Response("", content_type="text/xml"))
    answer = HOOKS.send("GET", f"{url}/x?a=1", [("Body", "ө&")])
    assert isinstance(answer, Answer)
    assert answer.url == f"{url}/x?a=1"
    assert (asked[0][2]["a"], asked[0][2]["Body"]) == ("1", "ө&")


@pytest.mark.parametrize(
    ("fragment", "tries"), [("", 1), ("#rc=2&rp=5xx,ct,rt", 3), ("#rc=2&rp=4xx", 1), ("#rc=9&rp=all", 6)]
)
def test_server_error_is_retried_only_if_the_fragment_says_so(site: Any, fragment: str, tries: int) -> None:
    """4xx and 5xx are 11217; all tries carry the same token and no fragment."""
    app, url, asked = site
    app.add_url_rule("/x", "x", lambda: ("broken", 503), methods=["POST"])
    failure = HOOKS.send("POST", f"{url}/x{fragment}", [])
    assert isinstance(failure, Failure)
    assert failure.code == 11217
    assert len(asked) == tries
    assert len({token for *_, token in asked}) == 1
    assert asked[0][3]


def test_connection_failure_is_11205(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens: tried once more, then given up."""
    tries = []
    connect = socket.socket.connect

    def count(self: socket.socket, address: Any) -> None:
        tries.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", count)
    assert HOOKS.send("POST", refuse_port(), []) == Failure(11205, "no connection to the server")
    assert len(tries) == 2


def test_slow_answer_is_given_up_and_not_retried(site: Any) -> None:
    """The limit holds for the whole request."""
    app, url, asked = site

    def drip() -> Response:
        def body() -> Any:
            for _ in range(30):
                sleeping.wait(0.05)
                yield b" " * 9000

        return Response(body(), content_type="text/xml")

    sleeping = threading.Event()
    app.add_url_rule("/x", "x", drip, methods=["POST"])
    failure = Webhooks("secret", Faults(), total_timeout_s=0.2).send("POST", f"{url}/x", [])
    assert failure == Failure(11200, "no answer in time")
    assert len(asked) == 1


def test_answer_over_64_kb_is_11750(site: Any) -> None:
    """65,536 bytes are good, one more is not."""
    app, url, _ = site
    app.add_url_rule(
        "/<int:size>", "x", lambda size: Response("x" * size, content_type="text/xml"), methods=["POST"]
    )
    assert isinstance(HOOKS.send("POST", f"{url}/65536", []), Answer)
    failure = HOOKS.send("POST", f"{url}/65537", [])
    assert isinstance(failure, Failure)
    assert failure.code == 11750


def test_redirect_is_followed_without_digits(site: Any) -> None:
    """302 becomes a GET that has lost the Digits and kept the rest; 307 keeps method and form."""
    app, url, asked = site
    app.add_url_rule("/302", "a", lambda: redirect("/end", 302), methods=["POST"])
    app.add_url_rule("/307", "b", lambda: redirect("/end", 307), methods=["POST"])
    app.add_url_rule("/end", "c", lambda: Response("", content_type="text/xml"), methods=["GET", "POST"])
    form = [("CallSid", "CA1"), ("Digits", "7")]
    assert isinstance(HOOKS.send("POST", f"{url}/302", form), Answer)
    assert isinstance(HOOKS.send("POST", f"{url}/307", form), Answer)
    lost, kept = [entry for entry in asked if entry[1] == "/end"]
    assert lost[0] == "GET"
    assert lost[2]["CallSid"] == "CA1"
    assert "Digits" not in lost[2]
    assert kept[0] == "POST"
    assert kept[2]["Digits"] == "7"


def test_endless_redirect_is_11215(site: Any) -> None:
    """Ten are followed, the eleventh not."""
    app, url, asked = site
    app.add_url_rule("/x", "x", lambda: redirect("/x", 302), methods=["GET", "POST"])
    failure = HOOKS.send("POST", f"{url}/x", [])
    assert isinstance(failure, Failure)
    assert failure.code == 11215
    assert len(asked) == 11


@pytest.mark.parametrize(("status", "where"), [(308, "/end"), (300, "/end"), (304, None), (302, None)])
def test_redirect_that_twilio_does_not_follow_is_11216(site: Any, status: int, where: str | None) -> None:
    """Only 301, 302, 303 and 307 with a Location are followed."""
    app, url, asked = site
    headers = {} if where is None else {"Location": where}
    app.add_url_rule("/x", "x", lambda: ("", status, headers), methods=["POST"])
    failure = HOOKS.send("POST", f"{url}/x", [])
    assert isinstance(failure, Failure)
    assert failure.code == 11216
    assert len(asked) == 1


def test_server_that_says_nothing_is_given_up(site: Any) -> None:
    """No byte within the limit: 11200 as soon as it is over, no second try."""
    app, url, asked = site
    ending = threading.Event()
    app.add_url_rule("/x", "x", lambda: str(ending.wait(2)), methods=["POST"])
    started = time.monotonic()
    failure = Webhooks("secret", Faults(), total_timeout_s=0.2).send("POST", f"{url}/x", [])
    ending.set()
    assert time.monotonic() - started < 1.5
    assert failure == Failure(11200, "no answer in time")
    assert len(asked) == 1


def test_relative_url_is_11100() -> None:
    """Nothing is asked where there is no host."""
    failure = HOOKS.send("POST", "/voice", [])
    assert isinstance(failure, Failure)
    assert failure.code == 11100
