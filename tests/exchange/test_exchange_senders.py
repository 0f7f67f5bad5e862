"""Who a text comes from: the number, an alphanumeric sender, a messaging service."""

from typing import Any

import pytest

PHONE = "+996700111111"
NUMBER = "+996555000000"
SERVICE = "MG" + "1" * 32
NAMED_SERVICE = "MG" + "2" * 32
ACCOUNT = "AC" + "0" * 32


@pytest.fixture
def served(make_hall: Any) -> Any:
    """A hall whose account has two messaging services, one with the number and one with a name."""
    return make_hall(services={SERVICE: NUMBER, NAMED_SERVICE: "KADAM"})


def senders(hall: Any) -> list[str]:
    assert hall.exchange.drain(10)
    return [text["from"] for text in hall.ask("GET", "/phone/inbox", PHONE).json()["messages"]]


def receipts(hall: Any) -> list[tuple[str, str | None]]:
    assert hall.exchange.drain(10)
    found = [request.params for request in hall.customer.on("/receipts")]
    return [(params["MessageStatus"], params.get("MessagingServiceSid")) for params in found]


@pytest.mark.parametrize("sender", ["KADAM", "Kadam 1", "a", "1 2 3 4 5 a", "K-A+D_A&M"])
def test_text_comes_from_an_alphanumeric_sender(hall: Any, sender: str) -> None:
    """At most 11 letters, digits, spaces, - + _ and &, one letter at least."""
    response = hall.create(To=PHONE, From=sender, Body="hello")
    assert (response.status_code, response.json()["from"]) == (201, sender)
    assert senders(hall) == [sender]


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        ("KADAM HOTLINE", 21212),
        ("КАДАМ", 21212),
        ("KADAM!", 21212),
        ("12 34", 21212),
        ("KADAM\n", 21212),
        ("12345", 21606),
        ("+996555999999", 21606),
        ("996555000000", 21606),
    ],
)
def test_sender_that_cannot_be_is_refused(quiet_hall: Any, sender: str, code: int) -> None:
    """No valid sender at all: 21212; a number or a short code that is not the account's: 21606."""
    response = quiet_hall.create(To=PHONE, From=sender, Body="hello")
    assert (response.status_code, response.json()["code"]) == (400, code)


def test_phone_cannot_text_back_to_a_name(hall: Any) -> None:
    """It is told so; to the number it can text; of any other the exchange knows nothing."""
    for to, words in (
        ("KADAM", "Nobody can text back to KADAM: it is a name, not a number."),
        ("+996555999999", "This exchange knows no such number."),
        (7, "This exchange knows no such number."),
    ):
        refused = hall.ask("POST", "/phone/text", PHONE, {"body": "hello", "to": to})
        assert (refused.status_code, refused.json()["error"]) == (400, words)
    assert hall.customer.requests == []
    hall.act("text", PHONE, body="hello", to=NUMBER)
    assert len(hall.customer.on("/sms")) == 1


def test_stop_to_the_number_does_not_block_a_name(served: Any) -> None:
    """STOP goes to a number: it blocks that number and the service it belongs to."""
    served.act("text", PHONE, body="STOP")
    for sender in ({"From": NUMBER}, {"MessagingServiceSid": SERVICE}):
        response = served.create(To=PHONE, Body="hello", **sender)
        assert (response.status_code, response.json()["code"]) == (400, 21610)
    for sender in ({"From": "KADAM"}, {"MessagingServiceSid": NAMED_SERVICE}):
        assert served.create(To=PHONE, Body="hello", **sender).status_code == 201
    assert senders(served)[1:] == ["KADAM", "KADAM"]  # the first is the carrier's own answer to STOP


def test_service_accepts_first_and_decides_later(served: Any) -> None:
    """accepted, no sender, no segments; once delivered it has both."""
    made = served.create(To=PHONE, MessagingServiceSid=SERVICE, Body="ө" * 71)
    first = made.json()
    assert made.status_code == 201
    assert (first["status"], first["from"], first["num_segments"]) == ("accepted", None, "0")
    assert (first["messaging_service_sid"], first["date_sent"]) == (SERVICE, None)
    assert senders(served) == [NUMBER]
    last = served.client.messages(first["sid"]).fetch()
    assert (last.status, last.from_, last.num_segments) == ("delivered", NUMBER, "2")
    assert last.messaging_service_sid == SERVICE


def test_service_sends_from_the_sender_it_has_or_is_told(served: Any) -> None:
    """A service with a name sends from it; From chooses another sender of the account."""
    for form in (
        {"MessagingServiceSid": NAMED_SERVICE},
        {"MessagingServiceSid": NAMED_SERVICE, "From": NUMBER},
    ):
        response = served.create(To=PHONE, Body="hello", **form)
        assert (response.status_code, response.json()["status"]) == (201, "accepted")
        assert senders(served)[-1] == form.get("From", "KADAM")


def test_queued_is_called_back_for_a_service_only(served: Any) -> None:
    """queued, sent, delivered with the service's SID; without a service sent and delivered alone."""
    callback = f"{served.customer.url}/receipts"
    served.create(To=PHONE, MessagingServiceSid=SERVICE, Body="hello", StatusCallback=callback)
    assert receipts(served) == [(status, SERVICE) for status in ("queued", "sent", "delivered")]
    served.create(To=PHONE, From=NUMBER, Body="hello", StatusCallback=callback)
    assert receipts(served)[3:] == [("sent", None), ("delivered", None)]


def test_failure_of_a_service_is_called_back_after_queued(served: Any) -> None:
    """A text that is not sent was queued all the same."""
    served.ask("POST", "/faults", body={"kind": "text-failed", "error_code": 30003})
    callback = f"{served.customer.url}/receipts"
    served.create(To=PHONE, MessagingServiceSid=SERVICE, Body="hello", StatusCallback=callback)
    assert receipts(served) == [("queued", SERVICE), ("failed", SERVICE)]


def test_inbound_webhook_names_the_numbers_service(served: Any, hall: Any) -> None:
    """MessagingServiceSid comes if the number belongs to a service, and is in the record too."""
    for place, sid in ((served, SERVICE), (hall, None)):
        place.act("text", PHONE, body="7")
        assert place.customer.on("/sms")[0].params.get("MessagingServiceSid") == sid
        assert place.client.messages.list(from_=PHONE)[0].messaging_service_sid == sid


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"MessagingServiceSid": "MG" + "3" * 32}, 21701),
        ({"MessagingServiceSid": "MG1"}, 21705),
        ({"MessagingServiceSid": SERVICE, "From": "+996555999999"}, 21606),
        ({"MessagingServiceSid": SERVICE, "ScheduleType": "fixed"}, 35111),
        (
            {"MessagingServiceSid": SERVICE, "ScheduleType": "fixed", "SendAt": "2030-01-01T00:00:00Z"},
            35126,
        ),
    ],
)
def test_service_that_cannot_send_is_refused(served: Any, form: dict[str, str], code: int) -> None:
    """Unknown, malformed, with a sender of somebody else, for later."""
    response = served.create(To=PHONE, Body="hello", **form)
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert served.client.messages.list() == []
