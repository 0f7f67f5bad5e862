"""The owner's door: phones, the clock, what happened, and faults, as JSON for a terminal or a page.

Every request carries X-Exchange-Token; whatever is about one phone names it in X-Exchange-Phone, so that no
number is ever part of a URL. Errors are {"error": "one sentence"} with 400, 403 or 409.
"""

import hmac
import threading
from collections.abc import Callable
from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from hotline.exchange.calls.call import Call
from hotline.exchange.calls.switchboard import NotPossibleError
from hotline.exchange.doors.describing import (
    ControlRooms,
    describe_call,
    describe_phone,
    describe_text,
    list_events,
)
from hotline.exchange.doors.fields import (
    WrongError,
    read_fault,
    read_seconds,
    read_since,
    read_wait,
)
from hotline.exchange.doors.phone_desk import PhoneDesk
from hotline.exchange.faults import FaultKind

# Each watcher that waits holds one of the server's threads.
_MOST_WATCHERS = 4
_LONGEST_WAIT_S = 25.0


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
        ("/wire", desk.tell_wire, "GET"),
        ("/clock", desk.move_clock, "POST"),
        ("/calls/<sid>", desk.tell_call, "GET"),
        ("/calls/<sid>/sound.wav", desk.give_sound, "GET"),
        ("/messages/<sid>", desk.tell_message, "GET"),
        ("/faults", desk.tell_faults, "GET"),
        ("/faults", desk.order_fault, "POST"),
        ("/faults", desk.clear_faults, "DELETE"),
        *(("/<path:rest>", desk.find_nothing, method) for method in ("GET", "POST", "PUT", "DELETE")),
    ]
    PhoneDesk(rooms).add_rules(door)
    for path, view, method in rules:
        door.add_url_rule(path, f"{view.__name__}_{method}", view, methods=[method])
    return door


class _Desk:
    def __init__(self, rooms: ControlRooms) -> None:
        self._rooms = rooms
        self._watchers = threading.Semaphore(_MOST_WATCHERS)

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
            told=rooms.wire.told,
            phones=[describe_phone(rooms, phone.number) for phone in rooms.phones.all()],
            fault_kinds=list(FaultKind),
            faults=[asdict(order) for order in rooms.faults.pending()],
        )

    def tell_wire(self) -> Response:
        """What happened since, waiting for it as long as asked; too many who wait are answered at once."""
        since, wait_s = read_since(), read_wait(_LONGEST_WAIT_S)
        may_wait = self._watchers.acquire(blocking=False)
        try:
            happenings = self._rooms.wire.since(since, wait_s if may_wait else 0.0)
        finally:
            if may_wait:
                self._watchers.release()
        return jsonify(
            happenings=[happening.as_json() for happening in happenings],
            next=happenings[-1].n if happenings else since,
            now_utc=self._rooms.clock.now().isoformat(),
            waited=may_wait,
        )

    def move_clock(self) -> Response:
        seconds = read_seconds("seconds")
        if seconds is None:
            raise WrongError("Name how many seconds to move the clock, at most a year.")
        if not self._rooms.timeline.advance(seconds):
            return _refuse(409, "The clock is already being moved.")
        now_utc = self._rooms.clock.now().isoformat()
        self._rooms.wire.tell("clock", "moved", {"seconds": seconds})
        return jsonify(now_utc=now_utc)

    def tell_call(self, sid: str) -> Response:
        return jsonify(describe_call(self._rooms, self._find_call(sid)))

    def give_sound(self, sid: str) -> Response:
        heard = [entry.facts for entry in self._find_call(sid).journal.of_kind("heard")]
        return Response(self._rooms.sounds.compose(heard), mimetype="audio/wav")

    def tell_message(self, sid: str) -> Response:
        message = self._rooms.post.messages.get(sid)
        if message is None:
            raise WrongError("There is no such message.")
        return jsonify(
            **describe_text(message), direction=message.direction, events=list_events(message.journal)
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

    def _find_call(self, sid: str) -> Call:
        call = self._rooms.calls.get(sid)
        if call is None:
            raise WrongError("There is no such call.")
        return call


def _refuse(status: int, sentence: str) -> Response:
    response = jsonify(error=sentence)
    response.status_code = status
    return response
