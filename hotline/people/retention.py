"""What is too old is erased: words first, then records, then people. Called by each tick.

In batches, each a transaction of its own, so that whoever calls or writes meanwhile hardly waits. A row that
may still go out, and all that deciding about it needs, is not too old (docs/decisions/020).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, CursorResult, delete, exists, func, literal_column, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from db import Database
from db.tables import AnswerRow, CallRow, MessageRow, PersonRow, ReminderRow, VoiceMessageRow
from hotline.guide.model import ReminderRule
from hotline.people import copies, store
from hotline.people.copies import CALLS, EVERYTHING, TEXTS
from hotline.people.keep_days import KeepDays
from hotline.people.privacy import DataKeyError, Vault
from hotline.people.text_limits import DAY
from hotline.reminders.plan import last_day_of
from hotline.reminders.states import State

EVERY = timedelta(minutes=10)
BUDGET_S = 10.0  # of one tick; what is left over is for the next
BATCH_ROWS, BATCH_PEOPLE = 500, 50  # of one transaction: some ten milliseconds
OVER = [each for each in State if each not in {State.PENDING, State.SENDING, State.UNKNOWN}]

Job = Callable[[Session, datetime], int]  # erases a batch, and says how much

log = structlog.get_logger()


@dataclass
class Retention:
    """Erases by age. `rules`: what a person's dates are kept for."""

    database: Database
    vault: Vault
    rules: Mapping[str, ReminderRule]
    days: KeepDays
    _next_utc: datetime | None = field(default=None, init=False)

    def tick(self, now_utc: datetime) -> None:
        """Erases what is too old, every ten minutes, then what SQLite's log holds of all that was erased.

        What is left over, or what a reader keeps in the log, is for the next tick.
        """
        if self._next_utc is None or not self._next_utc - EVERY <= now_utc < self._next_utc:
            self._erase(now_utc)
        if not self.database.empty_log():
            log.info("retention.log_in_use")

    def _erase(self, now_utc: datetime) -> None:
        ends_s = time.monotonic() + BUDGET_S
        erased = {name: self._batches(job, now_utc, ends_s) for name, job in self._jobs().items()}
        erased["people"] = self._forget_people(now_utc, ends_s)
        if any(erased.values()):
            log.info("retention", **erased)
        if time.monotonic() < ends_s:
            self._next_utc = now_utc + EVERY

    def _jobs(self) -> dict[str, Job]:
        texts, records = timedelta(days=self.days.texts), timedelta(days=self.days.records)
        return {
            "answers_worded": lambda session, now_utc: _empty_answers(session, now_utc - texts, now_utc),
            "questions": lambda session, now_utc: _drop_unanswered(session, now_utc - texts),
            "messages_worded": lambda session, now_utc: _empty_messages(session, now_utc - texts, now_utc),
            "answers_of_nobody": lambda session, now_utc: _drop_answers(
                session, now_utc, EVERYTHING, AnswerRow.person_id.is_(None), AnswerRow.at_utc < now_utc - DAY
            ),
            "calls": lambda session, now_utc: _drop(session, CallRow.sid, CallRow.at_utc < now_utc - DAY),
            "answers": lambda session, now_utc: _drop_answers(
                session, now_utc, CALLS, AnswerRow.at_utc < now_utc - records
            ),
            "messages": lambda session, now_utc: _drop_messages(session, now_utc - records, now_utc),
            "reminders": lambda session, now_utc: _drop(
                session, ReminderRow.id, *_reminded_before(now_utc - records)
            ),
        }

    def _batches(self, job: Job, now_utc: datetime, ends_s: float) -> int:
        erased = 0
        while time.monotonic() < ends_s:
            with self.database.writing() as session:
                batch = job(session, now_utc)
            erased += batch
            if batch < BATCH_ROWS:
                break
        return erased

    def _forget_people(self, now_utc: datetime, ends_s: float) -> int:
        """Forgets who has nothing to wait for; those whose last day is yet to come are passed over."""
        before_utc = now_utc - timedelta(days=self.days.people)
        forgotten, after = 0, ""
        while time.monotonic() < ends_s:
            with self.database.reading() as session:
                ids = session.scalars(_idle(before_utc, after).with_only_columns(PersonRow.id)).all()
            if not ids:
                break
            after = ids[-1]
            with self.database.writing() as session:
                forgotten += self._forget(session, ids, before_utc, now_utc)
        return forgotten

    def _forget(self, session: Session, ids: Any, before_utc: datetime, now_utc: datetime) -> int:
        """Forgets those of `ids` who are idle still: who is writing at this instant is not."""
        idle = _idle(before_utc).where(PersonRow.id.in_(ids)).with_for_update(skip_locked=True)
        found = [person.id for person in session.scalars(idle) if person.ask_again_at_utc is None]
        over = [id for id in found if self._is_over(session, id, before_utc)]
        for id in over:
            store.forget(session, id, now_utc)
        return len(over)

    def _is_over(self, session: Session, id: str, before_utc: datetime) -> bool:
        """Whether the last day of all that a person waits for was long ago; not of unreadable dates."""
        try:
            members = store.members_of(session, self.vault, id)
        except DataKeyError:
            log.error("person.unreadable", person=id)
            return False
        last_days = [last_day_of(self.rules, member.dates, member.done) for member in members.values()]
        return all(day is None or day < before_utc.date() for day in last_days)


