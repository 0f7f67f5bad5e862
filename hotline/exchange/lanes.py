"""The exchange's worker threads: jobs of one lane run one after another, lanes side by side."""

import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable

Job = Callable[[], None]

_log = logging.getLogger(__name__)
# Enough that a few webhooks hanging for their full 15 s do not hold up the rest.
_THREADS = 8


class Lanes:
    """Runs jobs on daemon threads. A lane (a call, a message, a phone) keeps the order of its own jobs."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[str, deque[Job]] = {}
        self._ready: deque[str] = deque()
        self._open = True
        for number in range(_THREADS):
            threading.Thread(target=self._work, name=f"exchange-{number}", daemon=True).start()

    def submit(self, lane: str, job: Job) -> None:
        """Put a job at the end of a lane; after close it is dropped."""
        with self._changed:
            if not self._open:
                return
            if lane not in self._waiting:
                self._waiting[lane] = deque()
                self._ready.append(lane)
            self._waiting[lane].append(job)
            self._changed.notify_all()

    def wait_idle(self, lane: str | None = None, *, timeout_s: float = 60.0) -> bool:
        """Wait until a lane (or every lane) has nothing left to do; False if that took too long."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while lane in self._waiting if lane is not None else self._waiting:
                if (
                    not self._changed.wait(max(deadline - time.monotonic(), 0))
                    and time.monotonic() >= deadline
                ):
                    return False
        return True

    def close(self) -> None:
        """Stop the threads once their present jobs end; jobs still waiting are dropped."""
        with self._changed:
            self._open = False
            self._waiting.clear()
            self._ready.clear()
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                while self._open and not self._ready:
                    self._changed.wait()
                if not self._open:
                    return
                lane = self._ready.popleft()
                job = self._waiting[lane].popleft()
            try:
                job()
            except Exception as error:
                # A worker thread outlives any job. The place is told, not the message: it may hold a number.
                place = "".join(traceback.format_tb(error.__traceback__))
                _log.error("a job of the exchange failed with %s\n%s", type(error).__name__, place)
            self._leave(lane)

    def _leave(self, lane: str) -> None:
        with self._changed:
            if lane in self._waiting:
                if self._waiting[lane]:
                    self._ready.append(lane)
                else:
                    del self._waiting[lane]
            self._changed.notify_all()
