"""What the owner asks for, read from the request at hand; a WrongError says what is amiss."""

from typing import Any

from flask import request

from hotline.exchange.faults import METHODS, FaultKind, Order
from hotline.exchange.numbers import is_alphanumeric, is_e164
from hotline.exchange.phones import Condition

# A fault strikes so often at most, and lasts a year at most, like a move of the clock.
MOST_TIMES = 1_000
MOST_SECONDS = 366 * 86_400.0
_MOST_ERROR_CODE = 99_999


class WrongError(Exception):
    """The owner asked for something that is not there or not well put; the text says what."""


def read_fault() -> Order:
    """A fault to order: the fields of faults.Order, kind being one of FaultKind."""
    given = read_json()
    try:
        order = Order(**{**given, "kind": FaultKind(str(given.get("kind")))})
    except (TypeError, ValueError) as error:
        raise WrongError(f"A fault's kind is one of: {', '.join(FaultKind)}.") from error
    _check_order(order)
    return order


def _check_order(order: Order) -> None:
    if not _is_whole(order.times, MOST_TIMES) or order.times < 1:
        raise WrongError(f"times of a fault is a whole number from 1 to {MOST_TIMES}.")
    if not _is_number(order.seconds, MOST_SECONDS):
        raise WrongError("seconds of a fault is a number, not below 0 and at most a year.")
    if not _is_whole(order.error_code, _MOST_ERROR_CODE):
        raise WrongError(f"error_code of a fault is a whole number from 0 to {_MOST_ERROR_CODE}.")
    if order.method not in METHODS:
        raise WrongError(f"A fault's method is one of: {', '.join(METHODS)}.")
    if order.to is not None and not is_e164(str(order.to)):
        raise WrongError("A fault's number is written like +996700123456.")


def read_phone() -> str:
    """The number of the phone the request is about."""
    number = request.headers.get("X-Exchange-Phone", "")
    if not is_e164(number):
        raise WrongError("Name the phone in X-Exchange-Phone, like +996700123456.")
    return number


def check_recipient(number: str) -> None:
    """Refuse a text to (the field `to`, if there is one) anything but the customer's number."""
    to_number = read_json().get("to", number)
    if to_number == number:
        return
    if isinstance(to_number, str) and is_alphanumeric(to_number):
        raise WrongError(f"Nobody can text back to {to_number}: it is a name, not a number.")
    raise WrongError("This exchange knows no such number.")


def read_condition() -> Condition:
    """The condition a phone shall be in."""
    try:
        return Condition(read_field("condition"))
    except ValueError as error:
        raise WrongError(f"A phone's condition is one of: {', '.join(Condition)}.") from error


def read_json() -> dict[str, Any]:
    """The body as an object; an empty one if it is none."""
    given = request.get_json(silent=True)
    return given if isinstance(given, dict) else {}


def read_field(name: str) -> str:
    """A text from the body."""
    value = read_json().get(name)
    if not isinstance(value, str):
        raise WrongError(f"The field {name} is missing.")
    return value


def read_flag(name: str) -> bool:
    """Whether a wish is there and true."""
    return read_json().get(name) is True


def read_seconds(name: str) -> float | None:
    """A number of seconds from the body, None if it is not named."""
    value = read_json().get(name)
    if value is None:
        return None
    if not _is_number(value, MOST_SECONDS):
        raise WrongError(f"{name} is a number of seconds, not below 0 and at most a year.")
    return float(value)


def read_since() -> int:
    """From which event or message on the owner wants to be told."""
    return max(request.args.get("since", 0, int), 0)


def read_wait(most_s: float) -> float:
    """How many seconds the owner will wait for news."""
    wait_s = request.args.get("wait", 0.0, float)
    return wait_s if _is_number(wait_s, most_s) else most_s


def _is_number(value: object, most: float) -> bool:
    """Whether a value from JSON is a number from 0 to `most`: NaN, which Python reads, is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


def _is_whole(value: object, most: int) -> bool:
    return isinstance(value, int) and _is_number(value, most)
