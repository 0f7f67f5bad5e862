"""What is due goes out. APScheduler ticks each minute, `flask remind` for any instant."""

from __future__ import annotations

from datetime import date, datetime

from hotline.reminders.desk import SendingDesk
from hotline.reminders.season import Played, play
from hotline.reminders.tick import Event, Tick


class Dispatcher(SendingDesk):
    """Sends reminders in their window, and at any hour what was asked for, with a few worker threads."""

    def tick(self, now_utc: datetime, dry_run: bool = False) -> list[Event]:
        """Does what is due at `now_utc`; returns what it did, without personal data.

        `now_utc` governs what is due, the window and the leases; the carrier's clock only what is compared
        with its records. `dry_run` sends nothing and leaves the database as it was.
        """
        run = Tick(self, now_utc)
        if dry_run:
            return run.rehearse()
        run.tidy()
        self.left_hanging += run.work(self.pool)
        self.has_left_over = run.has_left_over
        return run.events

    def season(self, person_id: str, from_utc: datetime, until: date) -> list[Played]:
        """What would go out to a person up to the end of a day; the database stays as it was."""
        with self.database.writing() as session:
            played = list(play(session, self._gatherer, self.window, person_id, from_utc, until))
            session.rollback()
        return played

    def stop(self) -> None:
        """Lets a tick under way end: nothing more is claimed, what is claimed and not begun is given back."""
        self.stopping.set()

    def close(self) -> None:
        """Lets what is being sent end, and no more begin."""
        self.stop()
        self.pool.shutdown(wait=True, cancel_futures=True)
