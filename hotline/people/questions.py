"""What a person was asked and has not answered yet. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from hotline.people.members import SELF

QUESTION_LIFETIME = timedelta(hours=24)  # rules of the service, Dates: after that an OK means something else


class Asked(StrEnum):
    """The question that waits for OK or NO, or for a number."""

    SAVE_DATE = "save-date"
    WHOSE_DATE = "whose-date"  # numbered: whose date is it?
    WHO_IS_DONE = "who-is-done"  # numbered: who has done this step?
    DELETE = "delete"
    OPT_OUT = "opt-out"


@dataclass(frozen=True)
class Question:
    """An open question with what it is about; `asked_at_utc` is known of a stored one.

    day, anchor, member: the date to be stored, of which kind and whose. step: what is done.
    """

    kind: Asked
    day: date | None = field(default=None, repr=False)
    anchor: str = "entry"
    member: int = SELF
    step: int | None = None
    asked_at_utc: datetime | None = None
