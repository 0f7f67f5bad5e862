"""What every answer of the REST API is made of: JSON, error JSON, filters, pages."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, jsonify, request

from hotline.exchange.forms import Form, RestError
from hotline.exchange.records import HasSid, Shelf

Record = TypeVar("Record", bound=HasSid)

# twilio-facts section 3 (Reconcile).
_DEFAULT_PAGE = 50
_MOST_PAGE = 1_000


def read_form() -> Form:
    """The form of the request at hand."""
    return Form(request.form.to_dict(flat=False))


def answer(body: dict[str, object], status: int = 200) -> Response:
    """A JSON answer."""
    response = jsonify(body)
    response.status_code = status
    return response


def refuse(error: RestError) -> Response:
    """Twilio's error JSON: code, message, more_info, status."""
    body: dict[str, object] = {
        "code": error.code,
        "message": error.message,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }
    return answer(body, error.status)


def find(shelf: Shelf[Record], sid: str) -> Record:
    """A record by its SID; 20404 if there is none."""
    record = shelf.get(sid)
    if record is None:
        raise RestError(20404, request.path)
    return record


def matches(wanted: str | None, actual: str) -> bool:
    """Whether a value passes a filter; None filters nothing."""
    return wanted is None or wanted == actual


def is_within(name: str, instant_utc: datetime | None) -> bool:
    """Whether a time passes the filters name, name< and name> (GMT days, both ends included)."""
    for mark, day in _read_days(name):
        if instant_utc is None:
            return False
        actual = instant_utc.date()
        if (mark == "" and actual != day) or (mark == "<" and actual > day) or (mark == ">" and actual < day):
            return False
    return True


def check_days(*names: str) -> None:
    """Refuse filters by day that are none, also where there is no record to filter."""
    for name in names:
        _read_days(name)


def _read_days(name: str) -> list[tuple[str, date]]:
    marked = [(mark, request.args.get(name + mark)) for mark in ("", "<", ">")]
    return [(mark, _read_day(name, value)) for mark, value in marked if value is not None]


def _read_day(name: str, value: str) -> date:
    """The GMT day of a date, or of a date with a time as twilio's client writes it."""
    try:
        instant = datetime.fromisoformat(value)
    except ValueError as error:
        raise RestError(20001, name) from error
    return (instant if instant.tzinfo is None else instant.astimezone(UTC)).date()


def page(
    records: Sequence[Record], name: str, describe: Callable[[Record], dict[str, object]]
) -> dict[str, object]:
    """One page of a list: PageSize from 1 to 1,000, Page from 0 on, PageToken.

    The token names the last record before the page, so that new ones shift nothing.
    """
    size = _read_count("PageSize", _DEFAULT_PAGE, 1)
    if size > _MOST_PAGE:
        raise RestError(20007)
    number = _read_count("Page", 0, 0)
    before = request.args.get("PageToken", "")[2:]
    places = [place for place, record in enumerate(records) if record.sid == before]
    start = places[0] + 1 if places else number * size
    shown = records[start : start + size]
    more = len(records) > start + size
    filters = {key: value for key, value in request.args.items() if not key.startswith("Page")}

    def link(page: int, **token: str) -> str:
        query: dict[str, Any] = {**filters, "PageSize": size, "Page": page, **token}
        return f"{request.path}?{urlencode(query)}"

    return {
        "end": start + len(shown) - 1 if shown else start,
        "first_page_uri": link(0),
        name: [describe(record) for record in shown],
        "next_page_uri": link(number + 1, PageToken=f"PA{shown[-1].sid}") if more else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": link(number - 1) if number else None,
        "start": start,
        "uri": link(number, **({"PageToken": f"PA{before}"} if before else {})),
    }


def _read_count(name: str, default: int, least: int) -> int:
    value = request.args.get(name, str(default))
    if not (value.isascii() and value.isdigit() and int(value) >= least):
        raise RestError(20001, name)
    return int(value)
