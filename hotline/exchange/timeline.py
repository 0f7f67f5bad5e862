"""Moving the clock: every due instant on the way is visited in order, and what it causes happens there."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from hotline.exchange.clock import Agenda, Clock
from hotline.exchange.lanes import Lanes

NextDue = Callable[[datetime], datetime | None]
Tick = Callable[[datetime], object]


class Timeline:
    """The exchange's clock tied to the customer's, to whom next_due(after_utc) and tick(now_utc) belong.

    next_due gives the first instant strictly after the one it is given at which a tick would do something, or
    None; tick does what is due at its instant and may use the exchange (REST, webhooks) while it runs; what
    it returns is not looked at.
    """

    def __init__(self, clock: Clock, agenda: Agenda, lanes: Lanes, next_due: NextDue, tick: Tick) -> None:
        self._clock = clock
        self._agenda = agenda
        self._lanes = lanes
        self._next_due = next_due
        self._tick = tick
        self._moving = threading.Lock()

    def advance(self, seconds: float) -> bool:
        """Move the clock; False if another thread is moving it. Returns when all that fell due is done."""
        if not self._moving.acquire(blocking=False):
            return False
        try:
            self._move_to(self._clock.now() + timedelta(seconds=max(seconds, 0.0)))
        finally:
            self._moving.release()
        return True

    def _move_to(self, end_utc: datetime) -> None:
        visited_utc = self._clock.now()
        while (instant_utc := self._find_next(visited_utc, end_utc)) is not None:
            self._visit(instant_utc, due=self._next_due(visited_utc) == instant_utc)
            visited_utc = instant_utc
        self._visit(end_utc, due=True)

    def _find_next(self, after_utc: datetime, end_utc: datetime) -> datetime | None:
        due = self._next_due(after_utc)
        if due is not None and due <= after_utc:
            raise ValueError("next_due must name an instant after the one it is given")
        instants = [instant for instant in (due, self._agenda.next_due(after_utc)) if instant is not None]
        return min((instant for instant in instants if instant <= end_utc), default=None)

    def _visit(self, instant_utc: datetime, *, due: bool) -> None:
        self._clock.move_to(instant_utc)
        self._agenda.release()
        self._lanes.wait_idle()
        if due:
            self._tick(instant_utc)
            self._lanes.wait_idle()
