"""The owner's door: phones, the clock, what happened, and faults, as JSON for a terminal or a page.

Every request carries X-Exchange-Token; whatever is about one phone names it in X-Exchange-Phone, so that no
number is ever part of a URL. Errors are {"error": "one sentence"} with 400, 403 or 409.
"""

import hmac
from collections.abc import Callable
from dataclasses import asdict, dataclass

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from hotline.exchange.calls.call import Call
from hotline.exchange.calls.keypad import KEYS
from hotline.exchange.calls.sounds import Sounds
from hotline.exchange.calls.switchboard import NotPossibleError, Switchboard
from hotline.exchange.clock import Clock
from hotline.exchange.doors.fields import (
    WrongError,
    read_fault,
    read_field,
    read_json,
    read_phone,
    read_seconds,
    read_since,
)
from hotline.exchange.faults import Faults
from hotline.exchange.journal import Journal
from hotline.exchange.lanes import Lanes
from hotline.exchange.phones import Phones
from hotline.exchange.records import Shelf
from hotline.exchange.texts.message import Message
from hotline.exchange.texts.post import Post
from hotline.exchange.timeline import Timeline

# Longer than a webhook may take with its fallback, so that an act is normally answered with what came of it.
_SETTLE_S = 40.0
# What an act caused besides (a text by key 8, a call back) is normally there when the act is answered.
_AFTERMATH_S = 3.0
# Longest one move of the clock: a year.
_MOST_SECONDS = 366 * 86_400.0
# Longest text a phone can send: ten joined parts of 160 letters, as Twilio takes them in one piece.
_MOST_LETTERS = 1_600


@dataclass(frozen=True, repr=False)
class ControlRooms:
    """What the owner's door opens on."""

    owner_token: str
    number: str
    clock: Clock
    timeline: Timeline
    lanes: Lanes
    faults: Faults
    phones: Phones
    post: Post
    switchboard: Switchboard
    calls: Shelf[Call]
    sounds: Sounds


def make_control(rooms: ControlRooms) -> Blueprint:
    """The blueprint of /exchange/...: see the rules below for what there is."""
    door = Blueprint("exchange_control", __name__, url_prefix="/exchange")
    desk = _Desk(rooms)
    door.before_request(desk.check_token)
    door.register_error_handler(WrongError, lambda error: _refuse(400, str(error)))
    door.register_error_handler(NotPossibleError, lambda error: _refuse(409, str(error)))
    door.register_error_handler(
        HTTPException, lambda error: _refuse(400, error.description or "Not understood.")
    )
    rules: list[tuple[str, Callable[..., Response], str]] = [
        ("/state", desk.tell_state, "GET"),
        ("/clock", desk.move_clock, "POST"),
        ("/phone", desk.tell_phone, "GET"),
        ("/phone/inbox", desk.tell_inbox, "GET"),
        ("/phone/text", desk.send_text, "POST"),
        ("/phone/dial", desk.dial, "POST"),
        ("/phone/press", desk.press, "POST"),
        ("/phone/silence", desk.stay_silent, "POST"),
        ("/phone/hangup", desk.hang_up, "POST"),
        ("/phone/answer", desk.answer, "POST"),
        ("/phone/reject", desk.reject, "POST"),
        ("/phone/ignore", desk.ignore, "POST"),
        ("/calls/<sid>", desk.tell_call, "GET"),
        ("/calls/<sid>/sound.wav", desk.give_sound, "GET"),
        ("/messages/<sid>", desk.tell_message, "GET"),
        ("/faults", desk.tell_faults, "GET"),
        ("/faults", desk.order_fault, "POST"),
        ("/faults", desk.clear_faults, "DELETE"),
        *(("/<path:rest>", desk.find_nothing, method) for method in ("GET", "POST", "PUT", "DELETE")),
    ]
    for path, view, method in rules:
        door.add_url_rule(path, f"{view.__name__}_{method}", view, methods=[method])
    return door


