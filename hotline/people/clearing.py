"""Has the carrier delete its copies of what is erased here, or too old. Called by each tick.

Twilio keeps a text until somebody deletes it, and then for up to 30 days in its backups. A gateway such as
Kannel keeps none that it would delete.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from db import Database
from hotline.carriers.base import Carrier, CarrierUnavailableError, UnderWayError
from hotline.people import copies
from hotline.people.copies import EVERYTHING, Errand
from hotline.people.keep_days import KeepDays

BUDGET_S = 10.0  # of one tick; the reminders of the next must not wait longer
EVERY = timedelta(hours=1)  # between two looks for what is too old
CLOCK_SLACK = timedelta(minutes=2)  # between our clock and the carrier's

log = structlog.get_logger()


@dataclass
class Clearing:
    """Deletes copies.

    senders, numbers: whose texts and whose calls are looked for by age, as old as words and records become.
    """

    database: Database
    carrier: Carrier
    senders: tuple[str, ...]
    numbers: tuple[str, ...]
    keep_days: KeepDays
    _looked_utc: datetime | None = field(default=None, init=False)

    def tick(self, now_utc: datetime) -> None:
        """Does what is due; a carrier that cannot be asked now is asked again by the next tick."""
        ends_s = time.monotonic() + BUDGET_S
        try:
            self._look(now_utc)
            while time.monotonic() < ends_s and (errand := self._claimed(now_utc)):
                self._run(errand, now_utc)
        except CarrierUnavailableError as e:
            log.warning("copies.carrier", error=str(e))

    def _look(self, now_utc: datetime) -> None:
        """Finds what is too old, also what we never had the SID of.

        Those are the texts that answered a webhook, and the calls in which nothing was stored.
        """
        if self._looked_utc is not None and self._looked_utc <= now_utc < self._looked_utc + EVERY:
            return
        with self.database.reading() as session:
            if copies.is_looked_for(session):
                return  # what may be the one that is looked for must stay in the carrier's list
        until_utc = now_utc - timedelta(days=self.keep_days.texts)
        found = [sid for sender in self.senders for sid in self.carrier.copies_of(sender, until_utc)]
        until_utc = now_utc - timedelta(days=self.keep_days.records)
        found += [sid for number in self.numbers for sid in self.carrier.calls_of(number, until_utc)]
        with self.database.writing() as session:
            copies.note(session, found, EVERYTHING, now_utc)
        self._looked_utc = now_utc

    def _claimed(self, now_utc: datetime) -> Errand | None:
        with self.database.writing() as session:
            return copies.claim(session, now_utc)

    def _run(self, errand: Errand, now_utc: datetime) -> None:
        """One record: what it leads to, or its deletion. Raises CarrierUnavailableError."""
        if errand.leads:
            sids = self.carrier.copies_with(errand.sid, errand.noted_at_utc + CLOCK_SLACK)
            with self.database.writing() as session:
                copies.follow(session, errand, sids, now_utc)
            return
        try:
            self.carrier.delete_copy(errand.sid)
        except UnderWayError:
            log.info("copy.under_way", sid=errand.sid)
            return
        with self.database.writing() as session:
            copies.forget(session, errand)
