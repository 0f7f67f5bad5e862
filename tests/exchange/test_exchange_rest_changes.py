"""What the REST API deletes, redacts, filters, pages and refuses, as the real twilio client meets it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

PHONE = "+996700111111"
NUMBER = "+996555000000"
ACCOUNT = "AC" + "0" * 32
AUTH = (ACCOUNT, "the token of the tests")
GATHER = "<Response><Gather/></Response>"


def send(hall: Any, **more: Any) -> Any:
    return hall.client.messages.create(**{"to": PHONE, "from_": NUMBER, "body": "ө" * 71, **more})


def ask(hall: Any, method: str, path: str, **more: Any) -> requests.Response:
    url = f"{hall.url}/2010-04-01/Accounts/{ACCOUNT}/{path}"
    return requests.request(method, url, auth=AUTH, timeout=10, **more)


def refused(act: Any) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        act()
    return caught.value.status, caught.value.code


def test_deleted_message_is_gone_for_the_customer_and_stays_on_the_phone(hall: Any) -> None:
    """204, then 404; no list shows it; what has arrived is still in the inbox."""
    sid = send(hall).sid
    assert hall.inbox(PHONE) == ["ө" * 71]
    assert hall.client.messages(sid).delete() is True
    for act in (hall.client.messages(sid).fetch, hall.client.messages(sid).delete):
        assert refused(act) == (404, 20404)
    assert refused(lambda: hall.client.messages(sid).update(body="")) == (404, 20404)
    assert hall.client.messages.list() == []
    assert hall.inbox(PHONE) == ["ө" * 71]


def test_redacted_message_keeps_everything_but_its_body(hall: Any) -> None:
    """An empty Body empties it, for the customer alone; the segments are those that were sent."""
    sid = send(hall).sid
    assert hall.exchange.drain()
    assert hall.client.messages(sid).update(body="").body == ""
    message = hall.client.messages(sid).fetch()
    assert (message.body, message.num_segments, message.status) == ("", "2", "delivered")
    assert hall.inbox(PHONE) == ["ө" * 71]


def test_message_under_way_is_neither_deleted_nor_redacted(
    hall: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """20009 until it has got as far as it will."""
    monkeypatch.setattr(hall.exchange.post, "dispatch", lambda message: None)
    sid = send(hall).sid
    assert refused(hall.client.messages(sid).delete) == (409, 20009)
    assert refused(lambda: hall.client.messages(sid).update(body="")) == (409, 20009)
    assert hall.client.messages(sid).fetch().body == "ө" * 71


@pytest.mark.parametrize("queued", [True, False])
def test_message_is_not_canceled_unless_it_is_scheduled(
    hall: Any, monkeypatch: pytest.MonkeyPatch, queued: bool
) -> None:
    """30409, for a queued one too: only scheduled messages can be canceled."""
    if queued:
        monkeypatch.setattr(hall.exchange.post, "dispatch", lambda message: None)
    sid = send(hall).sid
    assert hall.exchange.drain()
    assert refused(lambda: hall.client.messages(sid).update(status="canceled")) == (409, 30409)


@pytest.mark.parametrize(
    "form", [{}, {"Body": "other"}, {"Status": "sent"}, {"Body": "", "Status": "canceled"}, {"To": PHONE}]
)
def test_message_takes_no_other_change(hall: Any, form: dict[str, str]) -> None:
    """30400: an empty Body or Status=canceled, not both."""
    sid = send(hall).sid
    assert hall.exchange.drain()
    response = ask(hall, "POST", f"Messages/{sid}.json", data=form)
    assert (response.status_code, response.json()["code"]) == (400, 30400)
    assert hall.client.messages(sid).fetch().body == "ө" * 71


def test_failed_message_says_why_in_words(hall: Any) -> None:
    """error_message goes with error_code: null while all is well, else what Twilio's dictionary says."""
    assert send(hall).error_message is None
    assert hall.exchange.drain()
    for code, words in ((30003, "Unreachable destination handset"), (30999, "Unknown error")):
        hall.ask("POST", "/faults", body={"kind": "text-undelivered", "error_code": code})
        sid = send(hall).sid
        assert hall.exchange.drain()
        message = hall.client.messages(sid).fetch()
        assert (message.status, message.error_code, message.error_message) == ("undelivered", code, words)
        assert message.price is None


