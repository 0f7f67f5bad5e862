"""The exchange's clock: real time plus an offset that only grows, and what is due at its instants."""

import heapq
import itertools
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Job = Callable[[], None]


class Clock:
    """Tells the exchange's time as aware UTC datetimes; it can be moved forward, never back."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The instant it is on this exchange (UTC)."""
        return datetime.now(UTC) + self._offset

    def move_to(self, instant_utc: datetime) -> None:
        """Make it at least that instant; an instant already passed changes nothing."""
        with self._lock:
            self._offset = max(self._offset, instant_utc - datetime.now(UTC))


class Agenda:
    """Jobs of the exchange itself that wait for an instant: rings that end, receipts that come late."""

    def __init__(self, clock: Clock, submit: Callable[[str, Job], None]) -> None:
        self._clock = clock
        self._submit = submit
        self._heap: list[tuple[datetime, int, str, Job]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()

    def add(self, delay_s: float, lane: str, job: Job) -> None:
        """Do a job in a lane once delay_s seconds have passed on the exchange's clock."""
        due_at_utc = self._clock.now() + timedelta(seconds=delay_s)
        with self._changed:
            heapq.heappush(self._heap, (due_at_utc, next(self._order), lane, job))
            self._changed.notify_all()

    def next_due(self, after_utc: datetime) -> datetime | None:
        """The first instant at which something waits, never earlier than after_utc."""
        with self._changed:
            return max(self._heap[0][0], after_utc) if self._heap else None

    def release(self) -> None:
        """Hand every job that is due by now to its lane."""
        with self._changed:
            while self._heap and self._heap[0][0] <= self._clock.now():
                _, _, lane, job = heapq.heappop(self._heap)
                self._submit(lane, job)

    def wait(self, most_s: float) -> None:
        """Wait for the first instant, at most most_s real seconds; something new ends the wait too."""
        with self._changed:
            if self._heap:
                most_s = min(most_s, (self._heap[0][0] - self._clock.now()).total_seconds())
            if most_s > 0:
                self._changed.wait(most_s)
