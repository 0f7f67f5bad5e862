"""Answering machines: who picked up, what the customer is told of it, what is on the tape."""

from typing import Any

import pytest
import requests

PHONE = "+996700111111"
CALLER = "+996700222222"
NUMBER = "+996555000000"
ACCOUNT = "AC" + "0" * 32


def place(hall: Any, machine: bool = True, **more: Any) -> Any:
    """Call a phone and let it be answered: by its machine once it has rung 20 s, or by a person."""
    if machine:
        hall.act("condition", PHONE, condition="machine")
    order = {"url": f"{hall.customer.url}/out", "status_callback": f"{hall.customer.url}/status", **more}
    call = hall.client.calls.create(to=PHONE, from_=NUMBER, **order)
    assert hall.exchange.drain(10)
    if machine:
        move(hall, 21)
    else:
        hall.act("answer", PHONE)
    assert hall.exchange.drain(10)
    return call


def move(hall: Any, seconds: float) -> None:
    assert hall.ask("POST", "/clock", body={"seconds": seconds}).status_code == 200


def tape(hall: Any) -> list[tuple[Any, float, float]]:
    """Caption, seconds and missed seconds of what is on the phone's tape."""
    found = hall.ask("GET", "/phone/tape", PHONE).json()["tape"]
    return [(piece["caption"], piece["seconds"], piece["missed_s"]) for piece in found]


@pytest.fixture
def speaking(hall: Any, make_wav: Any) -> Any:
    """A hall whose outbound calls play ten seconds, "hello"."""
    hall.customer.answer("/a.wav", make_wav(10.0), content_type="audio/wav")
    hall.customer.answer("/out", "<Play>/a.wav</Play>")
    return hall


def test_machine_picks_up_after_its_rings(hall: Any) -> None:
    """Ringing for 20 s of the exchange's clock, then answered without a hand."""
    hall.customer.answer("/out", "<Hangup/>")
    hall.act("condition", PHONE, condition="machine")
    call = hall.client.calls.create(to=PHONE, from_=NUMBER, url=f"{hall.customer.url}/out")
    assert hall.exchange.drain(10)
    move(hall, 19)
    assert hall.client.calls(call.sid).fetch().status == "ringing"
    move(hall, 2)
    assert hall.client.calls(call.sid).fetch().status == "completed"
    assert hall.ask("GET", "/phone", PHONE).json()["call"] is None


def test_machine_does_not_pick_up_what_rang_too_short_or_was_answered(hall: Any) -> None:
    """A Timeout below its rings is no-answer; a person who is quicker is a person."""
    hall.customer.answer("/out", "<Gather/>")
    call = place(hall, timeout=15)
    assert hall.client.calls(call.sid).fetch().status == "no-answer"
    call = hall.client.calls.create(
        to=PHONE, from_=NUMBER, url=f"{hall.customer.url}/out", machine_detection="Enable"
    )
    assert hall.exchange.drain(10)
    hall.act("answer", PHONE)
    move(hall, 30)
    fetched = hall.client.calls(call.sid).fetch()
    assert (fetched.status, fetched.answered_by) == ("in-progress", "human")


def test_machine_without_detection_loses_the_beginning(speaking: Any) -> None:
    """The document starts over the greeting: 4.5 of 10 s are lost, and nobody is named."""
    call = place(speaking)
    assert tape(speaking) == [("hello", 5.5, 4.5)]
    assert "AnsweredBy" not in speaking.customer.on("/out")[0].params
    assert "AnsweredBy" not in speaking.customer.on("/status")[0].params
    assert speaking.client.calls(call.sid).fetch().answered_by is None


def test_machine_is_told_at_once_with_enable(speaking: Any) -> None:
    """machine_start after 2.4 s, in the document's request, the last callback and the resource."""
    call = place(speaking, machine_detection="Enable")
    (request,) = speaking.customer.on("/out")
    assert request.genuine
    assert (request.params["AnsweredBy"], request.params["CallStatus"]) == ("machine_start", "in-progress")
    assert tape(speaking) == [("hello", 7.9, 2.1)]
    assert speaking.customer.on("/status")[0].params["AnsweredBy"] == "machine_start"
    fetched = speaking.client.calls(call.sid).fetch()
    assert (fetched.answered_by, fetched.duration) == ("machine_start", "13")


