"""One round: everything that is due at an instant, in the order of what matters most."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from hotline.config import Config
from hotline.guide.model import Guide
from hotline.people.clearing import Clearing
from hotline.people.collecting import Collector
from hotline.people.data_keys import KeyWatch
from hotline.people.privacy import DataKeyError
from hotline.people.retention import Retention
from hotline.reminders.dispatch import Dispatcher
from hotline.reminders.replanning import Replanning
from hotline.reminders.watchdog import Watchdog
from hotline.sms.backfill import Backfill


@dataclass
class Rounds:
    """What each tick of the clock does. `backfill`: where the carrier can list what it received."""

    keys: KeyWatch
    dispatcher: Dispatcher
    replanning: Replanning
    collector: Collector
    retention: Retention
    clearing: Clearing
    now_utc: Callable[[], datetime]
    backfill: Backfill | None = None

    def go(self) -> bool:
        """A round as of now; returns whether something was left over for one that comes at once."""
        return self.go_as_of(self.now_utc())

    def go_as_of(self, now_utc: datetime) -> bool:
        """Reminders and what was asked for first, so that no voice message holds them up.

        Before them some seconds of planning anew, where rules or hours have changed.
        Raises DataKeyError where this process lacks a data key: it would put off whoever it cannot read, and
        another process can send. So no heartbeat is left either, and /healthz says that nobody ticks.
        """
        missing = self.keys.problem()
        if missing is not None:
            raise DataKeyError(missing)
        with ExitStack() as afterwards:  # what fails keeps nothing else from being done
            afterwards.callback(self.retention.tick, now_utc)  # the last: callbacks run backwards
            afterwards.callback(self.clearing.tick, now_utc)
            afterwards.callback(self.collector.tick, now_utc)
            if self.backfill is not None:
                afterwards.callback(self.backfill.tick, now_utc)
            afterwards.callback(self._dispatch, now_utc)
            self.replanning.tick(now_utc)
        return self.dispatcher.has_left_over or not self.replanning.is_done

    def _dispatch(self, now_utc: datetime) -> None:
        self.dispatcher.is_replanning = not self.replanning.is_done
        self.dispatcher.tick(now_utc)

    def problem(self, watchdog: Watchdog) -> str | None:
        """What is wrong with the rounds of this process, or None."""
        return watchdog.problem() or self.dispatcher.trouble


def rounds_of(
    config: Config, guide: Guide, dispatcher: Dispatcher, number: str, now_utc: Callable[[], datetime]
) -> Rounds:
    """The rounds of a hotline with these settings and this number."""
    database, vault, carrier = dispatcher.database, dispatcher.vault, dispatcher.carrier
    return Rounds(
        KeyWatch(database, vault),
        dispatcher,
        Replanning(database, vault, guide.rules, config.window),
        Collector(database, vault, carrier, config.voice_message_days),
        Retention(database, vault, guide.rules, config.keep_days),
        Clearing(
            database,
            carrier,
            config.cleared_senders(number),
            config.called_numbers(number),
            config.keep_days,
        ),
        now_utc,
    )
