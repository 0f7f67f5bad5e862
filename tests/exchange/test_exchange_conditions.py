"""Phones that are switched off or full, and emptied by hand."""

from typing import Any

import pytest

PHONE = "+996700111111"
OTHER = "+79161234567"
NUMBER = "+996555000000"


def send(hall: Any, body: str = "hello") -> Any:
    """A text to the phone, fetched again once it is through."""
    url = f"{hall.customer.url}/receipts"
    sent = hall.client.messages.create(to=PHONE, from_=NUMBER, body=body, status_callback=url)
    assert hall.exchange.drain(10)
    return hall.client.messages(sent.sid).fetch()


def call(hall: Any) -> Any:
    url = f"{hall.customer.url}/status"
    placed = hall.client.calls.create(to=PHONE, from_=NUMBER, url=f"{url}/never", status_callback=url)
    assert hall.exchange.drain(10)
    return hall.client.calls(placed.sid).fetch()


@pytest.mark.parametrize("condition", ["off", "full"])
def test_text_to_a_phone_that_takes_none_stays_undelivered(hall: Any, condition: str) -> None:
    """sent, then undelivered with 30003, told by receipts; on again, the next text arrives."""
    hall.act("condition", PHONE, condition=condition)
    message = send(hall)
    assert (message.status, message.error_code) == ("undelivered", 30003)
    told = [(r.params["MessageStatus"], r.params.get("ErrorCode")) for r in hall.customer.on("/receipts")]
    assert told == [("sent", None), ("undelivered", "30003")]
    assert hall.inbox(PHONE) == []
    hall.act("condition", PHONE, condition="on")
    assert send(hall, "again").status == "delivered"
    assert hall.inbox(PHONE) == ["again"]


def test_call_to_a_phone_that_is_off_is_not_answered(hall: Any) -> None:
    """no-answer at once, SIP 480, without ringing; on again it rings."""
    hall.act("condition", PHONE, condition="off")
    assert call(hall).status == "no-answer"
    (told,) = hall.customer.on("/status")
    assert (told.params["CallStatus"], told.params["SipResponseCode"]) == ("no-answer", "480")
    hall.act("condition", PHONE, condition="on")
    assert call(hall).status == "ringing"


def test_call_that_rings_out_is_487(hall: Any) -> None:
    """Only an unreachable phone is 480."""
    call(hall)
    hall.act("ignore", PHONE)
    hall.exchange.drain()
    assert hall.customer.on("/status")[0].params["SipResponseCode"] == "487"


def test_dial_to_a_phone_that_is_off_reports_no_answer(hall: Any) -> None:
    """The caller's document goes on with DialCallStatus=no-answer."""
    hall.act("condition", OTHER, condition="off")
    hall.customer.answer("/voice", f"<Dial action='/dialled'>{OTHER}</Dial>")
    hall.act("dial", PHONE)
    assert hall.customer.on("/dialled")[0].params["DialCallStatus"] == "no-answer"


def test_full_phone_takes_calls_and_sends_texts(hall: Any) -> None:
    """Only texts to it find no room."""
    hall.act("condition", PHONE, condition="full")
    assert call(hall).status == "ringing"
    hall.act("text", PHONE, body="x")
    assert len(hall.customer.on("/sms")) == 1


def test_phone_that_is_off_can_do_nothing(hall: Any) -> None:
    """No text, no call; a call under way ends when it is switched off."""
    hall.customer.answer("/voice", "<Gather/>")
    sid = hall.act("dial", PHONE)["sid"]
    assert hall.act("condition", PHONE, condition="off")["call"] is None
    assert hall.client.calls(sid).fetch().status == "completed"
    for path, body in (("text", {"body": "x"}), ("dial", {})):
        refused = hall.ask("POST", f"/phone/{path}", PHONE, body)
        assert (refused.status_code, refused.json()["error"]) == (409, "This phone is switched off.")
    assert hall.customer.on("/sms") == []


def test_deleted_text_is_gone_and_shifts_no_numbers(hall: Any) -> None:
    """The others stay, what is new is told by the same numbers as before, nothing is told twice."""
    first, second, third = [send(hall, body).sid for body in ("one", "two", "three")]
    known = hall.ask("GET", "/phone/inbox?since=0", PHONE).json()["next"]
    hall.act("delete", PHONE, sid=second)
    assert hall.inbox(PHONE) == ["one", "three"]
    assert hall.ask("GET", f"/phone/inbox?since={known}", PHONE).json() == {"messages": [], "next": 3}
    send(hall, "four")
    news = hall.ask("GET", f"/phone/inbox?since={known}", PHONE).json()
    assert ([message["body"] for message in news["messages"]], news["next"]) == (["four"], 4)
    since_third = hall.ask("GET", "/phone/inbox?since=2", PHONE).json()["messages"]
    assert [message["sid"] for message in since_third][:1] == [third]
    assert hall.ask("POST", "/phone/delete", PHONE, {"sid": second}).status_code == 400
    assert hall.ask("POST", "/phone/delete", OTHER, {"sid": first}).status_code == 400
    assert hall.client.messages(second).fetch().status == "delivered"
