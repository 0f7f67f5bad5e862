"""Status callbacks of calls: one request an event, in the order of the call unless a fault was ordered."""

import threading
from collections.abc import Callable

from hotline.exchange.calls.call import Call, list_callback_params
from hotline.exchange.faults import RECEIPT_FAULTS, FaultKind, Order
from hotline.exchange.surroundings import Surroundings
from hotline.exchange.twiml.documents import Answer

_Job = Callable[[], None]


class Callbacks:
    """Tells the customer how a call goes, in a lane of the call's own. Faults of receipts strike one event.

    A shuffled event is told after the one that follows it; `completed` has none and is told at once.
    """

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._held: dict[str, _Job] = {}
        self._lock = threading.Lock()

    def post(self, call: Call, event: str) -> None:
        """Tell one event (initiated, ringing, answered, completed) if the customer ordered it."""
        if call.callback_url is None or event not in call.callback_events:
            return
        order = self._around.faults.take(RECEIPT_FAULTS, to=call.phone)
        send = self._prepare(call, event, call.callback_url)
        shuffled = order is not None and order.kind is FaultKind.RECEIPTS_SHUFFLED and event != "completed"
        with self._lock:
            held = self._held.pop(call.sid, None)
            if shuffled:
                self._held[call.sid] = send
        if not shuffled:
            self._hand_over(call, order, send, event)
        if held is not None:
            self._around.lanes.submit(_lane(call), held)

    def _hand_over(self, call: Call, order: Order | None, send: _Job, event: str) -> None:
        kind = None if order is None else order.kind
        if kind is FaultKind.RECEIPTS_LOST:
            call.journal.note("callback", event=event, url=call.callback_url, arrived=False)
            return
        for _ in range(2 if kind is FaultKind.RECEIPTS_DOUBLED else 1):
            if order is not None and kind is FaultKind.RECEIPTS_LATE:
                self._around.agenda.add(order.seconds, _lane(call), send)
            else:
                self._around.lanes.submit(_lane(call), send)

    def _prepare(self, call: Call, event: str, url: str) -> _Job:
        params = list_callback_params(call, self._around.account.sid, event, self._around.clock.now())

        def send() -> None:
            outcome = self._around.webhooks.send(call.callback_method, url, params)
            arrived = isinstance(outcome, Answer)
            call.journal.note("callback", event=event, url=url, params=dict(params), arrived=arrived)

        return send


def _lane(call: Call) -> str:
    return f"{call.sid}/callbacks"
