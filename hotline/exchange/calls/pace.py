"""The pace of a call that is heard while it happens: its seconds are those of the exchange's clock."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from hotline.exchange.clock import Agenda, Clock


class Timed(Protocol):
    """A call: its SID names its lane, started_at is when it was answered (UTC), None before."""

    sid: str
    started_at: datetime | None


class RealTime:
    """Tells the seconds since a call was answered, and wakes its line at one of them."""

    def __init__(self, call: Timed, clock: Clock, agenda: Agenda) -> None:
        self._call = call
        self._clock = clock
        self._agenda = agenda

    def now_s(self) -> float:
        """Seconds since the call was answered; 0 before."""
        now_utc = self._clock.now()
        return (now_utc - (self._call.started_at or now_utc)).total_seconds()

    def wake_at(self, at_s: float, job: Callable[[], None]) -> None:
        """Do a job in the call's lane once its second at_s has come."""
        self._agenda.add(max(at_s - self.now_s(), 0.0), self._call.sid, job)
