"""Recordings from the outside: the action, the callbacks, the REST resource, the sound files."""

import io
import threading
import wave
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import soundfile
from twilio.base.exceptions import TwilioException, TwilioRestException

PHONE = "+996700111111"
OTHER = "+996700222222"
ACCOUNT = "AC" + "0" * 32
CALLBACK = "recordingStatusCallback='/told'"


def record(hall: Any, seconds: float = 2.0, phone: str = PHONE, attributes: str = CALLBACK) -> Any:
    """A call that leaves a recording; what its action was told."""
    hall.customer.answer("/voice", f"<Record action='/got' {attributes}/>")
    hall.act("dial", phone)
    hall.act("speak", phone, seconds=seconds)
    hall.act("press", phone, keys="#")
    assert hall.exchange.drain(10)
    return hall.customer.on("/got")[-1].params


def fetch(hall: Any, told: Any, ending: str = "") -> requests.Response:
    """The media of a recording, without credentials."""
    return requests.get(hall.url + urlsplit(told["RecordingUrl"]).path + ending, timeout=10)


def test_recording_is_told_to_the_action(hall: Any) -> None:
    """A signed request with address, SID, seconds and key."""
    told = record(hall, 4.5)
    request = hall.customer.on("/got")[0]
    assert request.genuine
    assert told["RecordingSid"].startswith("RE")
    assert len(told["RecordingSid"]) == 34
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{told['RecordingSid']}"
    assert told["RecordingUrl"] == hall.customer.url + path
    assert (told["RecordingDuration"], told["Digits"], told["CallStatus"]) == ("5", "#", "in-progress")


def test_recordings_address_names_the_rest_api_where_it_is(make_hall: Any) -> None:
    """api_url comes first in the address."""
    hall = make_hall(api_url="https://exchange.example/")
    assert record(hall)["RecordingUrl"].startswith("https://exchange.example/2010-04-01/Accounts/AC")


def test_recording_of_a_caller_who_hung_up_is_told_with_the_call_completed(hall: Any) -> None:
    """Digits=hangup, CallStatus=completed, and the call's own end told after it."""
    hall.customer.answer("/voice", "<Record action='/got'/>")
    hall.act("dial", PHONE)
    hall.act("speak", PHONE, seconds=3)
    call = hall.act("hangup", PHONE)
    params = hall.customer.on("/got")[0].params
    assert (params["Digits"], params["CallStatus"], params["RecordingDuration"]) == (
        "hangup",
        "completed",
        "3",
    )
    assert (call["status"], call["seconds"]) == ("completed", 4)


def test_recording_callback_carries_twilios_fields(hall: Any) -> None:
    """One signed callback, on completion."""
    told = record(hall, 3.0)
    (request,) = hall.customer.on("/told")
    assert request.genuine
    params = dict(request.params)
    started = datetime.strptime(params.pop("RecordingStartTime"), "%a, %d %b %Y %H:%M:%S %z")
    assert abs(started - datetime.now(UTC)) < timedelta(minutes=1)
    params.pop("UnannouncedParameter")
    assert params == {
        "AccountSid": ACCOUNT,
        "CallSid": told["CallSid"],
        "RecordingSid": told["RecordingSid"],
        "RecordingUrl": told["RecordingUrl"],
        "RecordingStatus": "completed",
        "RecordingDuration": "3",
        "RecordingChannels": "1",
        "RecordingSource": "RecordVerb",
        "ErrorCode": "0",
    }


def test_recording_tells_its_beginning_where_asked_to(hall: Any) -> None:
    """in-progress comes before completed; the method is kept."""
    events = "recordingStatusCallbackEvent='in-progress completed' recordingStatusCallbackMethod='GET'"
    record(hall, attributes=f"{CALLBACK} {events}")
    told = [(request.method, request.params["RecordingStatus"]) for request in hall.customer.on("/told")]
    assert told == [("GET", "in-progress"), ("GET", "completed")]


