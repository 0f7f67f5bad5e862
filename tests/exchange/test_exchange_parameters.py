"""What stands in each request to the customer, and in the lists of the REST API: names, forms, order."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from hotline.exchange.webhooks import CONNECT_TIMEOUT_S, MOST_BYTES, MOST_REDIRECTS, TOTAL_TIMEOUT_S

PHONE = "+996700111111"
OTHER = "+79161234567"
NUMBER = "+996555000000"
ACCOUNT = "AC" + "0" * 32
PARTS = ("City", "State", "Zip", "Country")
PLACES = {f"{end}{part}" for end in ("From", "To", "Caller", "Called") for part in PARTS}


def place(hall: Any, to: str = PHONE) -> Any:
    call = hall.client.calls.create(
        to=to,
        from_=NUMBER,
        url=f"{hall.customer.url}/out",
        status_callback=f"{hall.customer.url}/status",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    assert hall.exchange.drain(10)
    return call


def test_limits_of_webhooks_are_twilios() -> None:
    """5 s to connect, 15 s in all, 64 kB, ten redirects (twilio-facts, 1)."""
    assert (CONNECT_TIMEOUT_S, TOTAL_TIMEOUT_S, MOST_BYTES, MOST_REDIRECTS) == (5.0, 15.0, 65_536, 10)


def test_inbound_call_carries_every_documented_parameter(hall: Any) -> None:
    """The standard ones, places (empty where unknown), one nobody announced; Twilio's agent and token."""
    hall.act("dial", PHONE)
    request = hall.customer.on("/voice")[0]
    assert request.genuine
    standard = {"CallSid", "AccountSid", "ApiVersion", "CallStatus", "Direction"}
    ends = {"From", "To", "Caller", "Called"}
    assert set(request.params) == standard | ends | PLACES | {"UnannouncedParameter"}
    assert (request.params["FromCountry"], request.params["ToZip"]) == ("KG", "")
    assert (request.params["AccountSid"], request.params["ApiVersion"]) == (ACCOUNT, "2010-04-01")
    assert request.headers["User-Agent"] == "TwilioProxy/1.1"
    assert re.fullmatch(r"[0-9a-f-]{36}", request.headers["I-Twilio-Idempotency-Token"])


def test_inbound_text_carries_every_documented_parameter(hall: Any) -> None:
    """The standard ones, places of both ends (empty where unknown), one nobody announced."""
    hall.act("text", PHONE, body="x")
    params = hall.customer.on("/sms")[0].params
    sids = {"MessageSid", "SmsSid", "SmsMessageSid"}
    standard = {"AccountSid", "ApiVersion", "From", "To", "Body", "NumMedia", "NumSegments", "SmsStatus"}
    places = {f"{end}{part}" for end in ("From", "To") for part in PARTS}
    assert set(params) == sids | standard | places | {"UnannouncedParameter"}
    assert (params["FromCountry"], params["ToCountry"], params["FromCity"]) == ("KG", "KG", "")


def test_identifiers_have_twilios_form(hall: Any) -> None:
    """Two letters for the kind and 32 hex digits, for calls, for texts both ways."""
    call, text = hall.act("dial", PHONE), hall.act("text", PHONE, body="x")
    made = hall.create(To=PHONE, From=NUMBER, Body="x").json()
    for sid, kind in ((call["sid"], "CA"), (text["sid"], "SM"), (made["sid"], "SM")):
        assert re.fullmatch(rf"{kind}[0-9a-f]{{32}}", sid)


def test_every_webhook_has_a_token_of_its_own(hall: Any) -> None:
    """Two texts are two deliveries."""
    hall.act("text", PHONE, body="x")
    hall.act("text", PHONE, body="x")
    first, second = hall.customer.on("/sms")
    assert first.headers["I-Twilio-Idempotency-Token"] != second.headers["I-Twilio-Idempotency-Token"]


def test_callbacks_of_a_call_are_numbered_and_dated(hall: Any) -> None:
    """From 0 on, with the time of the event; durations and the SIP answer come with completed alone."""
    hall.customer.answer("/out", "<Pause length='61'/><Gather/>")
    place(hall)
    hall.act("answer", PHONE)
    hall.act("hangup", PHONE)
    hall.exchange.drain()
    told = [request.params for request in hall.customer.on("/status")]
    assert [params["SequenceNumber"] for params in told] == ["0", "1", "2", "3"]
    for params in told:
        assert abs(parsedate_to_datetime(params["Timestamp"]) - datetime.now(UTC)) < timedelta(minutes=1)
        assert params["CallbackSource"] == "call-progress-events"
    at_end = {"CallDuration", "Duration", "SipResponseCode"}
    assert [at_end & set(params) for params in told] == [set(), set(), set(), at_end]
    last = told[-1]
    assert (last["CallDuration"], last["Duration"], last["SipResponseCode"]) == ("61", "2", "200")


def test_calls_are_filtered_by_ends_parent_and_day(hall: Any) -> None:
    """From, ParentCallSid and StartTime with its comparisons narrow the list."""
    hall.customer.answer("/voice", f"<Dial>{OTHER}</Dial>")
    parent = hall.act("dial", PHONE)["sid"]
    leg = hall.act("answer", OTHER)["sid"]
    hall.act("hangup", OTHER)
    hall.exchange.drain()
    now = datetime.now(UTC)

    def sids(**filters: Any) -> set[str]:
        return {call.sid for call in hall.client.calls.list(**filters)}

    assert sids(parent_call_sid=parent) == {leg}
    assert sids(from_=PHONE) == {parent, leg}
    assert sids(to=OTHER) == {leg}
    assert sids(start_time=now) == {parent, leg}
    assert sids(start_time_after=now + timedelta(days=1)) == set()
    assert sids(start_time_before=now - timedelta(days=1)) == set()


def test_page_has_fifty_and_at_most_a_thousand_records(quiet_hall: Any) -> None:
    """Twilio's default and Twilio's limit, in the links too."""
    url = f"{quiet_hall.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    auth = (ACCOUNT, "the token of the tests")
    assert requests.get(url, auth=auth, timeout=5).json()["page_size"] == 50
    assert requests.get(f"{url}?PageSize=1001", auth=auth, timeout=5).json()["code"] == 20007
    page = requests.get(f"{url}?PageSize=1000&To={PHONE[1:]}", auth=auth, timeout=5).json()
    assert page["page_size"] == 1000
    assert "PageSize=1000" in page["first_page_uri"]
    assert f"To={PHONE[1:]}" in page["first_page_uri"]
    assert (page["next_page_uri"], page["previous_page_uri"]) == (None, None)
