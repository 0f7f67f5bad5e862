"""What goes wrong to order: answers of the REST API, webhooks, receipts, texts, calls."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask
from twilio.base.exceptions import TwilioException

from tests.serving import served

PHONE = "+996700111111"
OTHER = "+996700222222"
NUMBER = "+996555000000"
ACCOUNT = "AC" + "0" * 32
AUTH = (ACCOUNT, "the token of the tests")
FORM = {"To": PHONE, "From": NUMBER, "Body": "made"}


def send(hall: Any, **more: Any) -> Any:
    url = f"{hall.customer.url}/receipts?attempt=1"
    return hall.client.messages.create(to=PHONE, from_=NUMBER, body="hello", status_callback=url, **more)


def receipts(hall: Any) -> list[str]:
    assert hall.exchange.drain(10)
    return [request.params["MessageStatus"] for request in hall.customer.on("/receipts")]


def told(hall: Any) -> list[str]:
    """The statuses a call's callbacks brought, in the order they came."""
    assert hall.exchange.drain(10)
    return [request.params["CallStatus"] for request in hall.customer.on("/status")]


def place(hall: Any) -> Any:
    url, events = f"{hall.customer.url}/status", ["initiated", "ringing", "answered", "completed"]
    return hall.client.calls.create(
        to=PHONE,
        from_=NUMBER,
        url=f"{hall.customer.url}/out",
        status_callback=url,
        status_callback_event=events,
    )


def alerts(hall: Any, path: str) -> list[int]:
    return [event["code"] for event in hall.ask("GET", path).json()["events"] if event["kind"] == "alert"]


# The REST API.


def test_rest_429_and_500_make_nothing(hall: Any, order_fault: Any) -> None:
    """429 with Retry-After, 500, then good again; reading is not struck."""
    order_fault("rest-429", seconds=7)
    order_fault("rest-500")
    assert hall.client.messages.list() == []
    first = hall.create(**FORM)
    assert (first.status_code, first.json()["code"], first.headers["Retry-After"]) == (429, 20429, "7")
    assert hall.create(**FORM).status_code == 500
    assert hall.client.messages.list() == []
    assert hall.create(**FORM).status_code == 201


@pytest.mark.parametrize(("kind", "status"), [("rest-429", 429), ("rest-500", 500)])
@pytest.mark.parametrize("what", ["messages", "calls"])
def test_rest_fault_of_a_list_strikes_reading_alone(
    hall: Any, order_fault: Any, kind: str, status: int, what: str
) -> None:
    """With method GET a list is refused once, while messages are made as ever."""
    order_fault(kind, method="GET")
    assert hall.create(**FORM).status_code == 201
    with pytest.raises(TwilioException, match=str(status)):
        getattr(hall.client, what).list()
    assert isinstance(getattr(hall.client, what).list(), list)


def test_rest_fault_of_a_fetch_is_refused_once(hall: Any, order_fault: Any) -> None:
    """A single message and a single call are read through the same door."""
    message, call = send(hall), place(hall)
    order_fault("rest-500", method="GET", times=2)
    for read in (hall.client.messages(message.sid).fetch, hall.client.calls(call.sid).fetch):
        with pytest.raises(TwilioException):
            read()
    assert hall.client.messages(message.sid).fetch().sid == message.sid


def test_rest_fault_for_one_number_spares_lists_of_others(hall: Any, order_fault: Any) -> None:
    """A list is struck by the number it is filtered by."""
    order_fault("rest-500", method="GET", to=PHONE)
    assert hall.client.messages.list(to=OTHER) == []
    with pytest.raises(TwilioException):
        hall.client.messages.list(to=PHONE)


def test_rest_slow_answers_late_what_was_done_at_once(hall: Any, order_fault: Any) -> None:
    """The message arrives while the answer is still out; the answer comes after its seconds, and is good."""
    order_fault("rest-slow", seconds=0.5)
    answers: list[requests.Response] = []
    started = time.monotonic()
    client = threading.Thread(target=lambda: answers.append(hall.create(**FORM)))
    client.start()
    while not hall.inbox(PHONE):
        assert time.monotonic() - started < 5
    assert answers == []
    client.join(5)
    assert time.monotonic() - started >= 0.5
    assert answers[0].status_code == 201


def test_rest_late_makes_the_message_after_the_client_gave_up(hall: Any, order_fault: Any) -> None:
    """The client's patience ends, nothing is there; later the message is there after all."""
    order_fault("rest-late", seconds=0.4)
    with pytest.raises(requests.ReadTimeout):
        requests.post(messages_url(hall.url), data=FORM, auth=AUTH, timeout=(5, 0.1))
    assert hall.client.messages.list() == []
    assert wait_for(lambda: len(hall.client.messages.list()) == 1)