def test_recording_is_not_ready_when_the_action_is_asked(hall: Any) -> None:
    """While the action answers: status processing, no media; afterwards both are there."""
    seen: list[Any] = []

    def look(request: Any) -> str:
        sid = request.form["RecordingSid"]
        seen.append(hall.client.recordings(sid).fetch().status)
        seen.append(fetch(hall, request.form).status_code)
        seen.append(len(hall.customer.on("/told")))
        return "<Response/>"

    hall.customer.answers["/got"] = look
    told = record(hall)
    assert seen == ["processing", 404, 0]
    assert hall.client.recordings(told["RecordingSid"]).fetch().status == "completed"
    assert fetch(hall, told).status_code == 200


def test_recording_callback_does_not_hold_up_the_call(hall: Any) -> None:
    """It has a lane of its own: while it is being answered, the next document is asked for."""
    went_on = threading.Event()
    seen: list[bool] = []

    def dawdle(request: Any) -> str:
        seen.append(went_on.wait(5))
        return "<Response/>"

    def go_on(request: Any) -> str:
        went_on.set()
        return "<Response/>"

    hall.customer.answer("/got", "<Redirect>/next</Redirect>")
    hall.customer.answers.update({"/told": dawdle, "/next": go_on})
    record(hall)
    assert seen == [True]


def test_recording_in_which_nobody_spoke_is_absent(hall: Any) -> None:
    """No action, the next verb; the resource says absent with 16102 and has no media."""
    hall.customer.answer(
        "/voice", f"<Record action='/got' {CALLBACK} recordingStatusCallbackEvent='absent'/><Say>bye</Say>"
    )
    hall.act("dial", PHONE)
    call = hall.act("silence", PHONE)
    assert hall.exchange.drain(10)
    assert [event["caption"] for event in call["events"] if event["kind"] == "sound"] == ["bye"]
    assert hall.customer.on("/got") == []
    (recording,) = hall.client.recordings.list()
    assert (recording.status, recording.error_code, recording.duration) == ("absent", 16102, "0")
    (request,) = hall.customer.on("/told")
    assert (request.params["RecordingStatus"], request.params["ErrorCode"]) == ("absent", "16102")
    assert fetch(hall, request.params).status_code == 404


def test_recording_has_twilios_shape(hall: Any) -> None:
    """The fields of the Recording resource."""
    told = record(hall, 2.0)
    sid, auth = told["RecordingSid"], (ACCOUNT, "the token of the tests")
    uri = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}"
    body = requests.get(f"{hall.url}{uri}.json", auth=auth, timeout=10).json()
    for name in ("date_created", "date_updated", "start_time"):
        assert body.pop(name).endswith("+0000")
    assert body == {
        "account_sid": ACCOUNT,
        "api_version": "2010-04-01",
        "call_sid": told["CallSid"],
        "channels": 1,
        "conference_sid": None,
        "duration": "2",
        "encryption_details": None,
        "error_code": None,
        "media_url": told["RecordingUrl"],
        "price": None,
        "price_unit": "USD",
        "sid": sid,
        "source": "RecordVerb",
        "status": "completed",
        "subresource_uris": {
            "add_on_results": f"{uri}/AddOnResults.json",
            "transcriptions": f"{uri}/Transcriptions.json",
        },
        "uri": f"{uri}.json",
    }


def test_recordings_are_listed_by_call_and_day_over_pages(hall: Any) -> None:
    """All, newest first, a page at a time; those of a call in two ways; those of a day."""
    told = [record(hall, phone=phone) for phone in (PHONE, OTHER, PHONE)]
    sids = [params["RecordingSid"] for params in reversed(told)]
    assert [found.sid for found in hall.client.recordings.list(page_size=2)] == sids
    call_sid = told[1]["CallSid"]
    assert [found.sid for found in hall.client.recordings.list(call_sid=call_sid)] == [sids[1]]
    assert [found.sid for found in hall.client.calls(call_sid).recordings.list()] == [sids[1]]
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert hall.client.recordings.list(date_created_after=tomorrow) == []
    assert len(hall.client.recordings.list(date_created_before=tomorrow)) == 3
    with pytest.raises(TwilioException, match="20404"):
        hall.client.calls("CA" + "f" * 32).recordings.list()


