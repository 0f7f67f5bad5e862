"""Faults to order: what should go wrong next, each used up after a number of times."""

import threading
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum


class FaultKind(StrEnum):
    """What can be ordered. seconds: Retry-After of 429, length of a hang, delay of late receipts."""

    REST_429 = "rest-429"
    REST_500 = "rest-500"
    REST_LOST = "rest-lost"
    REST_HANG = "rest-hang"
    TEXT_FAILED = "text-failed"
    TEXT_UNDELIVERED = "text-undelivered"
    RECEIPTS_LOST = "receipts-lost"
    RECEIPTS_DOUBLED = "receipts-doubled"
    RECEIPTS_SHUFFLED = "receipts-shuffled"
    RECEIPTS_LATE = "receipts-late"
    CALL_BUSY = "call-busy"
    CALL_NO_ANSWER = "call-no-answer"
    CALL_FAILED = "call-failed"


REST_FAULTS = frozenset({FaultKind.REST_429, FaultKind.REST_500, FaultKind.REST_LOST, FaultKind.REST_HANG})
TEXT_FAULTS = frozenset({FaultKind.TEXT_FAILED, FaultKind.TEXT_UNDELIVERED})
RECEIPT_FAULTS = frozenset(
    {
        FaultKind.RECEIPTS_LOST,
        FaultKind.RECEIPTS_DOUBLED,
        FaultKind.RECEIPTS_SHUFFLED,
        FaultKind.RECEIPTS_LATE,
    }
)
CALL_FAULTS = frozenset({FaultKind.CALL_BUSY, FaultKind.CALL_NO_ANSWER, FaultKind.CALL_FAILED})


@dataclass(frozen=True)
class Order:
    """A fault, how many times it still happens, and to whom.

    error_code: of a text that fails or stays undelivered; 30003 is an unreachable phone (twilio-facts, 3).
    to: only for this number; None for any. method: the REST method it strikes.
    """

    kind: FaultKind
    times: int = 1
    seconds: float = 0.0
    error_code: int = 30003
    to: str | None = field(default=None, repr=False)
    method: str = "POST"


class Faults:
    """The list of orders, first come first served."""

    def __init__(self) -> None:
        self._orders: list[Order] = []
        self._lock = threading.Lock()

    def order(self, order: Order) -> None:
        """Put a fault at the end of the list."""
        with self._lock:
            self._orders.append(order)

    def take(self, kinds: Collection[FaultKind], *, to: str = "", method: str = "POST") -> Order | None:
        """Use up one time of the first order that fits; None if nothing shall go wrong."""
        with self._lock:
            for place, order in enumerate(self._orders):
                if order.kind not in kinds or order.to not in (None, to) or order.method != method:
                    continue
                if order.times > 1:
                    self._orders[place] = replace(order, times=order.times - 1)
                else:
                    del self._orders[place]
                return order
        return None

    def pending(self) -> list[Order]:
        """What is still ordered."""
        with self._lock:
            return list(self._orders)

    def clear(self) -> None:
        """Forget every order."""
        with self._lock:
            self._orders.clear()