def test_machine_is_told_after_its_beep_with_detect_message_end(speaking: Any) -> None:
    """machine_end_beep, and the whole sound is on the tape."""
    place(speaking, machine_detection="DetectMessageEnd")
    assert speaking.customer.on("/out")[0].params["AnsweredBy"] == "machine_end_beep"
    assert tape(speaking) == [("hello", 10.0, 0.0)]


def test_answered_callback_does_not_know_who_answered(speaking: Any) -> None:
    """It goes out as the phone is picked up; detection comes after."""
    place(speaking, machine_detection="Enable", status_callback_event=["answered", "completed"])
    named = [request.params.get("AnsweredBy") for request in speaking.customer.on("/status")]
    assert named == [None, "machine_start"]


@pytest.mark.parametrize("mode", ["Enable", "DetectMessageEnd"])
def test_person_is_human(hall: Any, mode: str) -> None:
    """Both ways of detection tell a person; later requests of the call do not repeat it."""
    hall.customer.answer("/out", "<Gather numDigits='1' action='/got'/>")
    place(hall, machine=False, machine_detection=mode)
    hall.act("press", PHONE, keys="1")
    assert hall.customer.on("/out")[0].params["AnsweredBy"] == "human"
    assert "AnsweredBy" not in hall.customer.on("/got")[0].params


def test_detection_that_takes_too_long_is_unknown(speaking: Any) -> None:
    """So is a greeting past MachineDetectionTimeout; one below the threshold is taken for a person."""
    place(speaking, machine_detection="DetectMessageEnd", machine_detection_timeout=3)
    assert speaking.customer.on("/out")[0].params["AnsweredBy"] == "unknown"
    place(speaking, machine_detection="Enable", machine_detection_speech_threshold=6000)
    assert speaking.customer.on("/out")[1].params["AnsweredBy"] == "human"


def test_call_that_sends_digits_is_not_listened_to(speaking: Any) -> None:
    """SendDigits switches detection off."""
    place(speaking, machine_detection="Enable", send_digits="1")
    assert "AnsweredBy" not in speaking.customer.on("/out")[0].params


def test_background_detection_of_a_machine_is_called_back(speaking: Any) -> None:
    """The document is asked for at once without a name; the callback names machine and milliseconds."""
    callback = f"{speaking.customer.url}/amd"
    call = place(speaking, machine_detection="Enable", async_amd="true", async_amd_status_callback=callback)
    assert "AnsweredBy" not in speaking.customer.on("/out")[0].params
    (request,) = speaking.customer.on("/amd")
    assert (request.method, request.genuine) == ("POST", True)
    request.params.pop("UnannouncedParameter")
    assert request.params == {
        "CallSid": call.sid,
        "AccountSid": ACCOUNT,
        "AnsweredBy": "machine_start",
        "MachineDetectionDuration": "2400",
    }
    assert tape(speaking) == [("hello", 5.5, 4.5)]
    assert speaking.client.calls(call.sid).fetch().answered_by == "machine_start"


def test_background_detection_lets_the_call_be_taken_over_at_the_beep(speaking: Any) -> None:
    """A live update from within the callback is heard at that second: the message is whole on the tape."""

    def leave_message(request: Any) -> str:
        twiml = f"<Response><Play>{speaking.customer.url}/a.wav</Play></Response>"
        speaking.client.calls(request.form["CallSid"]).update(twiml=twiml)
        return "<Response/>"

    speaking.customer.answers["/amd"] = leave_message
    place(
        speaking,
        machine_detection="DetectMessageEnd",
        async_amd="true",
        async_amd_status_callback=f"{speaking.customer.url}/amd",
    )
    assert tape(speaking) == [("hello", 10.0, 0.0)]