def test_call_is_deleted_once_it_is_over(hall: Any) -> None:
    """20009 while it rings or lasts; then 204, 404 and no list that shows it."""
    call = hall.client.calls.create(to=PHONE, from_=NUMBER, twiml=GATHER)
    assert hall.exchange.drain()
    assert refused(hall.client.calls(call.sid).delete) == (409, 20009)
    hall.act("answer", PHONE)
    assert refused(hall.client.calls(call.sid).delete) == (409, 20009)
    hall.act("hangup", PHONE)
    assert hall.client.calls(call.sid).delete() is True
    assert refused(hall.client.calls(call.sid).fetch) == (404, 20404)
    assert refused(lambda: hall.client.calls(call.sid).update(status="completed")) == (404, 20404)
    assert hall.client.calls.list() == []


def test_calls_are_filtered_by_the_days_they_start_and_end(hall: Any) -> None:
    """StartTime and EndTime with their comparisons, the day included; a call that goes on has no end yet."""
    over = hall.client.calls.create(to=PHONE, from_=NUMBER, twiml=GATHER)
    assert hall.exchange.drain()
    hall.act("answer", PHONE)
    hall.act("hangup", PHONE)
    hall.act("dial", "+996700222222")
    hall.customer.answer("/voice", "<Gather/>")
    today = datetime.now(UTC).date()
    days = [(today + timedelta(days=n)).isoformat() for n in (-1, 0, 1)]

    def sids(name: str) -> list[list[str]]:
        return [
            [call["sid"] for call in ask(hall, "GET", "Calls.json", params={name: day}).json()["calls"]]
            for day in days
        ]

    both = [call.sid for call in hall.client.calls.list()]
    assert len(both) == 2
    assert sids("StartTime") == [[], both, []]
    assert sids("StartTime<") == [[], both, both]
    assert sids("StartTime>") == [both, both, []]
    assert over.sid in sids("EndTime")[1]
    assert sids("EndTime")[0] == sids("EndTime")[2] == []
    assert [over.sid in found for found in sids("EndTime<")] == [False, True, True]
    assert [over.sid in found for found in sids("EndTime>")] == [True, True, False]


@pytest.mark.parametrize("name", ["DateSent", "DateSent<", "DateSent>"])
@pytest.mark.parametrize("day", ["soon", "2026-13-01", "2026-11-26x"])
def test_day_that_is_none_is_refused(quiet_hall: Any, name: str, day: str) -> None:
    """20001 names the filter."""
    response = ask(quiet_hall, "GET", "Messages.json", params={name: day})
    assert (response.status_code, response.json()["code"]) == (400, 20001)
    assert "DateSent" in response.json()["message"]


def test_day_with_a_time_and_a_zone_is_taken_as_gmt(hall: Any) -> None:
    """Half past two at night in Moscow is still the day before in GMT."""
    send(hall)
    assert hall.exchange.drain()
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    found = ask(hall, "GET", "Messages.json", params={"DateSent": f"{tomorrow}T02:30:00+03:00"})
    assert len(found.json()["messages"]) == 1


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"PageSize": "1001"}, 20007),
        ({"PageSize": "0"}, 20001),
        ({"PageSize": "many"}, 20001),
        ({"Page": "-1"}, 20001),
        ({"Page": "²"}, 20001),
    ],
)
@pytest.mark.parametrize("resource", ["Messages.json", "Calls.json"])
def test_page_out_of_bounds_is_refused(
    quiet_hall: Any, resource: str, query: dict[str, str], code: int
) -> None:
    """A page has 1 to 1,000 records; pages are counted from 0."""
    response = ask(quiet_hall, "GET", resource, params=query)
    assert (response.status_code, response.json()["code"]) == (400, code)


