"""The wire: everything that happens, in order, for whoever watches."""

import threading
import time
from typing import Any

import requests

PHONE = "+996700111111"
NUMBER = "+996555000000"


def listen(hall: Any, since: int = 0, wait: float = 0) -> dict[str, Any]:
    """What the wire tells since a number."""
    return dict(hall.ask("GET", f"/wire?since={since}&wait={wait}").json())


def kinds(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(happening["about"], happening["kind"]) for happening in told["happenings"]]


def test_wire_tells_a_text_with_all_that_went_over(hall: Any) -> None:
    """The webhook with its parameters and the TwiML that answered it, and the reply's statuses."""
    hall.customer.answer("/sms", "<Message>hi</Message>")
    hall.act("text", PHONE, body="hello")
    told = listen(hall)
    webhook = next(one for one in told["happenings"] if one["kind"] == "webhook")
    assert webhook["phone"] == PHONE
    assert webhook["facts"]["params"]["Body"] == "hello"
    assert webhook["facts"]["answer"] == "<Response><Message>hi</Message></Response>"
    statuses = [one["facts"]["status"] for one in told["happenings"] if one["kind"] == "status"]
    assert statuses == ["received", "queued", "sent", "delivered"]
    assert [one["n"] for one in told["happenings"]] == list(range(1, len(told["happenings"]) + 1))


def test_wire_tells_rest_requests_and_receipts(hall: Any) -> None:
    """What was asked of the API and answered, then each receipt with its parameters; no credentials."""
    hall.client.messages.create(
        to=PHONE, from_=NUMBER, body="hi", status_callback=f"{hall.customer.url}/receipt"
    )
    assert hall.exchange.drain(10)
    told = listen(hall)
    rest = next(one for one in told["happenings"] if one["about"] == "rest")
    assert (rest["kind"], rest["facts"]["path"], rest["facts"]["status"]) == ("POST", "Messages.json", 201)
    assert rest["facts"]["form"]["Body"] == "hi"
    assert rest["facts"]["answer"]["status"] == "queued"
    receipts = [one["facts"] for one in told["happenings"] if one["kind"] == "receipt"]
    assert [receipt["params"]["MessageStatus"] for receipt in receipts] == ["sent", "delivered"]
    assert "the token of the tests" not in hall.ask("GET", "/wire").text


def test_wire_tells_nothing_of_strangers(hall: Any) -> None:
    """A request without the account's credentials leaves no trace: it takes no memory."""
    for auth in (None, ("AC" + "0" * 32, "wrong")):
        url = f"{hall.url}/2010-04-01/Accounts/{'AC' + '0' * 32}/Messages.json"
        assert requests.post(url, data={"Body": "forged"}, auth=auth, timeout=10).status_code == 401
    assert listen(hall)["happenings"] == []


def test_wire_keeps_no_long_form(hall: Any) -> None:
    """Of a request that is too long to keep, the wire tells how long it was."""
    hall.create(To=PHONE, From=NUMBER, Body="x" * 50_000)
    told = listen(hall)["happenings"]
    rest = next(one for one in told if one["about"] == "rest")
    assert list(rest["facts"]["form"]) == ["not kept"]
    assert len(str(told)) < 10_000


def test_wire_takes_no_wait_without_end(hall: Any) -> None:
    """A wait that is no number does no harm: what has happened is told at once."""
    hall.act("text", PHONE, body="one")
    assert listen(hall, wait=float("nan"))["happenings"]


def test_wire_tells_call_callbacks_with_their_parameters(hall: Any) -> None:
    """Each status callback of a call, as it was sent."""
    call_back = f"{hall.customer.url}/status"
    hall.client.calls.create(
        to=PHONE, from_=NUMBER, twiml="<Response><Hangup/></Response>", status_callback=call_back
    )
    assert hall.exchange.drain(10)
    hall.act("answer", PHONE)
    facts = [one["facts"] for one in listen(hall)["happenings"] if one["kind"] == "callback"]
    assert [(one["event"], one["params"]["CallStatus"]) for one in facts] == [("completed", "completed")]


