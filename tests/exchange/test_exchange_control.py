"""The owner's door: who may in, what is told, what is refused and how."""

import logging
from typing import Any

import pytest
import requests

PHONE = "+996700111111"


@pytest.mark.parametrize("path", ["/state", "/phone", "/nothing", "/calls/x"])
def test_door_needs_the_owners_token(quiet_hall: Any, path: str) -> None:
    """Without it: 403 and a sentence, whatever is asked."""
    for token in ("", "wrong", "владелец".encode().decode("latin-1")):
        response = quiet_hall.ask("GET", path, PHONE, token=token)
        assert response.status_code == 403
        assert "token" in response.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "phone", "body", "status"),
    [
        ("GET", "/phone", "0700", None, 400),
        ("GET", "/calls/CA1", "", None, 400),
        ("GET", "/messages/SM1", "", None, 400),
        ("GET", "/nowhere", "", None, 400),
        ("DELETE", "/clock", "", None, 400),
        ("POST", "/clock", "", {}, 400),
        ("POST", "/clock", "", {"seconds": -1}, 400),
        ("POST", "/clock", "", {"seconds": "1d"}, 400),
        ("POST", "/clock", "", {"seconds": 1e9}, 400),
        ("POST", "/clock", "", ["x"], 400),
        ("POST", "/phone/text", PHONE, {}, 400),
        ("POST", "/phone/text", PHONE, {"body": ""}, 400),
        ("POST", "/phone/press", PHONE, {"keys": "1A"}, 400),
        ("POST", "/phone/press", PHONE, {"keys": "1"}, 409),
        ("POST", "/phone/silence", PHONE, {}, 409),
        ("POST", "/phone/hangup", PHONE, {}, 409),
        ("POST", "/phone/answer", PHONE, {}, 409),
        ("POST", "/phone/reject", PHONE, {}, 409),
        ("POST", "/faults", "", {"kind": "rain"}, 400),
        ("POST", "/faults", "", {"kind": "rest-429", "colour": 1}, 400),
        ("POST", "/faults", "", {"kind": "rest-429", "times": "many"}, 400),
        ("POST", "/faults", "", {"kind": "rest-429", "times": 0}, 400),
        ("POST", "/faults", "", {"kind": "rest-429", "times": 1.5}, 400),
        ("POST", "/faults", "", {"kind": "rest-429", "to": "me"}, 400),
        ("POST", "/faults", "", {"kind": "rest-429", "method": "PUT"}, 400),
        ("POST", "/phone/delete", PHONE, {"sid": "SM1"}, 400),
    ],
)
def test_wrong_request_is_answered_by_a_sentence(
    quiet_hall: Any, method: str, path: str, phone: str, body: Any, status: int
) -> None:
    """Never a 404 or a page: one JSON error."""
    response = quiet_hall.ask(method, path, phone, body)
    assert response.status_code == status
    assert response.json()["error"].endswith(".")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 400])
@pytest.mark.parametrize(
    ("path", "field"),
    [("faults", "seconds"), ("faults", "times"), ("faults", "error_code"), ("clock", "seconds")],
)
def test_door_takes_finite_numbers_alone(quiet_hall: Any, path: str, field: str, number: str) -> None:
    """What Python reads and JSON does not know is refused, and what is told stays JSON."""
    response = requests.post(
        f"{quiet_hall.url}/exchange/{path}",
        data=f'{{"kind": "rest-429", "{field}": {number}}}',
        headers={"X-Exchange-Token": "owner", "Content-Type": "application/json"},
        timeout=10,
    )
    assert response.status_code == 400
    state = quiet_hall.ask("GET", "/state").text
    assert "NaN" not in state
    assert "Infinity" not in state


def test_phone_in_a_call_cannot_dial(hall: Any) -> None:
    """One call at a time."""
    hall.customer.answer("/voice", "<Gather/>")
    hall.act("dial", PHONE)
    assert hall.ask("POST", "/phone/dial", PHONE, {}).status_code == 409


def test_inbox_tells_what_is_new(hall: Any) -> None:
    """Messages since a number, with sender, segments and the number to ask with next time."""
    hall.customer.answer("/sms", "<Message>ө</Message>")
    hall.act("text", PHONE, body="one")
    first = hall.ask("GET", "/phone/inbox", PHONE).json()
    hall.act("text", PHONE, body="two")
    news = hall.ask("GET", f"/phone/inbox?since={first['next']}", PHONE).json()
    assert (len(first["messages"]), first["next"], len(news["messages"]), news["next"]) == (1, 1, 1, 2)
    message = news["messages"][0]
    assert (message["from"], message["body"], message["segments"]) == ("+996555000000", "ө", 1)


def test_state_tells_clock_phones_and_faults(hall: Any, order_fault: Any) -> None:
    """Everything an owner's page needs first; faults can be cleared."""
    hall.act("text", PHONE, body="one")
    order_fault("rest-500", times=3)
    state = hall.ask("GET", "/state").json()
    assert state["number"] == "+996555000000"
    assert state["now_utc"].endswith("+00:00")
    assert [phone["phone"] for phone in state["phones"]] == [PHONE]
    assert [(fault["kind"], fault["times"]) for fault in state["faults"]] == [("rest-500", 3)]
    assert hall.ask("DELETE", "/faults").json() == {"faults": []}


def test_nothing_personal_is_logged_or_shown(hall: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Numbers and texts stand in no log line at any level and in no repr."""
    hall.customer.answer("/sms", "<Message>secret reply</Message>")
    hall.customer.answer("/voice", "<Gather numDigits='1' action='/got'/>")
    with caplog.at_level(logging.DEBUG):
        hall.act("text", PHONE, body="secret text")
        call = hall.act("dial", PHONE)
        hall.act("press", PHONE, keys="7")
        hall.inbox(PHONE)
        logging.getLogger("test").info("%r", hall.exchange.trunk.calls.get(call["sid"]))
        logging.getLogger("test").info("%r", hall.exchange.post.messages.newest_first())
        logging.getLogger("test").info("%r", hall.exchange.account)
        logging.getLogger("test").info("%r", hall.exchange.phones.all())
    for secret in (PHONE, PHONE[1:], "secret", "the token of the tests"):
        assert secret not in caplog.text


def test_phone_has_a_condition(quiet_hall: Any) -> None:
    """On, off, full or an answering machine; anything else is refused by name."""
    phone = "+996700909090"
    assert quiet_hall.ask("GET", "/phone", phone).json()["condition"] == "on"
    assert quiet_hall.act("condition", phone, condition="off")["condition"] == "off"
    assert quiet_hall.ask("GET", "/phone", phone).json()["condition"] == "off"
    refused = quiet_hall.ask("POST", "/phone/condition", phone, {"condition": "lost"})
    assert refused.status_code == 400
    assert "on, off, full, machine" in refused.json()["error"]
