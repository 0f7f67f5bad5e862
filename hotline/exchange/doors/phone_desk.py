"""The owner's door, a telephone in hand: everything about one phone, named in X-Exchange-Phone."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from hotline.exchange.calls.call import Call
from hotline.exchange.calls.keypad import KEYS
from hotline.exchange.calls.switchboard import NotPossibleError
from hotline.exchange.doors.describing import ControlRooms, describe_call, describe_phone, describe_text
from hotline.exchange.doors.fields import (
    WrongError,
    read_condition,
    read_field,
    read_json,
    read_phone,
    read_seconds,
    read_since,
)
from hotline.exchange.phones import Condition

# Longer than a webhook may take with its fallback, so that an act is normally answered with what came of it.
_SETTLE_S = 40.0
# What an act caused besides (a text by key 8, a call back) is normally there when the act is answered.
_AFTERMATH_S = 3.0
# Longest text a phone can send: ten joined parts of 160 letters, as Twilio takes them in one piece.
_MOST_LETTERS = 1_600


class PhoneDesk:
    """The views under /exchange/phone."""

    def __init__(self, rooms: ControlRooms) -> None:
        self._rooms = rooms

    def add_rules(self, door: Blueprint) -> None:
        """Add the routes."""
        for path, view, method in (
            ("", self.tell_phone, "GET"),
            ("/inbox", self.tell_inbox, "GET"),
            ("/text", self.send_text, "POST"),
            ("/dial", self.dial, "POST"),
            ("/press", self.press, "POST"),
            ("/silence", self.stay_silent, "POST"),
            ("/hangup", self.hang_up, "POST"),
            ("/answer", self.answer, "POST"),
            ("/reject", self.reject, "POST"),
            ("/ignore", self.ignore, "POST"),
            ("/condition", self.set_condition, "POST"),
            ("/delete", self.delete_text, "POST"),
        ):
            door.add_url_rule(f"/phone{path}", view.__name__, view, methods=[method])

    def set_condition(self) -> Response:
        number, condition = read_phone(), read_condition()
        phone = self._rooms.phones.get(number)
        phone.condition = condition
        if condition is Condition.OFF and phone.call_sid is not None:
            self._tell_after(lambda: self._rooms.switchboard.hang_up(number))
        return jsonify(describe_phone(self._rooms, number))

    def delete_text(self) -> Response:
        number, sid = read_phone(), read_field("sid")
        if not self._rooms.phones.get(number).delete(sid):
            raise WrongError("This phone has no such text.")
        return jsonify(describe_phone(self._rooms, number))

    def tell_phone(self) -> Response:
        return jsonify(describe_phone(self._rooms, read_phone()))

    def tell_inbox(self) -> Response:
        phone = self._rooms.phones.get(read_phone())
        sids, arrived = phone.list_inbox(read_since())
        found = [self._rooms.post.messages.get(sid) for sid in sids]
        texts = [describe_text(message) for message in found if message is not None]
        return jsonify(messages=texts, next=arrived)

    def send_text(self) -> Response:
        number, body = read_phone(), read_field("body")
        if not 0 < len(body) <= _MOST_LETTERS:
            raise WrongError(f"A text has 1 to {_MOST_LETTERS} characters.")
        self._need_power(number)
        message = self._rooms.post.send_from_phone(number, body)
        self._rooms.lanes.wait_idle(f"phone:{number}", timeout_s=_SETTLE_S)
        self._rooms.lanes.wait_idle(f"text:{number}", timeout_s=_SETTLE_S)
        self._rooms.lanes.wait_idle(timeout_s=_AFTERMATH_S)
        return jsonify(sid=message.sid, segments=message.segments)

    def dial(self) -> Response:
        number = read_phone()
        withheld = read_json().get("withheld") is True
        self._need_power(number)
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

    def _need_power(self, number: str) -> None:
        if self._rooms.phones.get(number).condition is Condition.OFF:
            raise NotPossibleError("This phone is switched off.")

    def _tell_after(self, act: Callable[[], Call]) -> Response:
        """Do something with a call, let it come to rest, tell its new events."""
        call = act()
        for sid in (call.sid, call.parent_sid, call.leg_sid):
            if sid is not None:
                self._rooms.lanes.wait_idle(sid, timeout_s=_SETTLE_S)
        self._rooms.lanes.wait_idle(timeout_s=_AFTERMATH_S)
        return jsonify(describe_call(self._rooms, call))
