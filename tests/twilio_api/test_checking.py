"""The checker of Twilio's shapes finds what is wrong and says where."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask, jsonify

from tests.twilio_api.checking import Inspector, check_answer, check_request, check_webhook

ACCOUNT = "AC" + "0" * 32
SID = "SM" + "1" * 32
BASE = f"/2010-04-01/Accounts/{ACCOUNT}"
MESSAGES = f"{BASE}/Messages.json"
NUMBER = "+996312000777"
PHONE = "+996555123456"
MESSAGE = {
    "account_sid": ACCOUNT,
    "api_version": "2010-04-01",
    "body": "Кадам",
    "date_created": "Sun, 29 Nov 2026 07:00:05 +0000",
    "date_sent": None,
    "date_updated": "Sun, 29 Nov 2026 07:00:05 +0000",
    "direction": "outbound-api",
    "error_code": None,
    "error_message": None,
    "from": NUMBER,
    "messaging_service_sid": None,
    "num_media": "0",
    "num_segments": "1",
    "price": None,
    "price_unit": "USD",
    "sid": SID,
    "status": "queued",
    "subresource_uris": {"media": f"{BASE}/Messages/{SID}/Media.json"},
    "to": PHONE,
    "uri": f"{BASE}/Messages/{SID}.json",
}
RECORDING_SID = "RE" + "2" * 32
RECORDING_URI = f"{BASE}/Recordings/{RECORDING_SID}"
RECORDING = {
    "account_sid": ACCOUNT,
    "api_version": "2010-04-01",
    "call_sid": "CA" + "3" * 32,
    "channels": 1,
    "conference_sid": None,
    "date_created": "Sun, 29 Nov 2026 07:00:05 +0000",
    "date_updated": "Sun, 29 Nov 2026 07:00:15 +0000",
    "duration": "10",
    "encryption_details": None,
    "error_code": None,
    "media_url": f"https://api.twilio.com{RECORDING_URI}",
    "price": None,
    "price_unit": "USD",
    "sid": RECORDING_SID,
    "source": "RecordVerb",
    "start_time": "Sun, 29 Nov 2026 07:00:05 +0000",
    "status": "completed",
    "subresource_uris": {
        "add_on_results": f"{RECORDING_URI}/AddOnResults.json",
        "transcriptions": f"{RECORDING_URI}/Transcriptions.json",
    },
    "uri": f"{RECORDING_URI}.json",
}
TEXT = {
    "MessageSid": SID,
    "SmsSid": SID,
    "SmsMessageSid": SID,
    "AccountSid": ACCOUNT,
    "From": PHONE,
    "To": NUMBER,
    "Body": "7",
    "NumMedia": "0",
    "NumSegments": "1",
}
RECEIPT = {
    "MessageSid": SID,
    "SmsSid": SID,
    "MessageStatus": "delivered",
    "SmsStatus": "delivered",
    "AccountSid": ACCOUNT,
    "ApiVersion": "2010-04-01",
    "From": NUMBER,
    "To": PHONE,
}


def answered(body: object, status: int = 201, method: str = "POST", path: str = MESSAGES) -> None:
    check_answer(method, path, status, "application/json", json.dumps(body).encode())


def without(form: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in form.items() if key != name}


def test_answers_as_twilio_gives_them_pass() -> None:
    """A message, a recording, an empty 204, a sound, an error."""
    answered(MESSAGE)
    answered(RECORDING, 200, "GET", f"{RECORDING_URI}.json")
    check_answer("DELETE", f"{BASE}/Messages/{SID}.json", 204, "text/html", b"")
    check_answer("GET", f"{RECORDING_URI}.wav", 200, "audio/x-wav", b"RIFF")
    error = {"code": 20404, "message": "x", "more_info": "https://www.twilio.com/docs/errors/20404"}
    answered({**error, "status": 404}, 404, "GET", f"{BASE}/Faxes.json")


@pytest.mark.parametrize(
    ("body", "violation"),
    [
        ({**MESSAGE, "num_segments": 2}, "num_segments: 2 is not of type 'string'"),
        ({**MESSAGE, "num_segments": "two"}, "num_segments: 'two' does not match"),
        (without(MESSAGE, "num_media"), "'num_media' is a required property"),
        ({**MESSAGE, "mood": "good"}, "'mood' was unexpected"),
        (
            {**MESSAGE, "date_created": "2026-11-29T07:00:05Z"},
            "date_created: '2026-11-29T07:00:05Z' is not a",
        ),
        (
            {**MESSAGE, "date_created": "Mon, 29 Nov 2026 07:00:05 +0000"},
            "date_created: 'Mon, 29 Nov 2026 07:00:05 +0000' is not a",
        ),
        ({**MESSAGE, "date_sent": "Sun, 29 Nov 2026 07:00:05 +0300"}, "date_sent: "),
        ({**MESSAGE, "status": "done"}, "status: 'done' is not one of"),
        ({**MESSAGE, "direction": "outbound"}, "direction: 'outbound' is not one of"),
        ({**MESSAGE, "sid": "SM1"}, "sid: 'SM1' does not match"),
        ({**MESSAGE, "error_code": "30003"}, "error_code: '30003' is not of type 'integer'"),
        ({**MESSAGE, "uri": "/Messages"}, "uri: '/Messages' does not match"),
        ({**MESSAGE, "subresource_uris": {}}, "subresource_uris: 'media' is a required property"),
    ],
)
def test_wrong_answer_is_named_by_place_and_field(body: object, violation: str) -> None:
    """Types, missing and unknown fields, formats, words and patterns."""
    with pytest.raises(AssertionError) as caught:
        answered(body)
    assert str(caught.value).startswith("POST Messages.json answered 201: ")
    assert violation in str(caught.value)


@pytest.mark.parametrize(
    ("status", "path", "media_type", "body", "violation"),
    [
        (200, MESSAGES, "application/json", b"{}", "POST Messages.json answered 200: no such answer"),
        (
            201,
            f"{BASE}/Faxes.json",
            "application/json",
            b"{}",
            "POST Faxes.json answered 201: no such answer",
        ),
        (201, MESSAGES, "text/html", b"<p>", "Content-Type: text/html is not application/json"),
        (404, MESSAGES, "application/json", b"{}", "'code' is a required property"),
    ],
)
def test_answer_nobody_declared_is_named(
    status: int, path: str, media_type: str, body: bytes, violation: str
) -> None:
    """Another status, an unknown path, no JSON, an error without its code."""
    with pytest.raises(AssertionError) as caught:
        check_answer("POST", path, status, media_type, body)
    assert violation in str(caught.value)


def test_error_says_the_status_it_came_with() -> None:
    """Twilio's error JSON repeats the HTTP status."""
    error = {"code": 20404, "message": "x", "more_info": "https://www.twilio.com/docs/errors/20404"}
    with pytest.raises(AssertionError, match="answered 404: status: 400 is not 404"):
        answered({**error, "status": 400}, 404)


