"""The REST door: the part of Twilio's API that makes, lists, fetches and changes messages and calls."""

import hmac
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request

from hotline.exchange.account import API_VERSION, Account
from hotline.exchange.calls import Call, describe_call
from hotline.exchange.faults import REST_FAULTS, FaultKind, Faults, Order
from hotline.exchange.messages import describe_message
from hotline.exchange.orders import Form, RestError, read_call_order, read_source, read_text_order
from hotline.exchange.post import Post
from hotline.exchange.records import HasSid, Shelf
from hotline.exchange.switchboard import Switchboard

Record = TypeVar("Record", bound=HasSid)

# twilio-facts section 3 (Reconcile).
_DEFAULT_PAGE = 50
_MOST_PAGE = 1_000


@dataclass(frozen=True)
class RestRooms:
    """What the REST door opens on. closed: set when the exchange shuts, so that a hang ends."""

    account: Account
    faults: Faults
    post: Post
    switchboard: Switchboard
    calls: Shelf[Call]
    closed: threading.Event


def make_rest(rooms: RestRooms) -> Blueprint:
    """The blueprint of /2010-04-01/...: Basic auth with account SID and auth token, Twilio's JSON."""
    door = Blueprint("exchange_rest", __name__, url_prefix=f"/{API_VERSION}")
    desk = _Desk(rooms)
    door.before_request(desk.authenticate)
    door.register_error_handler(RestError, _refuse)
    account = "/Accounts/<account_sid>"
    for path, view, methods in (
        (f"{account}/Messages.json", desk.create_message, ["POST"]),
        (f"{account}/Messages.json", desk.list_messages, ["GET"]),
        (f"{account}/Messages/<sid>.json", desk.fetch_message, ["GET"]),
        (f"{account}/Calls.json", desk.create_call, ["POST"]),
        (f"{account}/Calls.json", desk.list_calls, ["GET"]),
        (f"{account}/Calls/<sid>.json", desk.fetch_call, ["GET"]),
        (f"{account}/Calls/<sid>.json", desk.update_call, ["POST"]),
        ("/<path:rest>", desk.find_nothing, ["GET", "POST", "PUT", "DELETE"]),
    ):
        door.add_url_rule(path, view.__name__, view, methods=methods)
    return door


class _Desk:
    """The views. Names of the account in the path are checked with the credentials."""

    def __init__(self, rooms: RestRooms) -> None:
        self._rooms = rooms

    def authenticate(self) -> Response | None:
        account, given = self._rooms.account, request.authorization
        user, password = (given.username or "", given.password or "") if given is not None else ("", "")
        if not _same(user, account.sid) or not _same(password, account.auth_token):
            response = _refuse(RestError(20003))
            response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
            return response
        if (request.view_args or {}).get("account_sid", account.sid) != account.sid:
            raise RestError(20404, request.path)
        return None

    def create_message(self, account_sid: str) -> Response:
        def act() -> Response:
            order = read_text_order(_read_form(), self._rooms.account)
            if self._rooms.post.is_blocked(order.to_number):
                raise RestError(21610)
            message = self._rooms.post.prepare(order)
            response = _answer(describe_message(message, account_sid), 201)
            self._rooms.post.dispatch(message)
            return response

        return self._carry_out(act)

    def list_messages(self, account_sid: str) -> Response:
        wanted = [
            message
            for message in self._rooms.post.messages.newest_first()
            if _matches(request.args.get("To"), message.to_number)
            and _matches(request.args.get("From"), message.from_number)
            and _is_within("DateSent", message.sent_at)
        ]
        return _answer(_page(wanted, "messages", lambda message: describe_message(message, account_sid)))

    def fetch_message(self, account_sid: str, sid: str) -> Response:
        return _answer(describe_message(_find(self._rooms.post.messages, sid), account_sid))

    def create_call(self, account_sid: str) -> Response:
        def act() -> Response:
            call = self._rooms.switchboard.prepare(read_call_order(_read_form(), self._rooms.account))
            response = _answer(describe_call(call, account_sid), 201)
            self._rooms.switchboard.dispatch(call)
            return response

        return self._carry_out(act)

    def list_calls(self, account_sid: str) -> Response:
        wanted = [
            call
            for call in self._rooms.calls.newest_first()
            if _matches(request.args.get("To"), call.to_number)
            and _matches(request.args.get("From"), call.from_number)
            and _matches(request.args.get("Status"), call.status)
            and _matches(request.args.get("ParentCallSid"), call.parent_sid or "")
            and _is_within("StartTime", call.started_at)
            and _is_within("EndTime", call.ended_at)
        ]
        return _answer(_page(wanted, "calls", lambda call: describe_call(call, account_sid)))

    def fetch_call(self, account_sid: str, sid: str) -> Response:
        return _answer(describe_call(_find(self._rooms.calls, sid), account_sid))

    def update_call(self, account_sid: str, sid: str) -> Response:
        def act() -> Response:
            call = _find(self._rooms.calls, sid)
            status, source = request.form.get("Status", ""), read_source(_read_form())
            if call.is_over:
                raise RestError(21220)
            if status not in ("", "completed", "canceled"):
                raise RestError(20001, "Status")
            if status:
                self._rooms.switchboard.end(call, live_too=status == "completed")
            elif source is not None:
                self._rooms.switchboard.take_over(call, source)
            return _answer(describe_call(call, account_sid))

        return self._carry_out(act)

    def find_nothing(self, **path: str) -> Response:  # noqa: ARG002 - Flask hands in the path
        raise RestError(20404, request.path)

    def _carry_out(self, act: Callable[[], Response]) -> Response:
        """A change, unless a fault was ordered for it."""
        order = self._rooms.faults.take(REST_FAULTS, to=request.form.get("To", ""))
        if order is None:
            return act()
        if order.kind is FaultKind.REST_429:
            return _refuse_for_a_while(order)
        if order.kind is FaultKind.REST_500:
            raise RestError(20500)
        if order.kind is FaultKind.REST_HANG:
            self._rooms.closed.wait(order.seconds)
            return act()
        act()
        return _lose_answer()


