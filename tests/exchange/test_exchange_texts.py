"""Texts both ways: webhooks, replies, opting out, receipts."""

from typing import Any

PHONE = "+996700111111"
NUMBER = "+996555000000"


def alerts(hall: Any, sid: str) -> list[int]:
    events = hall.ask("GET", f"/messages/{sid}").json()["events"]
    return [event["code"] for event in events if event["kind"] == "alert"]


def send(hall: Any, **more: Any) -> Any:
    url = f"{hall.customer.url}/receipts?attempt=1"
    return hall.client.messages.create(to=PHONE, from_=NUMBER, body="hello", status_callback=url, **more)


def receipts(hall: Any) -> list[str]:
    assert hall.exchange.drain(10)
    return [request.params["MessageStatus"] for request in hall.customer.on("/receipts")]


def test_inbound_text_reaches_the_customer_signed_and_whole(hall: Any) -> None:
    """All documented parameters, empty ones too, one nobody announced, and a genuine signature."""
    sent = hall.act("text", PHONE, body="КАДАМ 7")
    request = hall.customer.on("/sms")[0]
    assert request.genuine
    assert request.method == "POST"
    assert request.headers["User-Agent"] == "TwilioProxy/1.1"
    assert request.headers["I-Twilio-Idempotency-Token"]
    sid = sent["sid"]
    expected = {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": "AC" + "0" * 32,
        "From": PHONE,
        "To": NUMBER,
        "Body": "КАДАМ 7",
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        "ToCity": "",
        "FromCountry": "KG",
    }
    assert expected.items() <= request.params.items()
    assert "UnannouncedParameter" in request.params


def test_long_inbound_text_comes_joined(hall: Any) -> None:
    """One request with the whole body and its number of segments."""
    assert hall.act("text", PHONE, body="ө" * 135)["segments"] == 3
    assert hall.customer.on("/sms")[0].params["NumSegments"] == "3"


def test_replies_arrive_in_order_as_messages_of_their_own(hall: Any) -> None:
    """Each Message verb is an outbound-reply, delivered in the order of the document."""
    hall.customer.answer("/sms", "<Message>one</Message><Message><Body>two &amp; ө</Body></Message>")
    hall.act("text", PHONE, body="x")
    assert hall.inbox(PHONE) == ["one", "two & ө"]
    listed = hall.client.messages.list(from_=NUMBER)
    assert {(message.direction, message.status) for message in listed} == {("outbound-reply", "delivered")}


def test_empty_document_sends_nothing(hall: Any) -> None:
    """<Response/> is no reply and no error."""
    sid = hall.act("text", PHONE, body="x")["sid"]
    assert hall.inbox(PHONE) == []
    assert alerts(hall, sid) == []


def test_redirect_of_a_text_asks_the_next_document(hall: Any) -> None:
    """The next document gets the same text; endless redirects end with 14106."""
    hall.customer.answer("/sms", "<Redirect>/next</Redirect><Message>never</Message>")
    hall.customer.answer("/next", "<Message>next</Message>")
    hall.act("text", PHONE, body="x")
    assert hall.inbox(PHONE) == ["next"]
    assert hall.customer.on("/next")[0].params["Body"] == "x"
    hall.customer.answer("/next", "<Redirect>/next</Redirect>")
    sid = hall.act("text", PHONE, body="y")["sid"]
    assert alerts(hall, sid) == [14106]


def test_message_action_takes_over(hall: Any) -> None:
    """With an action, the verbs after it are never reached."""
    hall.customer.answer("/sms", "<Message action='/then'>one</Message><Message>never</Message>")
    hall.customer.answer("/then", "<Message>two</Message>")
    hall.act("text", PHONE, body="x")
    assert hall.inbox(PHONE) == ["one", "two"]
    assert hall.customer.on("/then")[0].params["MessageStatus"] == "queued"