def test_wire_is_told_from_a_number_on(hall: Any) -> None:
    """Whoever has read up to n gets what came after it, and where to go on."""
    hall.act("text", PHONE, body="one")
    first = listen(hall)
    assert listen(hall, first["next"])["happenings"] == []
    hall.act("text", PHONE, body="two")
    later = listen(hall, first["next"])
    assert later["happenings"][0]["n"] == first["next"] + 1
    assert hall.ask("GET", "/state").json()["told"] == later["next"]


def test_wire_can_be_waited_at(hall: Any) -> None:
    """A watcher is told as soon as something happens, long before its wait is over."""
    told: list[dict[str, Any]] = []
    watcher = threading.Thread(target=lambda: told.append(listen(hall, wait=20)))
    began_s = time.monotonic()
    watcher.start()
    time.sleep(0.3)
    hall.ask("POST", "/clock", body={"seconds": 60})
    watcher.join(10)
    assert time.monotonic() - began_s < 10
    assert ("clock", "moved") in kinds(told[0])
    assert told[0]["waited"] is True


def test_wire_lets_only_a_few_wait(hall: Any) -> None:
    """Four may wait; the fifth is answered at once, so that the server keeps threads for the rest."""
    watchers = [threading.Thread(target=lambda: listen(hall, wait=20)) for _ in range(4)]
    for watcher in watchers:
        watcher.start()
    time.sleep(0.5)
    began_s = time.monotonic()
    fifth = listen(hall, wait=20)
    assert time.monotonic() - began_s < 5
    assert (fifth["waited"], fifth["happenings"]) == (False, [])
    hall.ask("POST", "/clock", body={"seconds": 60})
    for watcher in watchers:
        watcher.join(10)


def test_wire_needs_the_owners_token(hall: Any) -> None:
    """It shows texts and numbers: 403 for anybody else."""
    assert hall.ask("GET", "/wire", token="wrong").status_code == 403


def test_wire_keeps_the_last_two_thousand(hall: Any) -> None:
    """A watcher who was away long gets what is still there, in order, without a gap at the end."""
    for number in range(2_100):
        hall.exchange.wire.tell("clock", "moved", {"seconds": number})
    happenings = listen(hall)["happenings"]
    assert len(happenings) == 2_000
    assert happenings[-1]["facts"] == {"seconds": 2_099}


def test_thread_shows_both_directions_and_what_each_costs(hall: Any) -> None:
    """Oldest first: what was sent and what came, with alphabet, units, segments and price class."""
    hall.customer.answer("/sms", f"<Message>{'ө' * 71}</Message>")
    hall.act("text", PHONE, body="hello")
    texts = hall.ask("GET", "/phone/thread", PHONE).json()["texts"]
    assert [(text["incoming"], text["body"]) for text in texts] == [(False, "hello"), (True, "ө" * 71)]
    sizes = [(text["alphabet"], text["units"], text["segments"], text["price_class"]) for text in texts]
    assert sizes == [("GSM-7", 5, 1, "KG x 1"), ("UCS-2", 71, 2, "KG x 2")]


def test_text_is_measured_before_it_is_sent(hall: Any) -> None:
    """What a page shows while one writes."""
    measured = hall.ask("POST", "/phone/measure", PHONE, {"body": "ө" * 135}).json()
    assert measured == {"alphabet": "UCS-2", "units": 135, "segments": 3}


def test_ledger_is_what_the_customer_tells(make_hall: Any) -> None:
    """The rows of one phone, handed through; without a customer's ledger there are none."""
    rows = [{"rule": "d05", "state": "pending"}]
    hall = make_hall(ledger={PHONE: rows}.__getitem__)
    assert hall.ask("GET", "/phone/ledger", PHONE).json() == {"rows": rows}
    assert make_hall().ask("GET", "/phone/ledger", PHONE).json() == {"rows": []}
