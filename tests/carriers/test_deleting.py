"""Records at the carrier: deleted one by one, found by number and by age; against a real HTTP server."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from hotline.carriers.base import CarrierUnavailableError, UnderWayError
from hotline.carriers.twilio import TwilioCarrier
from tests.carriers.test_recorded import empty
from tests.carriers.test_twilio import (
    ACCOUNT,
    HOTLINE,
    PHONE,
    Answer,
    Handler,
    Server,
    carrier,
    cut_off,
    refuse,
    server,
)

__all__ = ["carrier", "server"]  # fixtures

TEXT, MEDIA, CALL = "SM" + "1" * 32, "MM" + "1" * 32, "CA" + "2" * 32
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sid", "resource"), [(TEXT, "Messages"), (CALL, "Calls"), ("MM" + "1" * 32, "Messages")]
)
def test_record_is_deleted(server: Server, carrier: TwilioCarrier, sid: str, resource: str) -> None:
    """One DELETE; one that is gone already is deleted too."""
    server.answer = empty(204)
    carrier.delete_copy(sid)
    assert [path for path, *_ in server.requests] == [f"/2010-04-01/Accounts/{ACCOUNT}/{resource}/{sid}.json"]
    server.answer = refuse(404, 20404)
    carrier.delete_copy(sid)


def test_record_under_way_is_told_apart(server: Server, carrier: TwilioCarrier) -> None:
    """Twilio's 20009: to be asked again later, and no reason to ask nothing else."""
    server.answer = refuse(409, 20009)
    with pytest.raises(UnderWayError):
        carrier.delete_copy(TEXT)


@pytest.mark.parametrize(
    "answer", [cut_off, refuse(401, 20003), refuse(429, 20429), refuse(500, None), refuse(302, None)]
)
def test_record_that_cannot_be_deleted_now_is_told(
    server: Server, carrier: TwilioCarrier, answer: Answer
) -> None:
    """It is not taken for deleted; one request, no redirect."""
    server.answer = answer
    with pytest.raises(CarrierUnavailableError):
        carrier.delete_copy(TEXT)
    assert len(server.requests) == 1


@pytest.mark.parametrize("sid", ["", "SM1", "../Messages", TEXT + "/..", "RE" + "1" * 32, f"{CALL}\n"])
def test_nothing_but_a_sid_makes_an_address(server: Server, carrier: TwilioCarrier, sid: str) -> None:
    """It goes into a path that is asked with the account's credentials."""
    with pytest.raises(ValueError, match="SID"):
        carrier.delete_copy(sid)
    assert server.requests == []


def records(handler: Handler) -> None:
    """Each list has one record of noon and one of a minute later; a single text is from PHONE, inbound."""
    path, _, query = handler.path.partition("?")
    resource = path.split("/")[4].removesuffix(".json")
    if len(path.split("/")) > 5:
        handler.reply(200, json.dumps({"sid": TEXT, "direction": "inbound", "from": PHONE, "to": HOTLINE}))
        return
    end = "to" if "To" in parse_qs(query) else "from"
    listed = [
        {
            "sid": f"{resource} {end} {minute}",
            "date_created": format_datetime(NOON + timedelta(minutes=minute)),
        }
        for minute in (0, 1)
    ]
    handler.reply(200, json.dumps({resource.lower(): listed, "next_page_uri": None, "page": 0}))


def test_everything_of_a_number_is_found_by_one_of_its_records(
    server: Server, carrier: TwilioCarrier
) -> None:
    """Texts and calls from it and to it, until an instant; the number itself is in no address of ours."""
    server.answer = records
    found = carrier.copies_with(TEXT, NOON)
    assert found == ["Messages from 0", "Messages to 0", "Calls from 0", "Calls to 0"]


@pytest.mark.parametrize("number", ["anonymous", "", HOTLINE])
def test_record_without_a_number_leads_nowhere(server: Server, carrier: TwilioCarrier, number: str) -> None:
    """Who withheld it is anybody; ours would be everybody's."""
    server.answer = lambda handler: handler.reply(
        200, json.dumps({"sid": TEXT, "direction": "inbound", "from": number, "to": HOTLINE})
    )
    assert carrier.copies_with(TEXT, NOON) == []
    assert len(server.requests) == 1


def test_record_that_is_gone_leads_nowhere(server: Server, carrier: TwilioCarrier) -> None:
    """404 is an answer; anything else is asked again."""
    server.answer = refuse(404, 20404)
    assert carrier.copies_with(TEXT, NOON) == []
    server.answer = refuse(500, None)
    with pytest.raises(CarrierUnavailableError):
        carrier.copies_with(TEXT, NOON)


def test_texts_of_a_sender_are_found_by_age(server: Server, carrier: TwilioCarrier) -> None:
    """Sent before an instant, as far as Twilio tells them apart, and made before it."""
    server.answer = records
    assert carrier.copies_of(HOTLINE, NOON) == ["Messages from 0", "Messages to 0"]
    first, second = (parse_qs(urlsplit(path).query) for path, *_ in server.requests)
    assert (first["From"], second["To"], first["DateSent<"]) == (
        [HOTLINE],
        [HOTLINE],
        ["2026-11-29T12:00:00Z"],
    )
    server.answer = cut_off
    with pytest.raises(CarrierUnavailableError):
        carrier.copies_of(HOTLINE, NOON)


def test_calls_of_a_number_are_found_by_age(server: Server, carrier: TwilioCarrier) -> None:
    """Begun before an instant, as far as Twilio tells them apart, and made before it."""
    server.answer = records
    assert carrier.calls_of(HOTLINE, NOON) == ["Calls from 0", "Calls to 0"]
    first, second = (parse_qs(urlsplit(path).query) for path, *_ in server.requests)
    assert (first["From"], second["To"]) == ([HOTLINE], [HOTLINE])
    assert first["StartTime<"] == second["StartTime<"] == ["2026-11-29T12:00:00Z"]
    server.answer = cut_off
    with pytest.raises(CarrierUnavailableError):
        carrier.calls_of(HOTLINE, NOON)
