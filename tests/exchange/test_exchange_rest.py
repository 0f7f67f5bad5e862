"""The REST API as the real twilio client meets it."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

PHONE = "+996700111111"
NUMBER = "+996555000000"
ACCOUNT = "AC" + "0" * 32


def send(hall: Any, body: str = "hello", to: str = PHONE, **more: Any) -> Any:
    return hall.client.messages.create(to=to, from_=NUMBER, body=body, **more)


def test_created_message_has_twilios_shape(hall: Any) -> None:
    """201, status queued, counts as texts, RFC 2822 dates, no price or sending time yet."""
    response = hall.create(To=PHONE, From=NUMBER, Body="ө" * 71)
    message = response.json()
    assert response.status_code == 201
    created_at = parsedate_to_datetime(message.pop("date_created"))
    assert abs(created_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert message.pop("date_updated").endswith("+0000")
    sid = message.pop("sid")
    assert sid.startswith("SM")
    assert len(sid) == 34
    uri = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}"
    assert message == {
        "account_sid": ACCOUNT,
        "api_version": "2010-04-01",
        "body": "ө" * 71,
        "date_sent": None,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": NUMBER,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "2",
        "price": None,
        "price_unit": "USD",
        "status": "queued",
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": PHONE,
        "uri": f"{uri}.json",
    }


def test_message_is_fetched_delivered_and_arrives(hall: Any) -> None:
    """Soon after, the message is delivered, sent at a time, and in the phone's inbox."""
    sid = send(hall).sid
    assert hall.inbox(PHONE) == ["hello"]
    message = hall.client.messages(sid).fetch()
    assert message.status == "delivered"
    assert abs(message.date_sent - datetime.now(UTC)) < timedelta(minutes=1)


def test_messages_are_listed_newest_first_over_pages(hall: Any) -> None:
    """Paging walks through all of them, also while new ones arrive; limit stops it."""
    for number in range(5):
        send(hall, f"text {number}")
    pages = hall.client.messages.page(page_size=2)
    seen = [message.body for message in pages]
    send(hall, "text 5")
    while (pages := pages.next_page()) is not None:
        seen += [message.body for message in pages]
    assert seen == [f"text {number}" for number in (4, 3, 2, 1, 0)]
    assert [message.body for message in hall.client.messages.list(limit=1)] == ["text 5"]