def test_body_of_204_and_missing_sound_are_named() -> None:
    """What was deleted has no body; a recording's file has one, and a sound's type."""
    with pytest.raises(AssertionError, match=r"DELETE Messages/\{sid\}\.json answered 204: there is a body"):
        check_answer("DELETE", f"{BASE}/Messages/{SID}.json", 204, "text/html", b"gone")
    with pytest.raises(AssertionError, match=r"GET Recordings/\{sid\}\.wav answered 200: there is no sound"):
        check_answer("GET", f"{RECORDING_URI}.wav", 200, "audio/x-wav", b"")
    with pytest.raises(AssertionError, match="Content-Type: text/html is no sound"):
        check_answer("GET", f"{RECORDING_URI}.wav", 200, "text/html", b"<p>")


@pytest.mark.parametrize(
    ("form", "violation"),
    [
        ({"From": [NUMBER], "Body": ["x"]}, "'To' is a required property"),
        ({"To": [PHONE], "Body": ["x"]}, "'From' is a required property"),
        ({"To": [PHONE], "From": [NUMBER]}, "'Body' is a required property"),
        ({"To": [PHONE], "From": [NUMBER], "Body": ["x"], "Mood": ["good"]}, "'Mood' was unexpected"),
        ({"To": [PHONE], "From": [NUMBER], "Body": ["x" * 1601]}, "Body.0: 'xxx"),
        ({"To": [PHONE], "From": [NUMBER], "Body": ["x", "y"]}, "Body: ['x', 'y'] is too long"),
        ({"To": [PHONE], "From": ["Кадам"], "Body": ["x"]}, "From.0: 'Кадам' "),
        (
            {"To": [PHONE], "From": [NUMBER], "Body": ["x"], "StatusCallback": ["https://a_b.example/"]},
            "StatusCallback.0: 'https://a_b.example/' is not a 'web-url'",
        ),
        (
            {"To": [PHONE], "From": [NUMBER], "Body": ["x"], "ValidityPeriod": ["36001"]},
            "ValidityPeriod.0: '36001' does not match",
        ),
    ],
)
def test_wrong_form_is_named_by_place_and_field(form: dict[str, list[str]], violation: str) -> None:
    """Names, limits and what must be there."""
    with pytest.raises(AssertionError) as caught:
        check_request("POST", MESSAGES, form)
    assert str(caught.value).startswith("POST Messages.json was asked: ")
    assert violation in str(caught.value)


