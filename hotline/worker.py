"""`flask worker`: the clock alone, beside any number of web processes and other workers.

It ends itself when a tick hangs, so that whoever watches over it starts it anew: kill it at any moment, and
nothing is lost or sent twice (docs/reliability.md).
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from hotline.reminders import heartbeat
from hotline.reminders.clockwork import Clockwork
from hotline.reminders.dispatch import Dispatcher

LOOK_S = 5.0  # between two looks at the watchdog
HUNG = 70  # exit status: EX_SOFTWARE of sysexits.h

log = structlog.get_logger()


@dataclass(frozen=True)
class Worker:
    """Ticks until it is told to stop. `stop_sending`: lets the tick under way begin nothing more."""

    clockwork: Clockwork
    stop_sending: Callable[[], None]
    end: Callable[[int], None] = os._exit  # a hung thread would keep an ordinary exit waiting
    look_s: float = LOOK_S
    _stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Returns after SIGTERM or SIGINT, when what was being sent has been sent and recorded."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self.clockwork.start()
        log.info("worker.started")
        while not self._stopped.wait(self.look_s):
            problem = self.clockwork.watchdog.problem()
            if problem is not None:
                log.error("worker.hung", problem=problem)
                self.end(HUNG)
        self.stop_sending()
        self.clockwork.stop()
        log.info("worker.stopped")

    def _stop(self, *_signal: Any) -> None:
        self._stopped.set()


def worker_of(dispatcher: Dispatcher, tick: Callable[[], bool]) -> Worker:
    """A worker whose clock leaves a heartbeat after each tick, for the processes that only answer."""

    def tick_and_beat() -> bool:
        left_over = tick()
        with dispatcher.database.writing() as session:
            heartbeat.beat(session, dispatcher.trouble)
        return left_over

    return Worker(Clockwork(tick_and_beat, dispatcher.is_asked), dispatcher.stop)