def test_messages_are_filtered_by_to_from_and_day(hall: Any) -> None:
    """To, From and DateSent with its two comparisons narrow the list."""
    send(hall, "mine")
    send(hall, "other", to="+996700222222")
    assert hall.exchange.drain()
    now = datetime.now(UTC)

    def bodies(**filters: Any) -> list[str]:
        return [message.body for message in hall.client.messages.list(**filters)]

    assert bodies(to=PHONE) == ["mine"]
    assert bodies(from_=PHONE) == []
    assert bodies(from_=NUMBER, to=PHONE, date_sent=now) == ["mine"]
    assert bodies(to=PHONE, date_sent_after=now, date_sent_before=now) == ["mine"]
    assert bodies(to=PHONE, date_sent_after=now + timedelta(days=1)) == []
    assert bodies(to=PHONE, date_sent_before=now - timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("form", "code", "status"),
    [
        ({"To": ""}, 21604, 400),
        ({"From": ""}, 21603, 400),
        ({"Body": ""}, 21602, 400),
        ({"Body": "x" * 1601}, 21617, 400),
        ({"To": "0700111111"}, 21211, 400),
        ({"To": NUMBER}, 21266, 400),
        ({"From": "+996555999999"}, 21606, 400),
        ({"StatusCallback": "http://un_der.score/"}, 21609, 400),
        ({"ValidityPeriod": "36001"}, 21624, 400),
        ({"MessagingServiceSid": "MG1"}, 21705, 400),
        ({"MessagingServiceSid": "MG" + "0" * 32}, 21701, 400),
        ({"To": "+15005550001"}, 21211, 400),
        ({"To": "+15005550002"}, 21612, 400),
        ({"To": "+15005550003"}, 21408, 400),
        ({"To": "+15005550004"}, 21610, 400),
        ({"To": "+15005550009"}, 21614, 400),
        ({"From": "+15005550001"}, 21212, 400),
        ({"From": "+15005550007"}, 21606, 400),
        ({"From": "+15005550008"}, 21611, 400),
    ],
)
def test_wrong_message_is_refused_with_twilios_error(
    quiet_hall: Any, form: dict[str, str], code: int, status: int
) -> None:
    """The error body has code, message, more_info and status; nothing is made."""
    response = quiet_hall.create(**{"To": PHONE, "From": NUMBER, "Body": "hello", **form})
    error = response.json()
    assert (response.status_code, error["status"], error["code"]) == (status, status, code)
    assert error["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert error["message"]
    assert quiet_hall.client.messages.list() == []


def test_message_of_1600_characters_and_magic_sender_are_accepted(hall: Any) -> None:
    """The limits themselves are good, and so is the magic number 6."""
    assert hall.create(To=PHONE, From=NUMBER, Body="x" * 1600, ValidityPeriod="36000").status_code == 201
    assert hall.create(To=PHONE, From="+15005550006", Body="x").status_code == 201


def test_wrong_credentials_are_20003(quiet_hall: Any) -> None:
    """A wrong token, a wrong account, none at all: 401 before anything else."""
    for account, token in ((ACCOUNT, "wrong"), ("AC" + "1" * 32, "the token of the tests")):
        client = Client(account, token, http_client=TwilioHttpClient(pool_connections=False, timeout=5))
        client.api.base_url = quiet_hall.url
        with pytest.raises(TwilioRestException) as caught:
            client.messages("SM" + "0" * 32).fetch()
        assert (caught.value.status, caught.value.code) == (401, 20003)
    bare = requests.get(f"{quiet_hall.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", timeout=5)
    assert bare.status_code == 401


def test_unknown_things_are_20404(quiet_hall: Any) -> None:
    """A SID that is not there, another account in the path, a path that is not spoken here."""
    with pytest.raises(TwilioRestException) as caught:
        quiet_hall.client.messages("SM" + "f" * 32).fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)
    auth = (ACCOUNT, "the token of the tests")
    for path in (
        f"/2010-04-01/Accounts/AC{'1' * 32}/Messages.json",
        f"/2010-04-01/Accounts/{ACCOUNT}/Faxes.json",
    ):
        response = requests.get(quiet_hall.url + path, auth=auth, timeout=5)
        assert (response.status_code, response.json()["code"]) == (404, 20404)


def test_created_call_has_twilios_shape(hall: Any) -> None:
    """201 and the fields of the Call resource, not begun."""
    auth = (ACCOUNT, "the token of the tests")
    url = f"{hall.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    form = {"To": PHONE, "From": NUMBER, "Url": f"{hall.customer.url}/out"}
    response = requests.post(url, data=form, auth=auth, timeout=5)
    call = response.json()
    assert response.status_code == 201
    assert call["status"] == "queued"
    assert call["direction"] == "outbound-api"
    assert (call["duration"], call["start_time"], call["end_time"], call["answered_by"]) == (
        None,
        None,
        None,
        None,
    )
    assert {"annotation", "caller_name", "from_formatted", "parent_call_sid", "queue_time", "uri"} <= set(
        call
    )


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": ""}, 21201),
        ({"From": ""}, 21213),
        ({"Url": ""}, 21205),
        ({"Url": "nowhere"}, 21205),
        ({"Url": "", "Twiml": "x" * 4001}, 32018),
        ({"To": "12345"}, 21211),
        ({"From": "+996555999999"}, 21210),
        ({"To": "+15005550001"}, 21217),
        ({"To": "+15005550002"}, 21214),
        ({"To": "+15005550003"}, 21215),
        ({"To": "+15005550004"}, 21216),
        ({"Timeout": "soon"}, 20001),
    ],
)
def test_wrong_call_is_refused_with_twilios_error(quiet_hall: Any, form: dict[str, str], code: int) -> None:
    """400 with the code; no call is made."""
    auth = (ACCOUNT, "the token of the tests")
    url = f"{quiet_hall.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    whole = {"To": PHONE, "From": NUMBER, "Url": "http://c.example/", **form}
    response = requests.post(url, data=whole, auth=auth, timeout=5)
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert quiet_hall.client.calls.list() == []


def test_calls_are_listed_by_to_and_status(hall: Any) -> None:
    """Filters of the Calls list."""
    call = hall.client.calls.create(to=PHONE, from_=NUMBER, twiml="<Response><Gather/></Response>")
    hall.exchange.drain()
    assert [found.sid for found in hall.client.calls.list(to=PHONE, status="ringing")] == [call.sid]
    assert hall.client.calls.list(status="completed") == []
    assert hall.client.calls.list(to="+996700222222") == []
