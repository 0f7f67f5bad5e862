"""Calls in real time: waits end by the exchange's clock, keys count at the moment they are pressed."""

import threading
import time
from typing import Any

import pytest

PHONE = "+996700111111"
MENU = (
    "<Gather action='/got' numDigits='1' timeout='{timeout}'><Play>/a.wav</Play></Gather><Play>/b.wav</Play>"
)


@pytest.fixture
def live(hall: Any, make_wav: Any) -> Any:
    """A hall whose customer has sounds of 0.3 s."""
    for name in ("a", "b"):
        hall.customer.answer(f"/{name}.wav", make_wav(0.3), content_type="audio/wav")
    return hall


def events(hall: Any, kind: str) -> list[dict[str, Any]]:
    """The events of the last call, of one kind."""
    sid = hall.ask("GET", "/phone", PHONE).json()["last_call"]
    return [event for event in hall.ask("GET", f"/calls/{sid}").json()["events"] if event["kind"] == kind]


def wait_for_end(hall: Any, within_s: float = 10.0) -> str:
    """The status of the last call once it is over."""
    deadline = time.monotonic() + within_s
    sid = hall.ask("GET", "/phone", PHONE).json()["last_call"]
    while time.monotonic() < deadline:
        call = hall.ask("GET", f"/calls/{sid}").json()
        if call["status"] == "completed":
            return str(call["status"])
        time.sleep(0.05)
    raise AssertionError("the call has not ended")


def test_real_call_lets_silence_pass_by_itself(live: Any) -> None:
    """Sound 0.3 s, timeout 1 s, sound 0.3 s: nobody presses anything and the call ends by itself."""
    live.customer.answer("/voice", MENU.format(timeout=1))
    began_s = time.monotonic()
    live.act("dial", PHONE, real_time=True)
    assert wait_for_end(live) == "completed"
    lasted_s = time.monotonic() - began_s
    assert 1.6 <= lasted_s < 5
    assert [event["url"].rpartition("/")[2] for event in events(live, "heard")] == ["a.wav", "b.wav"]
    assert live.customer.on("/got") == []


def test_real_call_cuts_the_sound_at_the_key(live: Any, make_wav: Any) -> None:
    """A key pressed while the sound plays stops it there and is sent at once."""
    live.customer.answer("/a.wav", make_wav(30), content_type="audio/wav")
    live.customer.answer("/voice", MENU.format(timeout=5))
    live.act("dial", PHONE, real_time=True)
    time.sleep(0.4)
    live.act("press", PHONE, keys="7")
    wait_for_end(live)
    assert live.customer.on("/got")[0].params["Digits"] == "7"
    assert 0.3 < events(live, "heard")[0]["seconds"] < 5


def test_real_call_loses_keys_pressed_between_documents(live: Any) -> None:
    """While the next document is awaited no Gather is open: the key is lost, as it is at Twilio."""
    asked, answer_now = threading.Event(), threading.Event()

    def answer_late(_request: Any) -> str:
        asked.set()
        answer_now.wait(5)
        return "<Response><Gather action='/end' numDigits='1'/></Response>"

    live.customer.answer("/voice", "<Gather action='/slow' numDigits='1'/>")
    live.customer.answers["/slow"] = answer_late
    live.act("dial", PHONE, real_time=True)
    pressing = threading.Thread(target=lambda: live.act("press", PHONE, keys="1"))
    pressing.start()
    assert asked.wait(5)
    late = threading.Thread(target=lambda: live.act("press", PHONE, keys="2"))
    late.start()
    time.sleep(0.3)
    answer_now.set()
    pressing.join(10)
    late.join(10)
    assert live.customer.on("/end") == []
    assert [(event["keys"], event["lost"]) for event in events(live, "keys")] == [("1", False), ("2", True)]