def test_broken_answer_is_an_alert_and_goes_to_the_fallback(make_hall: Any) -> None:
    """The fallback gets ErrorCode and ErrorUrl, and its reply is sent."""
    hall = make_hall(sms_fallback_url="/spare")
    hall.customer.answer("/sms", "oops", content_type="text/html", status=500)
    hall.customer.answer("/spare", "<Message>call 112</Message>")
    sid = hall.act("text", PHONE, body="x")["sid"]
    assert hall.inbox(PHONE) == ["call 112"]
    assert alerts(hall, sid) == [11217]
    spare = hall.customer.on("/spare")[0]
    assert spare.genuine
    assert (spare.params["ErrorCode"], spare.params["ErrorUrl"]) == ("11217", f"{hall.customer.url}/sms")


def test_broken_answer_without_fallback_is_not_delivered_again(hall: Any) -> None:
    """One request, one alert, no reply."""
    hall.customer.answer("/sms", "{}", content_type="application/json")
    sid = hall.act("text", PHONE, body="x")["sid"]
    assert alerts(hall, sid) == [12300]
    assert len(hall.customer.on("/sms")) == 1
    assert hall.inbox(PHONE) == []


def test_reply_too_long_or_empty_is_an_alert(hall: Any) -> None:
    """1,601 characters are 21617, none are 14103; the good reply beside them is sent."""
    hall.customer.answer("/sms", f"<Message>{'x' * 1601}</Message><Message/><Message>good</Message>")
    sid = hall.act("text", PHONE, body="x")["sid"]
    assert alerts(hall, sid) == [21617, 14103]
    assert hall.inbox(PHONE) == ["good"]


def test_stop_blocks_replies_and_api_until_start(hall: Any) -> None:
    """STOP reaches the webhook, is answered by the carrier, blocks both ways of sending; START undoes it."""
    hall.customer.answer("/sms", "<Message>reply</Message>")
    sid = hall.act("text", PHONE, body="stop")["sid"]
    assert hall.customer.on("/sms")[0].params["Body"] == "stop"
    assert "OptOutType" not in hall.customer.on("/sms")[0].params
    assert ["unsubscribed" in body for body in hall.inbox(PHONE)] == [True]
    assert alerts(hall, sid) == [21610]
    assert [(m.status, m.error_code) for m in hall.client.messages.list() if m.body == "reply"] == [
        ("failed", 21610)
    ]
    refused = hall.create(To=PHONE, From=NUMBER, Body="x")
    assert (refused.status_code, refused.json()["code"]) == (400, 21610)
    hall.act("text", PHONE, body="START")
    assert hall.inbox(PHONE)[-1] == "reply"
    assert hall.create(To=PHONE, From=NUMBER, Body="x").status_code == 201


def test_stop_of_one_phone_leaves_others(hall: Any) -> None:
    """Only the pair is blocked."""
    hall.act("text", PHONE, body="STOP")
    assert hall.create(To="+996700222222", From=NUMBER, Body="x").status_code == 201


def test_carrier_can_be_told_not_to_answer_keywords(make_hall: Any) -> None:
    """Without its own answers STOP still blocks."""
    hall = make_hall(answers_keywords=False)
    hall.act("text", PHONE, body="STOP")
    assert hall.inbox(PHONE) == []
    assert hall.create(To=PHONE, From=NUMBER, Body="x").status_code == 400


def test_receipts_tell_sent_then_delivered(hall: Any) -> None:
    """Signed POSTs to the callback with its query, without one for queued."""
    sid = send(hall).sid
    assert receipts(hall) == ["sent", "delivered"]
    first, last = hall.customer.on("/receipts")
    assert first.genuine
    assert last.genuine
    assert last.params["MessageSid"] == last.params["SmsSid"] == sid
    assert (last.params["To"], last.params["From"], last.params["SmsStatus"]) == (PHONE, NUMBER, "delivered")
    assert len(last.params["RawDlrDoneDate"]) == 10
    assert "ErrorCode" not in last.params
