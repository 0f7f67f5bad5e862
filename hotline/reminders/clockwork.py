"""The clock: APScheduler ticks once a minute and whenever it is woken. It holds no reminder, only the time.

The reminders are rows of our own table: APScheduler's own store loses jobs that are late.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from hotline.reminders.watchdog import Watchdog

INTERVAL_S = 60
LOOK_S = 2  # what somebody waits for at the telephone, asked for in another process
JOB = "tick"

log = structlog.get_logger()


class _SteadyScheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler publishes no types
    """Keeps its intervals whatever is done to the wall clock, the only one that APScheduler asks.

    By itself it would stand still for an hour after that clock was put back by an hour, and after it was put
    ahead by years count up each run that it believes to have missed, until the memory is full.
    """

    def _process_jobs(self) -> float:
        """Begins what is due; returns how long to wait until the next look, by the monotonic clock.

        Called whenever that wait is over: so a job that is due neither about now nor within its interval
        tells that the wall clock was moved meanwhile, and begins at once.
        """
        now_utc = datetime.now(UTC)
        for job in self.get_jobs():
            if abs(job.next_run_time - now_utc) > job.trigger.interval:
                with suppress(JobLookupError):  # stopped at this instant
                    self.modify_job(job.id, next_run_time=now_utc)
        wait_s = super()._process_jobs()  # moved since the look above, the clock would make it a long one
        return INTERVAL_S if wait_s is None else min(wait_s, INTERVAL_S)


class Clockwork:
    """Calls `tick` from a thread of its own, one call at a time; an error ends that call, not the ticking."""

    def __init__(
        self,
        tick: Callable[[], object],
        is_asked: Callable[[], bool] | None = None,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`tick` returns whether it left something over: then the next one comes at once.

        `is_asked`: whether something waits for a tick; looked at every two seconds, where given.
        """
        self.watchdog = Watchdog(monotonic_s)
        self._tick = tick
        self._is_asked = is_asked
        self._stopping = threading.Event()
        self._scheduler = _SteadyScheduler(
            jobstores={"default": MemoryJobStore()},
            # One tick at a time; a look never waits behind it.
            executors={"default": ThreadPoolExecutor(1), "looks": ThreadPoolExecutor(1)},
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
        if is_asked is not None:
            self._scheduler.add_job(
                self._look,
                "interval",
                seconds=LOOK_S,
                executor="looks",
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )

    def start(self) -> None:
        """Ticks at once and then each minute."""
        self.watchdog.wind()
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
        self.watchdog.begin()
        try:
            left_over = self._tick()
        except Exception as e:  # whatever it was, the next tick must come
            self.watchdog.fail(e)
            log.error("tick.failed", exc_info=e)
            return
        self.watchdog.end()
        if left_over:
            self.wake()

    def _look(self) -> None:
        """A tick that is under way finds by itself what is asked for; what it leaves, the next look finds."""
        if self.watchdog.is_ticking or self._stopping.is_set():
            return
        try:
            asked = self._is_asked is not None and self._is_asked()
        except Exception as e:  # a database that is away: each tick says so too
            log.warning("look.failed", exc_info=e)
            return
        if asked:
            self.wake()