def test_background_detection_of_a_person_is_called_back_while_it_waits(hall: Any) -> None:
    """human after 2.2 s, by the method ordered; the Gather waits on."""
    hall.customer.answer("/out", "<Gather numDigits='1' timeout='9' action='/got'/>")
    place(
        hall,
        machine=False,
        machine_detection="Enable",
        async_amd="true",
        async_amd_status_callback=f"{hall.customer.url}/amd",
        async_amd_status_callback_method="GET",
    )
    (request,) = hall.customer.on("/amd")
    assert request.method == "GET"
    assert (request.params["AnsweredBy"], request.params["MachineDetectionDuration"]) == ("human", "2200")
    hall.act("press", PHONE, keys="4")
    assert hall.customer.on("/got")[0].params["Digits"] == "4"


def test_machine_presses_nothing_and_ends_with_its_tape(speaking: Any) -> None:
    """Every wait runs out by itself; after 60 s of tape the machine hangs up in the middle of a sound."""
    speaking.customer.answer("/out", "<Gather timeout='30'/><Play loop='0'>/a.wav</Play>")
    call = place(speaking)
    assert tape(speaking) == [("hello", 34.5, 0.0)]
    fetched = speaking.client.calls(call.sid).fetch()
    assert (fetched.status, fetched.duration) == ("completed", "65")


def test_machine_says_nothing_into_a_record(hall: Any) -> None:
    """A Record at a machine runs out in silence."""
    hall.customer.answer("/out", "<Record action='/got'/><Say>bye</Say>")
    place(hall, machine_detection="DetectMessageEnd")
    assert hall.customer.on("/got") == []
    assert [caption for caption, _, _ in tape(hall)] == ["bye"]


def test_machine_reached_by_a_dial_is_joined_and_hangs_up(hall: Any) -> None:
    """The caller hears it out: the leg lasts as long as greeting, beep and tape."""
    hall.act("condition", PHONE, condition="machine")
    hall.customer.answer("/voice", f"<Dial action='/dialled'>{PHONE}</Dial>")
    hall.act("dial", CALLER)
    move(hall, 21)
    assert hall.customer.on("/dialled") == []
    move(hall, 65)
    params = hall.customer.on("/dialled")[0].params
    assert (params["DialCallStatus"], params["DialCallDuration"]) == ("completed", "64")


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ({"MachineDetection": "On"}, "MachineDetection"),
        ({"AsyncAmd": "maybe"}, "AsyncAmd"),
        ({"MachineDetectionTimeout": "2"}, "MachineDetectionTimeout"),
        ({"MachineDetectionTimeout": "60"}, "MachineDetectionTimeout"),
        ({"MachineDetectionSpeechThreshold": "999"}, "MachineDetectionSpeechThreshold"),
        ({"MachineDetectionSpeechEndThreshold": "5001"}, "MachineDetectionSpeechEndThreshold"),
        ({"MachineDetectionSilenceTimeout": "soon"}, "MachineDetectionSilenceTimeout"),
        ({"AsyncAmdStatusCallbackMethod": "PUT"}, "AsyncAmdStatusCallbackMethod"),
    ],
)
def test_wrong_detection_is_refused_by_name(quiet_hall: Any, form: dict[str, str], name: str) -> None:
    """20001 with the parameter's name; no call is made."""
    url = f"{quiet_hall.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    whole = {"To": PHONE, "From": NUMBER, "Url": "http://c.example/", **form}
    response = requests.post(url, data=whole, auth=(ACCOUNT, "the token of the tests"), timeout=5)
    assert (response.status_code, response.json()["code"]) == (400, 20001)
    assert f" {name} " in response.json()["message"]
    assert quiet_hall.client.calls.list() == []


def test_wrong_detection_callback_is_refused(quiet_hall: Any) -> None:
    """An address that is not absolute is 21609."""
    url = f"{quiet_hall.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    form = {"To": PHONE, "From": NUMBER, "Url": "http://c.example/", "AsyncAmdStatusCallback": "/amd"}
    response = requests.post(url, data=form, auth=(ACCOUNT, "the token of the tests"), timeout=5)
    assert (response.status_code, response.json()["code"]) == (400, 21609)
