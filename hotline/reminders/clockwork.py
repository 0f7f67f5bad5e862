"""The clock: APScheduler ticks once a minute and whenever it is woken. It holds no reminder, only the time.

The reminders are rows of our own table: APScheduler's own store loses jobs that are late.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

INTERVAL_S = 60
JOB = "tick"

log = structlog.get_logger()


class Clockwork:
    """Calls `tick` from a thread of its own, one call at a time; an error ends that call, not the ticking."""

    def __init__(self, tick: Callable[[], object]) -> None:
        self._tick = tick
        self._stopping = threading.Event()
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(1)},  # one tick at a time
            timezone=UTC,
        )
        self._scheduler.add_job(
            self._run,
            "interval",
            seconds=INTERVAL_S,
            id=JOB,
            next_run_time=datetime.now(UTC),
            coalesce=True,
            # One under way and one that waits for its thread. With 1, a wake is refused and lost while a tick
            # is ending; a third is rightly refused: the one that waits begins later.
            max_instances=2,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Ticks at once and then each minute."""
        self._scheduler.start()

    def wake(self) -> None:
        """Ticks as soon as possible: at once, or again after the tick that is under way."""
        if self._scheduler.running and not self._stopping.is_set():
            with suppress(JobLookupError):  # stopped at this instant
                self._scheduler.modify_job(JOB, next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        """Ends the ticking; a tick under way is waited for."""
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _run(self) -> None:
        if self._stopping.is_set():
            return
        try:
            self._tick()
        except Exception as e:  # whatever it was, the next tick must come
            log.error("tick.failed", exc_info=e)