def test_list_says_where_its_pages_are(hall: Any) -> None:
    """50 to a page unless told otherwise; URIs keep the filters; the first page has none before it."""
    for _ in range(3):
        send(hall)
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    plain = ask(hall, "GET", "Messages.json").json()
    assert (plain["page_size"], plain["page"], plain["start"], plain["end"]) == (50, 0, 0, 2)
    assert plain["uri"] == plain["first_page_uri"] == f"{path}?PageSize=50&Page=0"
    assert (plain["next_page_uri"], plain["previous_page_uri"]) == (None, None)
    first = ask(hall, "GET", "Messages.json", params={"From": NUMBER, "PageSize": "2"}).json()
    assert first["uri"] == f"{path}?From=%2B996555000000&PageSize=2&Page=0"
    assert first["next_page_uri"].startswith(f"{path}?From=%2B996555000000&PageSize=2&Page=1&PageToken=PASM")
    second = requests.get(hall.url + first["next_page_uri"], auth=AUTH, timeout=10).json()
    assert second["uri"] == first["next_page_uri"]
    assert second["previous_page_uri"] == first["uri"]
    assert (second["start"], second["end"], len(second["messages"])) == (2, 2, 1)


@pytest.mark.parametrize("method", ["DELETE", "HEAD", "OPTIONS", "PATCH", "PUT"])
@pytest.mark.parametrize("path", ["Messages.json", "Calls.json"])
def test_method_that_a_list_does_not_take_is_20004(quiet_hall: Any, method: str, path: str) -> None:
    """405 with what is allowed; the error JSON where a body may be."""
    response = ask(quiet_hall, method, path)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, POST")
    if method != "HEAD":
        assert response.json()["code"] == 20004


@pytest.mark.parametrize("path", [f"Messages/SM{'0' * 32}.json", f"Calls/CA{'0' * 32}.json"])
def test_method_that_a_record_does_not_take_is_20004(quiet_hall: Any, path: str) -> None:
    """PUT of one record: 405; without credentials it is 401 all the same."""
    response = ask(quiet_hall, "PUT", path)
    assert (response.status_code, response.headers["Allow"]) == (405, "DELETE, GET, POST")
    assert response.json()["code"] == 20004
    bare = requests.put(f"{quiet_hall.url}/2010-04-01/Accounts/{ACCOUNT}/{path}", timeout=5)
    assert bare.status_code == 401


@pytest.mark.parametrize("method", ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"])
def test_path_that_is_not_spoken_is_20404_by_any_method(quiet_hall: Any, method: str) -> None:
    """Nothing is there that could allow a method."""
    response = ask(quiet_hall, method, "Faxes.json")
    assert (response.status_code, response.json()["code"]) == (404, 20404)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"MediaUrl": "https://c.example/a.png"}, 21621),
        ({"MediaUrl": "a.png"}, 21620),
        ({"SendAsMms": "true"}, 21621),
        ({"ContentSid": "HX" + "0" * 32}, 21655),
        ({"ScheduleType": "fixed", "SendAt": "2030-01-01T00:00:00Z"}, 35118),
        ({"ApplicationSid": "AP" + "0" * 32}, 21218),
        ({"SmartEncoded": "true"}, 20001),
        ({"ShortenUrls": "true"}, 20001),
        ({"ContentRetention": "discard"}, 20001),
        ({"AddressRetention": "obfuscate"}, 20001),
        ({"PersistentAction": "geo:42.87,74.59"}, 20001),
    ],
)
def test_what_cannot_be_honoured_is_refused(quiet_hall: Any, form: dict[str, str], code: int) -> None:
    """Never silently left out of a text."""
    response = quiet_hall.create(**{"To": PHONE, "From": NUMBER, "Body": "hello", **form})
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert quiet_hall.client.messages.list() == []


def test_what_changes_nothing_is_accepted(hall: Any) -> None:
    """Parameters at the value that asks for nothing, and those whose effect nobody could see."""
    message = send(
        hall,
        smart_encoded=False,
        shorten_urls=False,
        send_as_mms=False,
        content_retention="retain",
        address_retention="retain",
        provide_feedback=True,
        attempt=1,
        risk_check="disable",
    )
    assert hall.inbox(PHONE) == ["ө" * 71]
    assert message.status == "queued"