def test_recording_is_heard_as_wav(hall: Any) -> None:
    """8 kHz, mono, 16 bit, of the seconds spoken: quiet, not silent, with the pause in it."""
    hall.customer.answer("/voice", "<Record action='/got'/>")
    hall.act("dial", PHONE)
    hall.act("speak", PHONE, seconds=1.5)
    hall.act("speak", PHONE, seconds=0.5, after_s=2.5)
    hall.act("silence", PHONE)
    assert hall.exchange.drain(10)
    told = hall.customer.on("/got")[0].params
    for ending in ("", ".wav"):
        response = fetch(hall, told, ending)
        assert response.headers["Content-Type"] == "audio/x-wav"
        with wave.open(io.BytesIO(response.content)) as reader:
            form = (reader.getframerate(), reader.getnchannels(), reader.getsampwidth())
            assert (*form, reader.getnframes()) == (8000, 1, 2, 24_000)
    samples, _ = soundfile.read(io.BytesIO(response.content))
    assert 0.05 < max(abs(samples[:12_000])) < 0.2
    assert max(abs(samples[12_000:20_000])) == 0
    assert max(abs(samples[20_000:])) > 0.05


def test_recording_is_heard_as_mp3(hall: Any) -> None:
    """The same seconds as MP3."""
    response = fetch(hall, record(hall, 2.0), ".mp3")
    assert response.headers["Content-Type"] == "audio/mpeg"
    sound = soundfile.info(io.BytesIO(response.content))
    assert (sound.format, sound.samplerate, sound.channels) == ("MP3", 8000, 1)
    assert sound.duration == pytest.approx(2.0, abs=0.2)


def test_recordings_are_protected_their_media_are_open(hall: Any) -> None:
    """Whoever has the address hears the sound; the resource needs the credentials; accounts do not mix."""
    told = record(hall)
    assert fetch(hall, told).status_code == 200
    assert fetch(hall, told, ".json").status_code == 401
    wrong = {"RecordingUrl": told["RecordingUrl"].replace(ACCOUNT, "AC" + "1" * 32)}
    assert fetch(hall, wrong).status_code == 404


def test_recording_is_deleted_with_its_media(hall: Any) -> None:
    """204, then 404 for both, and gone from the list."""
    told = record(hall)
    sid, auth = told["RecordingSid"], (ACCOUNT, "the token of the tests")
    url = f"{hall.url}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}.json"
    response = requests.delete(url, auth=auth, timeout=10)
    assert (response.status_code, response.content) == (204, b"")
    gone: list[Callable[[], Any]] = [
        hall.client.recordings(sid).fetch,
        hall.client.recordings(sid).delete,
    ]
    for ask in gone:
        with pytest.raises(TwilioRestException) as caught:
            ask()
        assert (caught.value.status, caught.value.code) == (404, 20404)
    assert fetch(hall, told).status_code == 404
    assert hall.client.recordings.list() == []


def test_speech_needs_a_call_and_a_length(hall: Any) -> None:
    """No call: 409; no seconds, none, too many: 400; without a wait it is lost."""
    assert hall.ask("POST", "/phone/speak", PHONE, {"seconds": 1}).status_code == 409
    hall.customer.answer("/voice", "<Gather/>")
    hall.act("dial", PHONE)
    for body in ({}, {"seconds": 0}, {"seconds": 3601}, {"seconds": "long"}):
        assert hall.ask("POST", "/phone/speak", PHONE, body).status_code == 400
    call = hall.act("speak", PHONE, seconds=2)
    speech = [event for event in call["events"] if event["kind"] == "speech"]
    assert [(event["seconds"], event["lost"]) for event in speech] == [(2.0, True)]


def test_speech_of_a_dialled_phone_is_heard_by_no_record(hall: Any) -> None:
    """Who was called by a Dial talks to the caller, not to the exchange."""
    hall.customer.answer("/voice", f"<Dial>{OTHER}</Dial>")
    hall.act("dial", PHONE)
    hall.act("answer", OTHER)
    call = hall.act("speak", OTHER, seconds=2)
    assert [event["lost"] for event in call["events"] if event["kind"] == "speech"] == [True]
