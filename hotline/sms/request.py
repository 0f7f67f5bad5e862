"""A text with all that its answer depends on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hotline.people.store import Contact
from hotline.people.tallies import Tally
from hotline.people.text_limits import Said
from hotline.reminders.days import Today
from hotline.sms.incoming import Incoming
from hotline.sms.understanding.command import Command, CommandName


@dataclass(frozen=True)
class Request:
    """Who wrote what, what it asks for, and what the limits leave of an answer.

    as_of_utc, today: when it was written, not when it is answered. reason: which limit leaves nothing, where
    `said` is NOTHING.
    """

    text: Incoming
    contact: Contact
    command: Command
    tally: Tally
    as_of_utc: datetime
    today: Today
    said: Said
    reason: str

    @property
    def has_effect(self) -> bool:
        """Whether anything comes of it; of STOP over the limits too, in silence."""
        return self.said is not Said.NOTHING or self.command.name is CommandName.STOP