def _empty_answers(session: Session, before_utc: datetime, now_utc: datetime) -> int:
    """Takes the words off, and the HMACs by which texts were counted: nothing counts them after a day."""
    bare = {"body_sealed": None, "reply_sealed": b"", "number_index": None, "text_index": None}
    old = _batch(AnswerRow.key, AnswerRow.at_utc < before_utc, _has_words(AnswerRow.reply_sealed))
    emptied = update(AnswerRow).where(AnswerRow.key.in_(old)).values(**bare)
    return _noted(session, emptied.returning(AnswerRow.key), TEXTS, now_utc)


def _empty_messages(session: Session, before_utc: datetime, now_utc: datetime) -> int:
    """Takes the words off what was sent or given up; what is being looked for needs them."""
    age = (MessageRow.state.in_(OVER), MessageRow.next_at_utc < before_utc)
    old = _batch(MessageRow.id, *age, _has_words(MessageRow.body_sealed))
    emptied = update(MessageRow).where(MessageRow.id.in_(old)).values(body_sealed=b"")
    return _noted(session, emptied.returning(MessageRow.sid), TEXTS, now_utc)


def _drop_answers(
    session: Session, now_utc: datetime, kinds: tuple[str, ...], *which: ColumnElement[bool]
) -> int:
    dropped = delete(AnswerRow).where(AnswerRow.key.in_(_batch(AnswerRow.key, *which)))
    return _noted(session, dropped.returning(AnswerRow.key), kinds, now_utc)


def _drop_messages(session: Session, before_utc: datetime, now_utc: datetime) -> int:
    """Of messages that are over, and carry nothing that is not. They are never older than `next_at_utc`."""
    carried = exists().where(ReminderRow.message_id == MessageRow.id, ReminderRow.state.not_in(OVER))
    old = _batch(MessageRow.id, MessageRow.state.in_(OVER), MessageRow.next_at_utc < before_utc, ~carried)
    dropped = delete(MessageRow).where(MessageRow.id.in_(old))
    return _noted(session, dropped.returning(MessageRow.sid), CALLS, now_utc)


def _noted(session: Session, erasing: Any, kinds: tuple[str, ...], now_utc: datetime) -> int:
    """Erases here, and has the carrier's copies deleted too; the statement returns what it knows them by."""
    keys = session.scalars(erasing).all()
    copies.note(session, keys, kinds, now_utc)
    return len(keys)


def _drop_unanswered(session: Session, before_utc: datetime) -> int:
    """Takes off what a person was asked, or did not read to its end, and never came back to."""
    left = or_(PersonRow.question_sealed.is_not(None), PersonRow.rest_sealed.is_not(None))
    old = _batch(PersonRow.id, PersonRow.seen_at_utc < before_utc, left)
    bare = {"question_sealed": None, "question_at_utc": None, "rest_sealed": None, "rest_at_utc": None}
    return _changed(session.execute(update(PersonRow).where(PersonRow.id.in_(old)).values(**bare)))


def _reminded_before(before_utc: datetime) -> tuple[ColumnElement[bool], ...]:
    """Rows that are over. One that was cancelled may be wanted again until it expires."""
    old = (ReminderRow.due_at_utc < before_utc, ReminderRow.expires_at_utc < before_utc)
    return (ReminderRow.state.in_(OVER), *old)


def _idle(before_utc: datetime, after: str = "") -> Any:
    """People, by id, not heard of since, to whom nothing goes out and of whom the operator has no message."""
    waits = or_(ReminderRow.state == State.PENDING, ReminderRow.expires_at_utc >= before_utc)
    return (
        select(PersonRow)
        .where(
            PersonRow.seen_at_utc < before_utc,
            PersonRow.id > after,
            ~exists().where(ReminderRow.person_id == PersonRow.id, waits),
            ~exists().where(VoiceMessageRow.person_id == PersonRow.id),
        )
        .order_by(PersonRow.id)
        .limit(BATCH_PEOPLE)
    )


def _drop(session: Session, key: InstrumentedAttribute[str], *which: ColumnElement[bool]) -> int:
    return _changed(session.execute(delete(key.class_).where(key.in_(_batch(key, *which)))))


def _batch(key: InstrumentedAttribute[str], *which: ColumnElement[bool]) -> Any:
    """What another has locked is left to the next time."""
    return select(key).where(*which).limit(BATCH_ROWS).with_for_update(skip_locked=True).scalar_subquery()


def _has_words(sealed: InstrumentedAttribute[bytes]) -> ColumnElement[bool]:
    """In the words of the index: with 0 as a parameter SQLite would not use it."""
    return func.length(sealed) > literal_column("0")


def _changed(result: Any) -> int:
    return int(result.rowcount) if isinstance(result, CursorResult) else 0
