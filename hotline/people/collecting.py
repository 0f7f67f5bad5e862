"""Fetches voice messages from the carrier, deletes its copies, erases what is too old. Called by each tick.

A message is stored here, sealed and committed, before the carrier is asked to delete its own: at every moment
at least one of the two has it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from db import Database
from hotline.carriers.base import Carrier, CarrierUnavailableError, NoRecordingError
from hotline.people import messages
from hotline.people.messages import Errand
from hotline.people.privacy import Vault

BUDGET_S = 30.0  # of one tick; the reminders of the next must not wait longer
LOST_AFTER = timedelta(days=3)  # without a sound at the carrier: longer than a weekend with a wrong setting

log = structlog.get_logger()


@dataclass(frozen=True)
class Collector:
    """Brings messages home. keep_days: after which they are erased, heard or not."""

    database: Database
    vault: Vault
    carrier: Carrier
    keep_days: int

    def tick(self, now_utc: datetime) -> None:
        """Does what is due at `now_utc`; what the carrier does not give now is asked for again later."""
        started_s = time.monotonic()
        with self.database.writing() as session:
            erased = messages.erase_older(session, now_utc - timedelta(days=self.keep_days))
        if erased:
            log.info("messages.erased", count=erased)
        while time.monotonic() - started_s < BUDGET_S and (errand := self._claimed(now_utc)):
            self._run(errand, now_utc)

    def _claimed(self, now_utc: datetime) -> Errand | None:
        with self.database.writing() as session:
            return messages.claim(session, now_utc)

    def _run(self, errand: Errand, now_utc: datetime) -> None:
        try:
            if errand.wanted and not self._fetched(errand, now_utc):
                return
            self.carrier.delete_recording(errand.recording_sid)
        except CarrierUnavailableError as e:
            log.error("message.carrier", message=errand.id, error=str(e))
            return
        with self.database.writing() as session:
            messages.note_deleted(session, errand)

    def _fetched(self, errand: Errand, now_utc: datetime) -> bool:
        """Whether the sound is stored here. Raises CarrierUnavailableError."""
        try:
            sound = self.carrier.fetch_recording(errand.recording_sid)
        except NoRecordingError:
            self._missing(errand, now_utc)
            return False
        with self.database.writing() as session:
            messages.store_sound(session, self.vault, errand, sound)
        log.info("message.stored", message=errand.id, bytes=len(sound))
        return True

    def _missing(self, errand: Errand, now_utc: datetime) -> None:
        """Not ready yet, as a rule; the operator has to know of one that never comes."""
        if now_utc - errand.left_at_utc < LOST_AFTER:
            log.info("message.not_ready", message=errand.id)
            return
        with self.database.writing() as session:
            messages.note_lost(session, errand)
        log.error("message.lost", message=errand.id)