def test_rest_hang_never_makes_anything(hall: Any, order_fault: Any) -> None:
    """The connection is held for its seconds and cut off; nothing is made then or later."""
    order_fault("rest-hang", seconds=0.3)
    started = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        requests.post(messages_url(hall.url), data=FORM, auth=AUTH, timeout=5)
    assert time.monotonic() - started >= 0.3
    assert hall.client.messages.list() == []
    assert hall.create(**FORM).status_code == 201


def test_rest_lost_breaks_the_connection_but_the_message_exists(hall: Any, order_fault: Any) -> None:
    """The client sees an aborted connection; the message is made and delivered."""
    order_fault("rest-lost")
    with pytest.raises(requests.ConnectionError):
        hall.create(**FORM)
    assert hall.inbox(PHONE) == ["made"]
    assert [message.body for message in hall.client.messages.list(to=PHONE)] == ["made"]


@pytest.fixture
def waitress_url(hall: Any) -> Iterator[str]:
    """The REST API on waitress, which hides its socket."""
    app = Flask("other")
    app.register_blueprint(hall.exchange.rest())
    with served(app) as url:
        yield url


def test_rest_lost_is_cut_short_where_the_server_hides_its_socket(
    hall: Any, order_fault: Any, waitress_url: str
) -> None:
    """On waitress the answer breaks off after its first byte."""
    order_fault("rest-lost")
    with pytest.raises(requests.RequestException):
        requests.post(messages_url(waitress_url), data=FORM, auth=AUTH, timeout=5)
    assert hall.inbox(PHONE) == ["made"]


def messages_url(base_url: str) -> str:
    return f"{base_url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


def wait_for(is_so: Any, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.02)
    return False


# Webhooks: each fault for a text and for a call.


@pytest.fixture(params=["/sms", "/voice"])
def knock(request: Any, hall: Any) -> Any:
    """Lets a text or a call ask its webhook; gives the path and the act, which tells the alerts it caused."""
    path = request.param

    def act() -> list[int]:
        if path == "/sms":
            return alerts(hall, f"/messages/{hall.act('text', PHONE, body='x')['sid']}")
        return alerts(hall, f"/calls/{hall.act('dial', PHONE)['sid']}")

    return path, act


def test_webhook_comes_twice_with_one_token(hall: Any, order_fault: Any, knock: Any) -> None:
    """Same SID, same parameters, same idempotency token, both genuine; the next one comes once."""
    path, act = knock
    order_fault("webhook-doubled", to=PHONE)
    act()
    first, second = hall.customer.on(path)
    assert first.params == second.params
    assert first.headers["I-Twilio-Idempotency-Token"] == second.headers["I-Twilio-Idempotency-Token"]
    assert first.genuine
    assert second.genuine
    act()
    assert len(hall.customer.on(path)) == 3


def test_doubled_text_is_answered_once(hall: Any, order_fault: Any) -> None:
    """The second answer counts; the first is lost on its way."""
    order_fault("webhook-doubled")
    hall.customer.answers["/sms"] = lambda request: (
        f"<Response><Message>{len(hall.customer.on('/sms'))}</Message></Response>"
    )
    hall.act("text", PHONE, body="x")
    assert hall.inbox(PHONE) == ["2"]


def test_webhook_without_signature(hall: Any, order_fault: Any, knock: Any) -> None:
    """The header is missing altogether, once."""
    path, act = knock
    order_fault("webhook-unsigned")
    act()
    act()
    bare, signed = hall.customer.on(path)
    assert "X-Twilio-Signature" not in bare.headers
    assert not bare.genuine
    assert signed.genuine


def test_webhook_with_a_wrong_signature(hall: Any, order_fault: Any, knock: Any) -> None:
    """The header is there and is not the customer's, once."""
    path, act = knock
    order_fault("webhook-missigned")
    act()
    act()
    forged, signed = hall.customer.on(path)
    assert len(forged.headers["X-Twilio-Signature"]) == len(signed.headers["X-Twilio-Signature"]) == 28
    assert not forged.genuine
    assert signed.genuine


def test_webhook_reaches_the_customer_late_but_in_time(hall: Any, order_fault: Any, knock: Any) -> None:
    """It comes after its seconds and is answered as ever."""
    path, act = knock
    order_fault("webhook-slow", seconds=0.3)
    started = time.monotonic()
    assert act() == []
    assert time.monotonic() - started >= 0.3
    assert len(hall.customer.on(path)) == 1