class _Desk:
    def __init__(self, rooms: ControlRooms) -> None:
        self._rooms = rooms

    def check_token(self) -> Response | None:
        given = request.headers.get("X-Exchange-Token", "")
        if hmac.compare_digest(given.encode(), self._rooms.owner_token.encode()):
            return None
        return _refuse(403, "The owner's token is missing or wrong.")

    def tell_state(self) -> Response:
        rooms = self._rooms
        return jsonify(
            now_utc=rooms.clock.now().isoformat(),
            number=rooms.number,
            phones=[self._describe_phone(phone.number) for phone in rooms.phones.all()],
            faults=[asdict(order) for order in rooms.faults.pending()],
        )

    def move_clock(self) -> Response:
        seconds = read_seconds("seconds")
        if seconds is None or seconds > _MOST_SECONDS:
            raise WrongError("Name how many seconds to move the clock, at most a year.")
        if not self._rooms.timeline.advance(seconds):
            return _refuse(409, "The clock is already being moved.")
        return jsonify(now_utc=self._rooms.clock.now().isoformat())

    def tell_phone(self) -> Response:
        return jsonify(self._describe_phone(read_phone()))

    def tell_inbox(self) -> Response:
        phone = self._rooms.phones.get(read_phone())
        sids = list(phone.inbox)
        first = phone.arrived - len(sids)
        since = max(read_since() - first, 0)
        found = [self._rooms.post.messages.get(sid) for sid in sids[since:]]
        texts = [_describe_text(message) for message in found if message is not None]
        return jsonify(messages=texts, next=phone.arrived)

    def send_text(self) -> Response:
        number, body = read_phone(), read_field("body")
        if not 0 < len(body) <= _MOST_LETTERS:
            raise WrongError(f"A text has 1 to {_MOST_LETTERS} characters.")
        message = self._rooms.post.send_from_phone(number, body)
        self._rooms.lanes.wait_idle(f"phone:{number}", timeout_s=_SETTLE_S)
        self._rooms.lanes.wait_idle(f"text:{number}", timeout_s=_SETTLE_S)
        self._rooms.lanes.wait_idle(timeout_s=_AFTERMATH_S)
        return jsonify(sid=message.sid, segments=message.segments)

    def dial(self) -> Response:
        number = read_phone()
        withheld = read_json().get("withheld") is True
        return self._tell_after(lambda: self._rooms.switchboard.dial(number, withheld=withheld))

    def press(self) -> Response:
        number, keys, after_s = read_phone(), read_field("keys"), read_seconds("after_s")
        if not keys or not set(keys) <= KEYS:
            raise WrongError("Keys are 0 to 9, * and #.")
        return self._tell_after(lambda: self._rooms.switchboard.press(number, keys, after_s))

    def stay_silent(self) -> Response:
        number = read_phone()
        return self._tell_after(lambda: self._rooms.switchboard.stay_silent(number))

    def hang_up(self) -> Response:
        number, after_s = read_phone(), read_seconds("after_s")
        return self._tell_after(lambda: self._rooms.switchboard.hang_up(number, after_s))

    def answer(self) -> Response:
        number = read_phone()
        return self._tell_after(lambda: self._rooms.switchboard.answer(number))

    def reject(self) -> Response:
        number = read_phone()
        return self._tell_after(lambda: self._rooms.switchboard.refuse(number))

    def ignore(self) -> Response:
        number = read_phone()
        return self._tell_after(lambda: self._rooms.switchboard.refuse(number, "no-answer"))

    def tell_call(self, sid: str) -> Response:
        return jsonify(self._describe_call(self._find_call(sid)))

    def give_sound(self, sid: str) -> Response:
        heard = [entry.facts for entry in self._find_call(sid).journal.of_kind("heard")]
        return Response(self._rooms.sounds.compose(heard), mimetype="audio/wav")

    def tell_message(self, sid: str) -> Response:
        message = self._rooms.post.messages.get(sid)
        if message is None:
            raise WrongError("There is no such message.")
        return jsonify(
            **_describe_text(message), direction=message.direction, events=_list_events(message.journal)
        )

    def tell_faults(self) -> Response:
        return jsonify(faults=[asdict(order) for order in self._rooms.faults.pending()])

    def order_fault(self) -> Response:
        self._rooms.faults.order(read_fault())
        return self.tell_faults()

    def clear_faults(self) -> Response:
        self._rooms.faults.clear()
        return self.tell_faults()

    def find_nothing(self, **path: str) -> Response:  # noqa: ARG002 - Flask hands in the path
        raise WrongError("The exchange has nothing under this name.")

    def _tell_after(self, act: Callable[[], Call]) -> Response:
        """Do something with a call, let it come to rest, tell its new events."""
        call = act()
        for sid in (call.sid, call.parent_sid, call.leg_sid):
            if sid is not None:
                self._rooms.lanes.wait_idle(sid, timeout_s=_SETTLE_S)
        self._rooms.lanes.wait_idle(timeout_s=_AFTERMATH_S)
        return jsonify(self._describe_call(call))

    def _find_call(self, sid: str) -> Call:
        call = self._rooms.calls.get(sid)
        if call is None:
            raise WrongError("There is no such call.")
        return call

    def _describe_phone(self, number: str) -> dict[str, object]:
        phone = self._rooms.phones.get(number)
        ringing = self._rooms.calls.get(phone.ringing_sid or "")
        return {
            "phone": number,
            "call": phone.call_sid,
            "last_call": phone.last_call_sid,
            "ringing": None if ringing is None else {"sid": ringing.sid, "from": ringing.from_number},
            "arrived": phone.arrived,
        }

    def _describe_call(self, call: Call) -> dict[str, object]:
        listen = self._rooms.switchboard.waiting(call)
        return {
            "sid": call.sid,
            "status": call.status,
            "direction": call.direction,
            "seconds": call.duration_s,
            "waiting": None if listen is None else asdict(listen),
            "events": _list_events(call.journal),
        }


def _describe_text(message: Message) -> dict[str, object]:
    return {
        "sid": message.sid,
        "from": message.from_number,
        "to": message.to_number,
        "body": message.body,
        "segments": message.segments,
        "status": message.status,
        "error_code": message.error_code,
        "created_utc": message.created_at.isoformat(),
        "updated_utc": message.updated_at.isoformat(),
    }


def _list_events(journal: Journal) -> list[dict[str, object]]:
    return [entry.as_json() for entry in journal.since(read_since())]


def _refuse(status: int, sentence: str) -> Response:
    response = jsonify(error=sentence)
    response.status_code = status
    return response
