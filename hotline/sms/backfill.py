"""Texts that no webhook could store: the carrier has them on record, and they are answered late.

A text whose webhook fails is not delivered again (Twilio, Fallback URLs). So every ten minutes, and after an
outage for all of its time, the carrier's list of received texts is compared with what was answered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from db import Database
from hotline.carriers.base import CarrierUnavailableError, ReceivedText
from hotline.people import answers

EVERY = timedelta(minutes=10)
LONGEST = timedelta(hours=24)  # before the first look; whoever wrote earlier has written again or called
SETTLED = timedelta(minutes=2)  # by then the carrier has given up on the webhook, with its retries

log = structlog.get_logger()


class Archive(Protocol):
    """A carrier that can list the texts it has received for a number of ours."""

    def received_texts(self, number: str, since_utc: datetime) -> Sequence[ReceivedText]:
        """What came in since then, by the carrier's clock. Raises CarrierUnavailableError."""


@dataclass
class Backfill:
    """Finds what was not answered. `answer_late`: stores it and what it is answered, once."""

    database: Database
    archive: Archive
    number: str
    answer_late: Callable[[ReceivedText], None]
    _looked_until: datetime | None = field(default=None, init=False)  # everything older is answered

    def tick(self, now_utc: datetime) -> int:
        """Answers what is missing, if it is time to look; returns how many texts.

        An error of the database or the carrier leaves it all for the next look: no time is skipped.
        """
        until_utc = now_utc - SETTLED
        since_utc = self._looked_until or now_utc - LONGEST
        if self._looked_until is not None and until_utc - since_utc < EVERY:
            return 0
        try:
            found = self.archive.received_texts(self.number, since_utc - SETTLED)
        except CarrierUnavailableError:
            log.warning("backfill.no_answer")
            return 0
        missing = self._missing([text for text in found if text.at_utc <= until_utc])
        for text in sorted(missing, key=lambda each: each.at_utc):
            self.answer_late(text)
        self._looked_until = until_utc
        return len(missing)

    def _missing(self, texts: Sequence[ReceivedText]) -> list[ReceivedText]:
        with self.database.reading() as session:
            answered = answers.given(session, [text.sid for text in texts])
        return [text for text in texts if text.sid not in answered]