def test_webhook_delay_counts_against_the_limit(make_hall: Any, order_fault: Any) -> None:
    """A delay as long as the limit leaves no time at all: 11200, and the fallback is asked."""
    hall = make_hall(webhook_timeout_s=0.3, sms_fallback_url="/spare")
    order_fault("webhook-slow", at=hall, seconds=20)
    sid = hall.act("text", PHONE, body="x")["sid"]
    assert alerts(hall, f"/messages/{sid}") == [11200]
    assert hall.customer.on("/sms") == []
    assert len(hall.customer.on("/spare")) == 1


def test_webhook_without_connection_is_tried_again(hall: Any, order_fault: Any, knock: Any) -> None:
    """One failed try is mended by the retry; two are error 11205 and nothing arrives."""
    path, act = knock
    order_fault("webhook-unconnected")
    assert act() == []
    assert len(hall.customer.on(path)) == 1
    assert hall.ask("GET", "/faults").json() == {"faults": []}
    if path == "/voice":
        assert hall.ask("GET", "/phone", PHONE).json()["call"] is None
    order_fault("webhook-unconnected", times=2)
    assert act() == [11205]
    assert len(hall.customer.on(path)) == 1


def test_webhook_fault_spares_receipts_and_other_phones(hall: Any, order_fault: Any) -> None:
    """It waits for the next document asked for on behalf of its phone."""
    order_fault("webhook-unsigned", to=PHONE)
    send(hall)
    hall.act("text", OTHER, body="x")
    assert receipts(hall) == ["sent", "delivered"]
    assert all(request.genuine for request in hall.customer.requests)
    hall.act("text", PHONE, body="x")
    assert not hall.customer.on("/sms")[-1].genuine


# Texts, their receipts, the callbacks of calls.


def test_ordered_faults_strike_messages_and_receipts(hall: Any, order_fault: Any) -> None:
    """Undelivered and failed carry the code; receipts are lost, doubled or shuffled, once each."""
    seen = 0
    for fault, heard, status in (
        ({"kind": "text-undelivered", "error_code": 30003}, ["sent", "undelivered"], "undelivered"),
        ({"kind": "text-failed", "error_code": 30001}, ["failed"], "failed"),
        ({"kind": "receipts-lost"}, [], "delivered"),
        ({"kind": "receipts-doubled"}, ["sent", "sent", "delivered", "delivered"], "delivered"),
        ({"kind": "receipts-shuffled"}, ["delivered", "sent"], "delivered"),
        ({}, ["sent", "delivered"], "delivered"),
    ):
        if fault:
            order_fault(**fault)
        message = send(hall)
        assert receipts(hall)[seen:] == heard
        fetched = hall.client.messages(message.sid).fetch()
        assert fetched.status == status
        if "error_code" in fault:
            assert fetched.error_code == fault["error_code"]
            assert hall.customer.on("/receipts")[-1].params["ErrorCode"] == str(fault["error_code"])
        seen += len(heard)
    assert hall.inbox(PHONE) == ["hello"] * 4


def test_fault_for_one_number_spares_others_and_counts_down(hall: Any, order_fault: Any) -> None:
    """times and to limit an order."""
    order_fault("text-undelivered", to=PHONE, times=2)
    for to in (OTHER, PHONE, PHONE, PHONE):
        hall.client.messages.create(to=to, from_=NUMBER, body=to)
        hall.exchange.drain()
    statuses = [message.status for message in hall.client.messages.list()]
    assert statuses == ["delivered", "undelivered", "undelivered", "delivered"]
    assert hall.ask("GET", "/faults").json() == {"faults": []}


@pytest.mark.parametrize(
    ("kind", "heard"),
    [
        ("receipts-lost", ["ringing", "in-progress", "completed"]),
        ("receipts-doubled", ["initiated", "initiated", "ringing", "in-progress", "completed"]),
        ("receipts-shuffled", ["ringing", "initiated", "in-progress", "completed"]),
        ("receipts-late", ["ringing", "in-progress", "completed", "initiated"]),
    ],
)
def test_callback_of_a_call_is_lost_doubled_shuffled_or_late(
    hall: Any, order_fault: Any, kind: str, heard: list[str]
) -> None:
    """The first event is struck; its number stays the one it had, so that order can be told."""
    hall.customer.answer("/out", "<Gather/>")
    order_fault(kind, seconds=60)
    place(hall)
    hall.exchange.drain()
    hall.act("answer", PHONE)
    hall.act("hangup", PHONE)
    hall.exchange.drain()
    hall.ask("POST", "/clock", body={"seconds": 61})
    assert told(hall) == heard
    numbers = {
        request.params["CallStatus"]: request.params["SequenceNumber"]
        for request in hall.customer.on("/status")
    }
    assert numbers == {
        status: str(number)
        for number, status in enumerate(("initiated", "ringing", "in-progress", "completed"))
        if status in heard
    }
