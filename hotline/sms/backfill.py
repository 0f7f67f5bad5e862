"""Texts that no webhook could store: the carrier has them on record, and they are answered late.

A text whose webhook fails is not delivered again (Twilio, Fallback URLs). So every ten minutes, and after an
outage for all of its time, the carrier's list of received texts is compared with what was answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from db import Database
from hotline.carriers.base import CarrierUnavailableError, ReceivedText
from hotline.people import answers

EVERY = timedelta(minutes=10)
LONGEST = timedelta(hours=24)  # before the first look; whoever wrote earlier has written again or called
AWAY = (OperationalError, InterfaceError, NoConnectionError)  # the database, so that no text can be answered
SETTLED = timedelta(minutes=2)  # by then the carrier has given up on the webhook, with its retries

log = structlog.get_logger()


class Archive(Protocol):
    """A carrier that can list the texts it has received for a number of ours."""

    def received_texts(self, number: str, since_utc: datetime) -> Sequence[ReceivedText]:
        """What came in since then, by the carrier's clock. Raises CarrierUnavailableError."""


@dataclass
class Backfill:
    """Finds what was not answered. `answer_late`: stores it and what it is answered, once.

    numbers: all of ours that can be written to. A text that cannot be answered keeps no other from it: it is
    tried again at each look until it is too old.
    """

    database: Database
    archive: Archive
    numbers: Sequence[str]
    answer_late: Callable[[ReceivedText], None]
    _looked_until: datetime | None = field(default=None, init=False)  # all older is answered or left over
    _left_over: dict[str, ReceivedText] = field(default_factory=dict, init=False)  # by SID

    def tick(self, now_utc: datetime) -> int:
        """Answers what is missing, if it is time to look; returns how many texts.

        An error of the database or the carrier leaves it all for the next look: no time is skipped.
        """
        until_utc = now_utc - SETTLED
        since_utc = self._looked_until or now_utc - LONGEST
        if self._looked_until is not None and until_utc - since_utc < EVERY:
            return 0
        try:
            found = [
                text
                for number in self.numbers
                for text in self.archive.received_texts(number, since_utc - SETTLED)
            ]
        except CarrierUnavailableError:
            log.warning("backfill.no_answer")
            return 0
        again = {sid: text for sid, text in self._left_over.items() if text.at_utc > now_utc - LONGEST}
        missing = self._missing(again | {text.sid: text for text in found if text.at_utc <= until_utc})
        self._left_over = self._answered_but(missing)
        self._looked_until = until_utc
        return len(missing) - len(self._left_over)

    def _answered_but(self, missing: Iterable[ReceivedText]) -> dict[str, ReceivedText]:
        """Answers them in the order in which they were written; those that could not be. Raises AWAY."""
        left_over = {}
        for text in sorted(missing, key=lambda each: each.at_utc):
            try:
                self.answer_late(text)
            except AWAY:
                raise
            except Exception as e:
                log.error("backfill.left_over", sid=text.sid, exc_info=e)
                left_over[text.sid] = text
        return left_over

    def _missing(self, texts: Mapping[str, ReceivedText]) -> list[ReceivedText]:
        with self.database.reading() as session:
            answered = answers.given(session, texts)
        return [text for sid, text in texts.items() if sid not in answered]
