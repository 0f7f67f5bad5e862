"""Counts the texts of a number by the answers that were kept, so that any process may answer the next one.

A number and a text stand there as HMACs that are found again but not read, and that no other table has. They
outlive DELETE for a day: who has just been erased is no new number to the limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session

from db.tables import AnswerRow
from hotline.people.privacy import Vault
from hotline.people.text_limits import ANSWERED, DAY, HOUR, TEN_MINUTES, TOLD_TO_CALL, WORDS_SENT, Said


@dataclass(frozen=True)
class Tally:
    """A text of a number, by the HMACs under every data key, the current key's first.

    purse: of the name of the purse that the number shares with others; empty where it has none.
    """

    numbers: Sequence[bytes] = field(repr=False)
    texts: Sequence[bytes] = field(repr=False)
    purse: Sequence[bytes] = field(default=(), repr=False)

    @classmethod
    def of(cls, vault: Vault, phone: str, text: str, purse: str | None = None) -> Tally:
        """The tally of `text`, whatever its case and the space around it."""
        same = text.strip().casefold()
        shared = vault.indexes(f"replies to {purse}") if purse else ()
        return cls(vault.indexes(f"texts of {phone}"), vault.indexes(f"text of {phone}: {same}"), shared)

    def columns(self, said: Said) -> dict[str, Any]:
        """What the kept answer says of the text."""
        shared = self.purse[0] if self.purse and said in WORDS_SENT else None
        return {
            "number_index": self.numbers[0],
            "text_index": self.texts[0],
            "purse_index": shared,
            "said": said,
        }

    def counts(self, now_utc: datetime) -> dict[str, Any]:
        """The values of COUNTS for what was answered up to `now_utc`."""
        return {
            "numbers": self.numbers,
            "texts": self.texts,
            "purse": self.purse,
            "day_ago": now_utc - DAY,
            "hour_ago": now_utc - HOUR,
            "just_now": now_utc - TEN_MINUTES,
        }

    def is_outdated(self, session: Session, person_id: str | None, written_at_utc: datetime) -> bool:
        """Whether the number was answered something that came after this text, erased since or not."""
        theirs: ColumnElement[bool] = AnswerRow.number_index.in_(self.numbers)
        if person_id is not None:  # what belongs to nobody was not said to them
            theirs = or_(theirs, AnswerRow.person_id == person_id)
        later = exists().where(theirs, AnswerRow.at_utc > written_at_utc)
        return bool(session.scalar(select(later)))


def words_since(session: Session, vault: Vault, person_id: str | None, written_at_utc: datetime) -> list[str]:
    """The texts of a person that came after one written then."""
    theirs = (AnswerRow.person_id == person_id, AnswerRow.body_sealed.is_not(None))
    rows = session.execute(
        select(AnswerRow.key, AnswerRow.body_sealed).where(*theirs, AnswerRow.at_utc > written_at_utc)
    )
    return [vault.open(body, "answers.body", key) for key, body in rows if body]


def bare_texts_of(session: Session, person_id: str) -> None:
    """Takes the words off the answers to a person's texts and leaves them to nobody; one SQL statement.

    Their keys stay for a day: the carrier's replay of an old text does not bring back what was erased.
    """
    session.execute(
        update(AnswerRow)
        .where(AnswerRow.person_id == person_id, AnswerRow.number_index.is_not(None))
        .values(person_id=None, body_sealed=None, reply_sealed=b"")
    )


def _counts() -> Select[Any]:
    replied, told = _said(ANSWERED), _said(TOLD_TO_CALL)
    in_this_hour = AnswerRow.at_utc > bindparam("hour_ago")
    just_now = AnswerRow.at_utc > bindparam("just_now")
    return select(
        _times(replied, AnswerRow.text_index.in_(_any_of("texts")), just_now).label("same"),
        _times(replied, in_this_hour).label("hour"),
        _times(replied).label("day"),
        _times(AnswerRow.said == Said.URGENT, in_this_hour).label("urgent"),
        _times(told, in_this_hour).label("told"),
        _times(AnswerRow.said == Said.CALL_US_TODAY).label("told_today"),
        _times(AnswerRow.said == Said.ASKED_IN_CALL).label("asked_in_calls"),
        _replies(_said(WORDS_SENT)).label("everybody"),
        _replies(AnswerRow.purse_index.in_(_any_of("purse"))).label("purse"),
    ).where(AnswerRow.number_index.in_(_any_of("numbers")), _TODAY)


def _said(words: Sequence[Said]) -> ColumnElement[bool]:
    """As literals: a list of values would be put into the SQL anew each time."""
    return AnswerRow.said.in_([literal(each) for each in words])


def _any_of(name: str) -> Any:
    return bindparam(name, expanding=True)


def _replies(which: ColumnElement[bool]) -> Any:
    """How many texts of anybody were answered in the last 24 hours; each by one index alone."""
    return select(func.count()).where(which, _TODAY).correlate(None).scalar_subquery()


def _times(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    holds = conditions[0]
    for condition in conditions[1:]:
        holds &= condition
    return func.count(case((holds, 1)))


_TODAY = AnswerRow.at_utc > bindparam("day_ago")
# A SELECT of one row, the fields of text_limits.Counted; built once, because each text asks it.
COUNTS = _counts()