@pytest.mark.slow
def test_real_call_counts_the_time_a_webhook_takes(live: Any) -> None:
    """Half a second without a document is half a second of the call."""

    def answer_late(_request: Any) -> str:
        time.sleep(0.5)
        return "<Response><Play>/a.wav</Play></Response>"

    live.customer.answer("/voice", "<Play>/a.wav</Play><Redirect>/next</Redirect>")
    live.customer.answers["/next"] = answer_late
    live.act("dial", PHONE, real_time=True)
    wait_for_end(live)
    first, second = events(live, "sound")
    assert second["starts_at_s"] - (first["starts_at_s"] + first["length_s"]) >= 0.5


def test_real_call_passes_when_the_clock_is_moved(live: Any) -> None:
    """A minute on the clock is a minute of the call: its timeout is over."""
    live.customer.answer("/voice", MENU.format(timeout=30))
    live.act("dial", PHONE, real_time=True)
    assert live.ask("POST", "/clock", body={"seconds": 60}).status_code == 200
    wait_for_end(live)
    assert [event["url"].rpartition("/")[2] for event in events(live, "heard")] == ["a.wav", "b.wav"]


@pytest.mark.parametrize(
    ("path", "body"), [("silence", {}), ("press", {"keys": "1", "after_s": 1}), ("hangup", {"after_s": 1})]
)
def test_real_call_lets_nobody_name_a_moment(live: Any, path: str, body: dict[str, Any]) -> None:
    """Skipping ahead would not be real: refused with a sentence, and the call goes on."""
    live.customer.answer("/voice", "<Gather action='/got' timeout='20'/>")
    live.act("dial", PHONE, real_time=True)
    refused = live.ask("POST", f"/phone/{path}", PHONE, body)
    assert refused.status_code == 409
    assert "real time" in refused.json()["error"]
    assert live.ask("GET", "/phone", PHONE).json()["call"] is not None


@pytest.mark.slow
def test_real_call_is_chosen_by_who_picks_up(live: Any) -> None:
    """A call that the customer placed runs in real time if the phone says so as it answers."""
    live.customer.answer("/out", MENU.format(timeout=1))
    live.client.calls.create(to=PHONE, from_="+996555000000", url=f"{live.customer.url}/out")
    live.exchange.drain()
    live.act("answer", PHONE, real_time=True)
    assert wait_for_end(live) == "completed"
    assert len(events(live, "heard")) == 2


@pytest.mark.slow
def test_real_call_joins_the_phone_that_is_dialled(live: Any) -> None:
    """The dialled phone talks as long as it takes, and its seconds are counted."""
    operator = "+996700222222"
    live.customer.answer("/voice", f"<Dial action='/after'>{operator}</Dial>")
    live.act("dial", PHONE, real_time=True)
    live.act("answer", operator)
    told = live.ask("GET", "/wire").json()["happenings"]
    joined = {one["phone"]: one["facts"]["number"] for one in told if one["kind"] == "bridged"}
    assert joined == {PHONE: operator, operator: PHONE}
    time.sleep(1.2)
    live.act("hangup", operator)
    wait_for_end(live)
    after = live.customer.on("/after")[0].params
    assert (after["DialCallStatus"], after["DialCallDuration"]) == ("completed", "1")


def test_real_call_reaches_a_machine_for_as_long_as_its_tape_lasts(live: Any) -> None:
    """The machine hangs up by the clock, and its seconds are counted once."""
    operator = "+996700222222"
    live.act("condition", operator, condition="machine")
    live.customer.answer("/voice", f"<Dial action='/after' timeout='60'>{operator}</Dial>")
    live.act("dial", PHONE, real_time=True)
    for seconds in (25, 65):
        assert live.ask("POST", "/clock", body={"seconds": seconds}).status_code == 200
    wait_for_end(live)
    after = live.customer.on("/after")[0].params
    assert after["DialCallStatus"] == "completed"
    assert 60 <= int(after["DialCallDuration"]) <= 70