def test_wrong_query_and_unknown_operation_are_named() -> None:
    """A list's day and page size, a path that Twilio does not have."""
    check_request("GET", MESSAGES, {"DateSent>": ["2026-11-29"], "PageSize": ["1000"]})
    with pytest.raises(
        AssertionError, match=r"GET Messages.json was asked: DateSent>.0: 'soon' is not a 'day'"
    ):
        check_request("GET", MESSAGES, {"DateSent>": ["soon"]})
    with pytest.raises(AssertionError, match=r"PageSize.0: '1001' does not match"):
        check_request("GET", MESSAGES, {"PageSize": ["1001"]})
    with pytest.raises(AssertionError, match=r"PUT Messages.json was asked: no such operation"):
        check_request("PUT", MESSAGES, {})


@pytest.mark.parametrize(
    ("params", "violation"),
    [
        (without(TEXT, "Body"), "sms webhook: 'Body' is a required property"),
        ({**TEXT, "NumMedia": "none"}, "sms webhook: NumMedia: 'none' does not match"),
        ({**TEXT, "AccountSid": "AC1"}, "sms webhook: AccountSid: 'AC1' does not match"),
        (
            {**RECEIPT, "MessageStatus": "accepted"},
            "message status webhook: MessageStatus: 'accepted' is not",
        ),
        (
            {**RECEIPT, "MessageStatus": "failed"},
            "message status webhook: 'ErrorCode' is a required property",
        ),
        ({"CallSid": "CA" + "3" * 32}, "voice webhook: 'AccountSid' is a required property"),
        (
            {"CallSid": "CA" + "3" * 32, "CallbackSource": "me"},
            "call status webhook: CallbackSource: 'call-progress-events' was expected",
        ),
        ({"RecordingStatus": "completed"}, "recording status webhook: 'AccountSid' is a required property"),
        ({"AnsweredBy": "a cat"}, "machine status webhook: AnsweredBy: 'a cat' is not one of"),
    ],
)
def test_wrong_webhook_is_named_by_kind_and_field(params: dict[str, str], violation: str) -> None:
    """Each kind of webhook is told from its parameters."""
    with pytest.raises(AssertionError) as caught:
        check_webhook(params)
    assert violation in str(caught.value)


def test_webhook_may_carry_what_was_not_announced() -> None:
    """Twilio adds parameters without a word."""
    check_webhook({**TEXT, "Weather": "fair"})
    check_webhook({**RECEIPT, "Weather": "fair"})


def test_inspector_fails_once_with_everything_it_saw() -> None:
    """Answers always, requests only if they were taken, signed webhooks unless they were refused."""
    app, inspector = Flask("carrier"), Inspector()
    inspector.watch(app)
    refusal = {"code": 21201, "message": "x", "more_info": "https://www.twilio.com/docs/errors/21201"}
    app.add_url_rule(
        f"{BASE}/Calls.json", "calls", lambda: ({**refusal, "status": 400}, 400), methods=["POST"]
    )
    app.add_url_rule(f"{BASE}/Faxes.json", "faxes", lambda: (refusal, 400), methods=["POST"])
    app.add_url_rule(f"{BASE}/Messages.json", "messages", lambda: (jsonify(MESSAGE), 201), methods=["POST"])
    app.add_url_rule("/sms", "sms", lambda: "", methods=["POST"])
    app.add_url_rule("/forged", "forged", lambda: ("", 403), methods=["POST"])
    client, signed = app.test_client(), {"X-Twilio-Signature": "s"}
    client.post(f"{BASE}/Calls.json", data={"Mood": "bad"})
    client.post(f"{BASE}/Faxes.json")
    client.post(MESSAGES, data={"To": PHONE, "From": NUMBER, "Body": "x", "Mood": "bad"})
    client.post("/sms", data=without(TEXT, "Body"), headers=signed)
    client.post("/sms", data=without(TEXT, "Body"))
    client.post("/forged", data=without(TEXT, "Body"), headers=signed)
    with pytest.raises(AssertionError) as caught:
        inspector.assert_nothing_amiss()
    first, second, third = str(caught.value).splitlines()
    assert first == "POST Faxes.json answered 400: 'status' is a required property"
    assert second.startswith("POST Messages.json was asked: ")
    assert "Mood" in second
    assert third == "sms webhook: 'Body' is a required property"
    inspector.assert_nothing_amiss()
