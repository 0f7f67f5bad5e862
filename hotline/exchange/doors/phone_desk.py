"""The owner's door, a telephone in hand: everything about one phone, named in X-Exchange-Phone."""

from collections.abc import Callable
from dataclasses import asdict

from flask import Blueprint, Response, jsonify

from hotline.exchange.calls.call import Call
from hotline.exchange.calls.keypad import KEYS
from hotline.exchange.calls.switchboard import NotPossibleError
from hotline.exchange.doors.describing import ControlRooms, describe_call, describe_phone, describe_text
from hotline.exchange.doors.fields import (
    WrongError,
    check_recipient,
    read_condition,
    read_field,
    read_flag,
    read_phone,
    read_seconds,
    read_since,
)
from hotline.exchange.phones import Condition
from hotline.exchange.texts.segments import measure

# Longer than a webhook may take with its fallback, so that an act is normally answered with what came of it.
_SETTLE_S = 40.0
# What an act caused besides (a text by key 8, a call back) is normally there when the act is answered.
_AFTERMATH_S = 3.0
# Texts that a page shows of one phone.
_MOST_IN_THREAD = 100
# Longest text a phone can send: ten joined parts of 160 letters, as Twilio takes them in one piece.
_MOST_LETTERS = 1_600
# Longest speech in one piece: as long as a Record listens unless told otherwise.
_MOST_SPOKEN_S = 3_600.0


class PhoneDesk:
    """The views under /exchange/phone."""

    def __init__(self, rooms: ControlRooms) -> None:
        self._rooms = rooms

    def add_rules(self, door: Blueprint) -> None:
        """Add the routes."""
        for path, view, method in (
            ("", self.tell_phone, "GET"),
            ("/inbox", self.tell_inbox, "GET"),
            ("/thread", self.tell_thread, "GET"),
            ("/ledger", self.tell_ledger, "GET"),
            ("/measure", self.measure_text, "POST"),
            ("/text", self.send_text, "POST"),
            ("/dial", self.dial, "POST"),
            ("/press", self.press, "POST"),
            ("/speak", self.speak, "POST"),
            ("/silence", self.stay_silent, "POST"),
            ("/hangup", self.hang_up, "POST"),
            ("/answer", self.answer, "POST"),
            ("/reject", self.reject, "POST"),
            ("/ignore", self.ignore, "POST"),
            ("/tape", self.tell_tape, "GET"),
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

    def tell_thread(self) -> Response:
        """The last texts from and to a phone, oldest first: those too that have not arrived, none deleted."""
        number = read_phone()
        kept, _ = self._rooms.phones.get(number).list_inbox()
        texts = [
            {**describe_text(message), "incoming": message.to_number == number}
            for message in self._rooms.post.messages.newest_first()
            if message.from_number == number
            or (message.to_number == number and (message.status != "delivered" or message.sid in kept))
        ]
        return jsonify(texts=texts[:_MOST_IN_THREAD][::-1])

    def tell_ledger(self) -> Response:
        """What the customer plans to send to a phone, as the customer tells it."""
        return jsonify(rows=list(self._rooms.ledger(read_phone())))

    def measure_text(self) -> Response:
        """What a text would take on the air while it is being written."""
        return jsonify(asdict(measure(read_field("body"))))

    def send_text(self) -> Response:
        number, body = read_phone(), read_field("body")
        if not 0 < len(body) <= _MOST_LETTERS:
            raise WrongError(f"A text has 1 to {_MOST_LETTERS} characters.")
        check_recipient(self._rooms.number)
        self._need_power(number)
        message = self._rooms.post.send_from_phone(number, body)
        self._rooms.lanes.wait_idle(f"phone:{number}", timeout_s=_SETTLE_S)
        self._rooms.lanes.wait_idle(f"text:{number}", timeout_s=_SETTLE_S)
        self._rooms.lanes.wait_idle(timeout_s=_AFTERMATH_S)
        return jsonify(sid=message.sid, segments=message.segments)

    def dial(self) -> Response:
        number = read_phone()
        withheld, real_time = read_flag("withheld"), read_flag("real_time")
        self._need_power(number)
        return self._tell_after(
            lambda: self._rooms.switchboard.dial(number, withheld=withheld, real_time=real_time)
        )

    def press(self) -> Response:
        number, keys, after_s = read_phone(), read_field("keys"), read_seconds("after_s")
        if not keys or not set(keys) <= KEYS:
            raise WrongError("Keys are 0 to 9, * and #.")
        return self._tell_after(lambda: self._rooms.switchboard.press(number, keys, after_s))

    def speak(self) -> Response:
        number, seconds, after_s = read_phone(), read_seconds("seconds"), read_seconds("after_s")
        if not seconds or seconds > _MOST_SPOKEN_S:
            raise WrongError("Name how many seconds to speak, more than 0 and at most an hour.")
        return self._tell_after(lambda: self._rooms.switchboard.speak(number, seconds, after_s))

    def tell_tape(self) -> Response:
        number = read_phone()
        calls = [call for call in reversed(self._rooms.calls.newest_first()) if call.phone == number]
        return jsonify(
            tape=[
                {"call": call.sid, **entry.facts} for call in calls for entry in call.journal.of_kind("taped")
            ]
        )

    def stay_silent(self) -> Response:
        number = read_phone()
        return self._tell_after(lambda: self._rooms.switchboard.stay_silent(number))

    def hang_up(self) -> Response:
        number, after_s = read_phone(), read_seconds("after_s")
        return self._tell_after(lambda: self._rooms.switchboard.hang_up(number, after_s))

    def answer(self) -> Response:
        number, real_time = read_phone(), read_flag("real_time")
        return self._tell_after(lambda: self._rooms.switchboard.answer(number, real_time=real_time))

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
