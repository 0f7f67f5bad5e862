"""Faults to order: what should go wrong next, each used up after a number of times."""

import threading
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum


class FaultKind(StrEnum):
    """What can be ordered.

    rest-slow: done at once, answered after `seconds`. rest-late: done only after `seconds`, when the client
    may have given up, then answered. rest-hang: held for `seconds`, then cut off; nothing is ever done.
    rest-lost: done at once, the answer never comes. rest-429: `seconds` is the Retry-After.

    webhook-slow: reaches the customer after `seconds`, which count against the 15 s. webhook-doubled: comes
    twice, with one idempotency token; the second answer counts, as after a retry. webhook-unsigned,
    webhook-missigned: no or a wrong X-Twilio-Signature. webhook-unconnected: one try finds no connection.

    Receipts are those of texts and the status callbacks of calls; late ones come `seconds` later.
    """

    REST_429 = "rest-429"
    REST_500 = "rest-500"
    REST_LOST = "rest-lost"
    REST_SLOW = "rest-slow"
    REST_LATE = "rest-late"
    REST_HANG = "rest-hang"
    WEBHOOK_SLOW = "webhook-slow"
    WEBHOOK_DOUBLED = "webhook-doubled"
    WEBHOOK_UNSIGNED = "webhook-unsigned"
    WEBHOOK_MISSIGNED = "webhook-missigned"
    WEBHOOK_UNCONNECTED = "webhook-unconnected"
    TEXT_FAILED = "text-failed"
    TEXT_UNDELIVERED = "text-undelivered"
    RECEIPTS_LOST = "receipts-lost"
    RECEIPTS_DOUBLED = "receipts-doubled"
    RECEIPTS_SHUFFLED = "receipts-shuffled"
    RECEIPTS_LATE = "receipts-late"
    CALL_BUSY = "call-busy"
    CALL_NO_ANSWER = "call-no-answer"
    CALL_FAILED = "call-failed"


def _of(prefix: str) -> frozenset[FaultKind]:
    return frozenset(kind for kind in FaultKind if kind.startswith(prefix))


REST_FAULTS = _of("rest-")
# Struck once for a webhook with all its tries; a missing connection strikes each try anew.
WEBHOOK_FAULTS = _of("webhook-") - {FaultKind.WEBHOOK_UNCONNECTED}
TEXT_FAULTS = _of("text-")
RECEIPT_FAULTS = _of("receipts-")
CALL_FAULTS = _of("call-")
METHODS = ("GET", "POST", "DELETE")


@dataclass(frozen=True)
class Order:
    """A fault, how many times it still happens, and to whom.

    error_code: of a text that fails or stays undelivered; 30003 is an unreachable phone (twilio-facts, 3).
    to: only for this number; None for any. method: the REST method it strikes, one of METHODS.
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
        """Use up one time of the first order that fits; None if nothing shall go wrong.

        method: of a REST request; faults of any other kind are taken without naming it.
        """
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