def _read_form() -> Form:
    return Form(request.form.to_dict(flat=False))


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _answer(body: dict[str, object], status: int = 200) -> Response:
    response = jsonify(body)
    response.status_code = status
    return response


def _refuse(error: RestError) -> Response:
    body: dict[str, object] = {
        "code": error.code,
        "message": error.message,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }
    return _answer(body, error.status)


def _refuse_for_a_while(order: Order) -> Response:
    response = _refuse(RestError(20429))
    if order.seconds:
        response.headers["Retry-After"] = str(round(order.seconds))
    return response


def _lose_answer() -> Response:
    """Break the connection off: before the first byte where the server shows its socket, else after it."""
    connection = request.environ.get("werkzeug.socket") or request.environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
        return Response(status=201)

    def stumble() -> Iterator[bytes]:
        yield b"{"
        raise ConnectionAbortedError

    return Response(stumble(), 201, {"Content-Type": "application/json", "Content-Length": "1000"})


def _find(shelf: Shelf[Record], sid: str) -> Record:
    record = shelf.get(sid)
    if record is None:
        raise RestError(20404, request.path)
    return record


def _matches(wanted: str | None, actual: str) -> bool:
    return wanted is None or wanted == actual


def _is_within(name: str, instant_utc: datetime | None) -> bool:
    """Whether a time passes the filters name, name< and name> (GMT days, both ends included)."""
    for mark in ("", "<", ">"):
        value = request.args.get(name + mark)
        if value is None:
            continue
        day = _read_day(name, value)
        if instant_utc is None:
            return False
        actual = instant_utc.date()
        if (mark == "" and actual != day) or (mark == "<" and actual > day) or (mark == ">" and actual < day):
            return False
    return True


def _read_day(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value[:10])
    except ValueError as error:
        raise RestError(20001, name) from error


def _page(
    records: Sequence[Record], name: str, describe: Callable[[Record], dict[str, object]]
) -> dict[str, object]:
    """One page of a list. The token names the last record before the page, so that new ones shift nothing."""
    size = min(max(request.args.get("PageSize", _DEFAULT_PAGE, int), 1), _MOST_PAGE)
    number = max(request.args.get("Page", 0, int), 0)
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
        "uri": f"{request.path}?{urlencode(list(request.args.items()))}",
    }
