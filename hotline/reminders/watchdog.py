"""Whether the clock still ticks: told by time that no change of the wall clock moves.

A tick can hang, fail or not come at all; each has a name of its own in /healthz.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

STALLED_S = 180.0  # three ticks missed


class Watchdog:
    """Notes when ticks of this process begin and end."""

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._began_s: float | None = None  # of the tick that is under way
        self._well_s: float | None = None  # when a tick last ended well, or the clock was wound
        self._failure: str | None = None  # type of the error that ended the last tick

    @property
    def is_ticking(self) -> bool:
        """Whether a tick is under way."""
        return self._began_s is not None

    def wind(self) -> None:
        """The clock is started: from now on ticks are expected."""
        with self._lock:
            self._well_s = self._monotonic_s()

    def begin(self) -> None:
        """A tick begins."""
        with self._lock:
            self._began_s = self._monotonic_s()

    def end(self) -> None:
        """The tick under way has ended well."""
        with self._lock:
            self._began_s, self._failure = None, None
            self._well_s = self._monotonic_s()

    def fail(self, error: BaseException) -> None:
        """The tick under way has ended with an error; its message may hold a number, so its type is kept."""
        with self._lock:
            self._began_s, self._failure = None, type(error).__name__

    def age_s(self) -> float | None:
        """Since a tick last ended well, or the clock was wound; None before that."""
        with self._lock:
            return None if self._well_s is None else self._monotonic_s() - self._well_s

    def problem(self) -> str | None:
        """What is wrong with the ticks, or None; nothing before the clock is wound."""
        with self._lock:
            now_s, began_s, well_s = self._monotonic_s(), self._began_s, self._well_s
            failure = self._failure
        if began_s is not None and now_s - began_s > STALLED_S:
            return f"clock: a tick has been hanging for more than {STALLED_S:.0f} s"
        if well_s is None or now_s - well_s <= STALLED_S:
            return None
        missed = f"clock: no tick for {STALLED_S:.0f} s"
        return f"{missed}: each fails, {failure}" if failure else missed


class Pulse:
    """Whether the clock of another process ticks: it changes `beat` in the database with each tick.

    The beats are compared with one another and timed by this process's own monotonic clock, so that no two
    machines need to agree on the time.
    """

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._beat: int | None = None
        self._changed_s = monotonic_s()

    def problem(self, beat: int | None) -> str | None:
        """What is wrong, given the beat that the database holds now (None: there was never a worker)."""
        with self._lock:
            now_s = self._monotonic_s()
            if beat != self._beat:
                self._beat, self._changed_s = beat, now_s
            if now_s - self._changed_s <= STALLED_S:
                return None
        return f"clock: no worker has ticked for {STALLED_S:.0f} s"
