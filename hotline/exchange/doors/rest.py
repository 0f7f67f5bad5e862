"""The REST door: the part of Twilio's API about messages, calls and recordings."""

import hmac
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from hotline.exchange.account import API_VERSION, Account
from hotline.exchange.calls.call import Call
from hotline.exchange.calls.recorder import Recorder
from hotline.exchange.calls.switchboard import Switchboard
from hotline.exchange.doors.answers import refuse
from hotline.exchange.doors.mishaps import Mishaps
from hotline.exchange.doors.resources import ALL_METHODS
from hotline.exchange.doors.rest_calls import CallsDesk
from hotline.exchange.doors.rest_messages import MessagesDesk
from hotline.exchange.doors.rest_recordings import OPEN_ENDPOINT, RecordingsDesk
from hotline.exchange.faults import Faults
from hotline.exchange.forms import RestError
from hotline.exchange.records import Shelf
from hotline.exchange.texts.post import Post
from hotline.exchange.wire import Wire

_NAME = "exchange_rest"
# What the wire keeps of one request: a text of ten parts fits, and 2,000 of them fill no memory.
_MOST_KEPT_BYTES = 4_096


@dataclass(frozen=True)
class RestRooms:
    """What the REST door opens on. closed: set when the exchange shuts, so that a hang ends."""

    account: Account
    faults: Faults
    post: Post
    switchboard: Switchboard
    calls: Shelf[Call]
    wire: Wire
    recorder: Recorder
    closed: threading.Event


def make_rest(rooms: RestRooms) -> Blueprint:
    """The blueprint of /2010-04-01/...: Basic auth with account SID and auth token, Twilio's JSON."""
    door = Blueprint(_NAME, __name__, url_prefix=f"/{API_VERSION}")
    door.before_request(lambda: _authenticate(rooms.account))
    door.register_error_handler(RestError, refuse)
    door.after_request(lambda response: _tell(rooms.wire, response))
    base = "/Accounts/<account_sid>"
    mishaps = Mishaps(rooms.faults, rooms.closed)
    MessagesDesk(rooms.account, rooms.post).add_rules(door, base, mishaps)
    CallsDesk(rooms.account, rooms.calls, rooms.switchboard).add_rules(door, base, mishaps)
    RecordingsDesk(rooms.account, rooms.calls, rooms.recorder).add_rules(door, base, mishaps)
    door.add_url_rule("/<path:rest>", "find_nothing", _find_nothing, methods=ALL_METHODS)
    return door


def _authenticate(account: Account) -> Response | None:
    """Names of the account in the path are checked with the credentials."""
    if request.endpoint == f"{_NAME}.{OPEN_ENDPOINT}":
        return None
    given = request.authorization
    user, password = (given.username or "", given.password or "") if given is not None else ("", "")
    if not _same(user, account.sid) or not _same(password, account.auth_token):
        response = refuse(RestError(20003))
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
        return response
    if (request.view_args or {}).get("account_sid", account.sid) != account.sid:
        raise RestError(20404, request.path)
    return None


def _tell(wire: Wire, response: Response) -> Response:
    """Let whoever watches the wire see what the customer, nobody else, asked and was answered."""
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        return response
    path = request.path.rpartition("/Accounts/")[2].partition("/")[2]
    asked = {"path": path[:_MOST_KEPT_BYTES], "form": _keep({**request.args, **_sent_form()})}
    answer = None if response.is_streamed else _keep(response.get_json(silent=True))
    facts = {**asked, "status": response.status_code, "answer": answer}
    wire.tell("rest", request.method, facts)
    return response


def _sent_form() -> Mapping[str, str]:
    """The form, or nothing of one that is more than this server reads."""
    try:
        return request.form
    except RequestEntityTooLarge:
        return {}


def _keep(told: object) -> object:
    """What was sent, or how much it was where it is too much to keep."""
    size_bytes = len(json.dumps(told))
    return told if size_bytes <= _MOST_KEPT_BYTES else {"not kept": f"{size_bytes} bytes"}


def _find_nothing(**path: str) -> Response:  # noqa: ARG001 - Flask hands in the path
    raise RestError(20404, request.path)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
