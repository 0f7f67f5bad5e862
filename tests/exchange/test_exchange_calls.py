"""Calls over real webhooks, at the pace of a hand."""

import io
import wave
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from hotline.exchange.calls.needs import DocumentText
from hotline.exchange.calls.order import Outgoing

PHONE = "+996700111111"
OTHER = "+79161234567"
NUMBER = "+996555000000"


def kinds(call: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [event for event in call["events"] if event["kind"] == kind]


def statuses(call: dict[str, Any]) -> list[str]:
    return [event["status"] for event in kinds(call, "status")]


def place(hall: Any, **more: Any) -> Any:
    call = hall.client.calls.create(to=PHONE, from_=NUMBER, **{"url": f"{hall.customer.url}/out", **more})
    assert hall.exchange.drain(10)
    return call


def test_inbound_call_plays_gathers_and_ends(hall: Any, make_wav: Any) -> None:
    """Ringing on the first request, in-progress on the next, Digits, sounds with captions, completed."""
    hall.customer.answer("/a.wav", make_wav(2.0), content_type="audio/wav")
    hall.customer.answer("/voice", "<Gather numDigits='1' action='/got'><Play>/a.wav</Play></Gather>")
    hall.customer.answer("/got", "<Play>/a.wav</Play>")
    call = hall.act("dial", PHONE)
    assert call["waiting"]["gather"] == 1
    assert [event["caption"] for event in kinds(call, "sound")] == ["hello"]
    call = hall.act("press", PHONE, keys="7", after_s=0.5)
    assert statuses(call) == ["ringing", "in-progress", "completed"]
    assert [event["seconds"] for event in kinds(call, "heard")] == [0.5, 2.0]
    assert call["seconds"] == 3
    first, sound, second, _ = hall.customer.requests
    assert first.genuine
    assert second.genuine
    assert (first.params["CallStatus"], second.params["CallStatus"]) == ("ringing", "in-progress")
    assert first.params["CallSid"] == second.params["CallSid"] == call["sid"]
    assert first.params["Direction"] == "inbound"
    assert (first.params["From"], first.params["Caller"], first.params["Called"]) == (PHONE, PHONE, NUMBER)
    assert second.params["Digits"] == "7"
    assert sound.method == "GET"
    assert sound.params == {}
    assert "X-Twilio-Signature" not in sound.headers


def test_call_transcript_keeps_what_was_asked_and_answered(hall: Any) -> None:
    """Webhooks stand in the transcript with parameters and TwiML, in order, since any event."""
    hall.customer.answer("/voice", "<Gather/>")
    call = hall.act("dial", PHONE)
    webhook = kinds(call, "webhook")[0]
    assert webhook["params"]["CallStatus"] == "ringing"
    assert webhook["answer"] == "<Response><Gather/></Response>"
    later = hall.ask("GET", f"/calls/{call['sid']}?since=2").json()["events"]
    assert later == call["events"][2:]


def test_inbound_call_reports_its_end_to_the_number(make_hall: Any) -> None:
    """The number's status callback comes once, at the end, with durations."""
    hall = make_hall(call_status_url="/ended")
    hall.customer.answer("/voice", "<Pause/><Gather timeout='70'/>")
    hall.act("dial", PHONE)
    hall.act("silence", PHONE)
    hall.exchange.drain()
    (ended,) = hall.customer.on("/ended")
    assert ended.genuine
    assert ended.params["CallStatus"] == "completed"
    assert (ended.params["CallDuration"], ended.params["Duration"]) == ("70", "2")
    assert (ended.params["CallbackSource"], ended.params["SequenceNumber"]) == ("call-progress-events", "0")


def test_caller_may_withhold_the_number_and_hang_up(hall: Any) -> None:
    """From is anonymous; hanging up ends the call and frees the phone."""
    hall.customer.answer("/voice", "<Gather/>")
    hall.act("dial", PHONE, withheld=True)
    assert hall.customer.on("/voice")[0].params["From"] == "anonymous"
    call = hall.act("hangup", PHONE)
    assert call["status"] == "completed"
    assert hall.ask("GET", "/phone", PHONE).json()["call"] is None


def test_rejected_call_is_never_answered(hall: Any) -> None:
    """Reject: busy, no duration."""
    hall.customer.answer("/voice", "<Reject reason='busy'/>")
    call = hall.act("dial", PHONE)
    assert statuses(call) == ["ringing", "busy"]
    assert call["seconds"] == 0


def test_outbound_call_rings_is_answered_and_calls_back(hall: Any) -> None:
    """queued, ringing, then the document with in-progress; ordered events come in sequence."""
    hall.customer.answer("/out", "<Gather action='/got' numDigits='1'/>")
    events = ["initiated", "ringing", "answered", "completed"]
    call = place(hall, status_callback=f"{hall.customer.url}/status", status_callback_event=events)
    assert call.status == "queued"
    assert hall.client.calls(call.sid).fetch().status == "ringing"
    ringing = hall.ask("GET", "/phone", PHONE).json()["ringing"]
    assert ringing == {"sid": call.sid, "from": NUMBER}
    hall.act("answer", PHONE)
    assert hall.customer.on("/out")[0].params["CallStatus"] == "in-progress"
    assert hall.customer.on("/out")[0].params["Direction"] == "outbound-api"
    hall.act("hangup", PHONE)
    hall.exchange.drain()
    told = [
        (request.params["CallStatus"], request.params["SequenceNumber"])
        for request in hall.customer.on("/status")
    ]
    assert told == [("initiated", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3")]
    fetched = hall.client.calls(call.sid).fetch()
    assert (fetched.status, fetched.duration) == ("completed", "1")
    assert (fetched.end_time - fetched.start_time).total_seconds() == 1


def test_outbound_call_calls_back_completed_only_by_default(hall: Any) -> None:
    """A rejected ring is busy, with one callback."""
    call = place(hall, status_callback=f"{hall.customer.url}/status")
    hall.act("reject", PHONE)
    hall.exchange.drain()
    (told,) = hall.customer.on("/status")
    assert (told.params["CallStatus"], told.params["CallDuration"]) == ("busy", "0")
    assert hall.client.calls(call.sid).fetch().status == "busy"
    assert hall.customer.on("/out") == []


def test_outbound_call_rings_out_by_hand_or_by_the_clock(hall: Any) -> None:
    """Ignored, or left ringing for its Timeout: no-answer."""
    call = place(hall)
    hall.act("ignore", PHONE)
    assert hall.client.calls(call.sid).fetch().status == "no-answer"
    call = place(hall, timeout=30)
    hall.ask("POST", "/clock", body={"seconds": 20})
    assert hall.client.calls(call.sid).fetch().status == "ringing"
    hall.ask("POST", "/clock", body={"seconds": 11})
    assert hall.client.calls(call.sid).fetch().status == "no-answer"
    assert hall.ask("GET", "/phone", PHONE).json()["ringing"] is None


def test_outbound_call_to_a_busy_phone_is_busy(hall: Any) -> None:
    """A phone in a call does not ring."""
    hall.customer.answer("/voice", "<Gather/>")
    hall.act("dial", PHONE)
    assert hall.client.calls(place(hall).sid).fetch().status == "busy"


def test_outbound_call_ends_as_ordered(hall: Any, order_fault: Any) -> None:
    """Faults of calls: failed, no-answer and busy without ringing."""
    for kind, status in (("call-failed", "failed"), ("call-no-answer", "no-answer"), ("call-busy", "busy")):
        order_fault(kind)
        assert hall.client.calls(place(hall).sid).fetch().status == status


def test_live_call_is_taken_over_by_twiml_and_hung_up(hall: Any) -> None:
    """Updating with Twiml and Url replaces the document, completed ends the call, then 21220."""
    hall.customer.answer("/out", "<Gather timeout='60'/>")
    hall.customer.answer("/other", "<Say>other</Say><Gather/>")
    call = place(hall)
    hall.act("answer", PHONE)
    hall.client.calls(call.sid).update(twiml="<Response><Say>news</Say><Gather/></Response>")
    hall.exchange.drain()
    hall.client.calls(call.sid).update(url=f"{hall.customer.url}/other", method="GET")
    hall.exchange.drain()
    said = [event["caption"] for event in kinds(hall.ask("GET", f"/calls/{call.sid}").json(), "sound")]
    assert said == ["news", "other"]
    assert hall.customer.on("/other")[0].method == "GET"
    assert hall.customer.on("/other")[0].genuine
    hall.client.calls(call.sid).update(status="completed")
    hall.exchange.drain()
    assert hall.client.calls(call.sid).fetch().status == "completed"
    with pytest.raises(TwilioRestException) as caught:
        hall.client.calls(call.sid).update(status="completed")
    assert (caught.value.status, caught.value.code) == (400, 21220)


def test_ringing_call_is_cancelled_and_stops_ringing(hall: Any) -> None:
    """canceled before the answer; no document was asked for."""
    call = place(hall)
    hall.client.calls(call.sid).update(status="canceled")
    hall.exchange.drain()
    assert hall.client.calls(call.sid).fetch().status == "canceled"
    assert hall.ask("POST", "/phone/answer", PHONE).status_code == 409
    assert hall.customer.on("/out") == []


def test_customer_may_change_the_call_from_within_its_webhook(hall: Any) -> None:
    """Ending the call by REST while its own webhook is being answered neither blocks nor is lost."""

    def end_it(request: Any) -> str:
        hall.client.calls(request.form["CallSid"]).update(status="completed")
        return "<Response><Say>hello</Say><Redirect>/never</Redirect></Response>"

    hall.customer.answers["/voice"] = end_it
    call = hall.act("dial", PHONE)
    assert call["status"] == "completed"
    assert hall.customer.on("/never") == []


def test_dial_rings_another_phone_and_reports_to_its_action(hall: Any) -> None:
    """The other phone rings with the caller's number, answers, hangs up; the caller's document goes on."""
    hall.customer.answer("/voice", f"<Dial action='/dialled'><Number>{OTHER}</Number></Dial>")
    hall.customer.answer("/dialled", "<Say>bye</Say>")
    parent = hall.act("dial", PHONE)
    assert hall.ask("GET", "/phone", OTHER).json()["ringing"]["from"] == PHONE
    leg = hall.act("answer", OTHER)
    assert leg["direction"] == "outbound-dial"
    hall.act("hangup", OTHER, after_s=30)
    hall.exchange.drain()
    request = hall.customer.on("/dialled")[0]
    assert (request.params["DialCallStatus"], request.params["DialCallDuration"]) == ("completed", "30")
    assert request.params["DialCallSid"] == leg["sid"]
    assert hall.ask("GET", f"/calls/{parent['sid']}").json()["status"] == "completed"
    fetched = hall.client.calls(leg["sid"]).fetch()
    assert (fetched.parent_call_sid, fetched.status, fetched.duration) == (parent["sid"], "completed", "30")


def test_dial_ends_with_the_caller(hall: Any) -> None:
    """When the caller hangs up, the other phone stops ringing."""
    hall.customer.answer("/voice", f"<Dial>{OTHER}</Dial>")
    hall.act("dial", PHONE)
    hall.act("hangup", PHONE)
    hall.exchange.drain()
    assert hall.ask("GET", "/phone", OTHER).json()["ringing"] is None


def test_dialled_phone_that_rejects_is_busy(hall: Any) -> None:
    """DialCallStatus=busy, no duration."""
    hall.customer.answer("/voice", f"<Dial action='/dialled'>{OTHER}</Dial>")
    hall.act("dial", PHONE)
    hall.act("reject", OTHER)
    hall.exchange.drain()
    params = hall.customer.on("/dialled")[0].params
    assert params["DialCallStatus"] == "busy"
    assert "DialCallDuration" not in params


def test_ordered_call_ends_at_its_time_limit(hall: Any) -> None:
    """Whatever is pressed meanwhile; the document that a key asks for is not performed any more."""
    hall.customer.answer("/voice", "<Gather timeout='500' action='/voice'/>")
    url = f"{hall.customer.url}/voice"
    call = hall.client.calls.create(to=PHONE, from_=NUMBER, url=url, time_limit=1_200)
    hall.exchange.drain()
    hall.act("answer", PHONE)
    for _ in range(2):
        hall.act("press", PHONE, keys="1", after_s=450)
    assert hall.client.calls(call.sid).fetch().status == "in-progress"
    hall.act("press", PHONE, keys="1", after_s=450)
    hall.exchange.drain()
    ended = hall.client.calls(call.sid).fetch()
    assert (ended.status, ended.duration) == ("completed", "1200")


def test_sound_that_is_no_sound_is_an_alert(hall: Any, make_wav: Any) -> None:
    """A wrong type is 12300, a broken file 11200, a missing one 11217; the call goes on."""
    hall.customer.answer("/typed.wav", make_wav(1.0), content_type="text/plain")
    hall.customer.answer("/broken.wav", b"RIFF....", content_type="audio/wav")
    hall.customer.answer("/gone.wav", "", content_type="text/plain", status=404)
    hall.customer.answer(
        "/voice", "<Play>/typed.wav</Play><Play>/broken.wav</Play><Play>/gone.wav</Play><Gather/>"
    )
    call = hall.act("dial", PHONE)
    assert [event["code"] for event in kinds(call, "alert")] == [12300, 11200, 11217]
    assert call["waiting"] is not None


def test_what_was_heard_is_saved_as_one_wav(hall: Any, make_wav: Any) -> None:
    """Sounds at their places, silence between, a cut sound cut; other rates are brought to 8 kHz."""
    hall.customer.answer("/a.wav", make_wav(1.0, level=8192), content_type="audio/wav")
    hall.customer.answer("/b.wav", make_wav(2.0, level=-8192, rate_hz=16000), content_type="audio/wav")
    hall.customer.answer(
        "/voice", "<Play>/a.wav</Play><Pause/><Gather numDigits='1'><Play>/b.wav</Play></Gather>"
    )
    call = hall.act("dial", PHONE)
    hall.act("hangup", PHONE, after_s=0.5)
    sound = hall.ask("GET", f"/calls/{call['sid']}/sound.wav")
    with wave.open(io.BytesIO(sound.content)) as reader:
        assert (reader.getframerate(), reader.getnchannels(), reader.getsampwidth()) == (8000, 1, 2)
        frames = reader.readframes(reader.getnframes())
    samples = [int.from_bytes(frames[at : at + 2], "little", signed=True) for at in range(0, len(frames), 2)]
    assert len(samples) == 20_000
    assert samples[4_000] == pytest.approx(8192, abs=2)
    assert samples[12_000] == 0
    assert samples[18_000] == pytest.approx(-8192, abs=2)


def test_voice_fallback_is_asked_when_the_document_fails(make_hall: Any) -> None:
    """The fallback gets the error and its document is heard."""
    hall = make_hall(voice_fallback_url="/spare")
    hall.customer.answer("/voice", "<say>x</say>")
    hall.customer.answer("/spare", "<Say>call 112</Say>")
    call = hall.act("dial", PHONE)
    assert [event["caption"] for event in kinds(call, "sound")] == ["call 112"]
    assert hall.customer.on("/spare")[0].params["ErrorCode"] == "12200"


def test_call_cancelled_while_queued_never_rings_and_calls_nobody_back(hall: Any) -> None:
    """No callback at all for a call that was cancelled before it left the queue."""
    order = Outgoing(PHONE, NUMBER, DocumentText("<Response/>"), callback_url=f"{hall.customer.url}/status")
    call = hall.exchange.switchboard.prepare(order)
    hall.client.calls(call.sid).update(status="canceled")
    hall.exchange.drain()
    hall.exchange.switchboard.dispatch(call)
    hall.exchange.drain()
    assert hall.client.calls(call.sid).fetch().status == "canceled"
    assert hall.customer.requests == []


def test_outbound_call_has_its_own_fallback(hall: Any) -> None:
    """FallbackUrl is asked with its method when the document fails."""
    hall.customer.answer("/out", "", status=500, content_type="text/xml")
    hall.customer.answer("/spare", "<Say>spare</Say>")
    place(hall, fallback_url=f"{hall.customer.url}/spare", fallback_method="GET")
    call = hall.act("answer", PHONE)
    assert [event["caption"] for event in kinds(call, "sound")] == ["spare"]
    assert hall.customer.on("/spare")[0].method == "GET"
    assert hall.customer.on("/spare")[0].params["ErrorUrl"] == f"{hall.customer.url}/out"


def test_outbound_call_goes_to_its_fallback_from_any_document(hall: Any) -> None:
    """Also where the first one was well and the action of a key fails."""
    hall.customer.answer("/out", "<Gather numDigits='1' action='/got'/>")
    hall.customer.answer("/got", "", status=503, content_type="text/xml")
    hall.customer.answer("/spare", "<Say>spare</Say>")
    place(hall, fallback_url=f"{hall.customer.url}/spare")
    hall.act("answer", PHONE)
    call = hall.act("press", PHONE, keys="7")
    assert [event["caption"] for event in kinds(call, "sound")] == ["spare"]
    (asked,) = hall.customer.on("/spare")
    assert (asked.method, asked.genuine) == ("POST", True)
    assert (asked.params["ErrorCode"], asked.params["ErrorUrl"]) == ("11217", f"{hall.customer.url}/got")


def test_outbound_call_without_a_fallback_does_not_use_the_numbers_own(make_hall: Any) -> None:
    """Whoever places a call has to name it."""
    hall = make_hall(voice_fallback_url="/spare")
    hall.customer.answer("/out", "", status=503, content_type="text/xml")
    hall.customer.answer("/spare", "<Say>spare</Say>")
    place(hall)
    call = hall.act("answer", PHONE)
    assert "spare" not in [event["caption"] for event in kinds(call, "sound")]
    assert hall.customer.on("/spare") == []


def test_caller_who_hangs_up_at_a_dial_that_was_answered_ends_both(hall: Any) -> None:
    """Both calls are completed, both phones are free again."""
    hall.customer.answer("/voice", f"<Dial>{OTHER}</Dial>")
    parent = hall.act("dial", PHONE)
    leg = hall.act("answer", OTHER)
    hall.act("hangup", PHONE, after_s=12)
    hall.exchange.drain()
    ended = [hall.client.calls(sid).fetch() for sid in (parent["sid"], leg["sid"])]
    assert [(call.status, call.duration) for call in ended] == [("completed", "12"), ("completed", "12")]
    assert hall.ask("GET", "/phone", OTHER).json()["call"] is None
