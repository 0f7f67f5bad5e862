"""What time alone changes: of messages that were begun, and of rows that nobody sends in time.

The rows are found in the order of an index, a batch at a time. The count of all that may match would mislead
PostgreSQL: it takes state and time for independent, expects a large part of the ledger to be over, and reads
it from the first row to the last where none is. The first of an order it looks for where the order begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import Boolean, ColumnElement, bindparam, exists, select, update
from sqlalchemy.orm import Session

from db import first_of
from db.tables import MessageRow, OptOutRow, PersonRow, ReminderRow, UtcDateTime
from hotline.reminders import ledger, outbox
from hotline.reminders.states import State
from hotline.reminders.window import Window, next_opening

BATCH_ROWS = 500

log = structlog.get_logger()


@dataclass(frozen=True)
class Expired:
    """How many rows; `missed`: those of the last days of a term whose people want reminders."""

    rows: int
    missed: int


@dataclass
class Missed:
    """Reminders of the last days of a term that ended unsent on one day, as far as this process saw it."""

    day: date | None = None
    rows: int = 0

    @property
    def problem(self) -> str | None:
        """For /healthz, to the end of the day."""
        return f"reminders: {self.rows} of the last days were not sent in time" if self.rows else None

    def note(self, rows: int, day: date) -> None:
        """So many more have ended on that day."""
        if rows:
            log.error("reminders.missed", rows=rows)
        self.rows = rows + (self.rows if day == self.day else 0)
        self.day = day


def lapse(session: Session, window: Window, now_utc: datetime) -> None:
    """A fenced message whose lease ended is unknown; one past its hour expires, its rows are due again."""
    orphans = _taken(session, MessageRow.state == State.SENDING, MessageRow.lease_until_utc <= now_utc)
    if orphans:
        begun = {"state": State.UNKNOWN, "next_at_utc": now_utc + outbox.UNKNOWN_WAIT, "looks": 0}
        _move(session, orphans, begun)
        outbox.move_rows(session, orphans, {State.SENDING}, State.UNKNOWN)
    late = _taken(session, MessageRow.state == State.PENDING, MessageRow.expires_at_utc <= now_utc)
    if late:
        _move(session, late, {"state": State.EXPIRED})
        ledger.release(session, late, next_opening(window, now_utc), {State.PENDING})


def expire(session: Session, now_utc: datetime) -> Expired:
    """Marks what may not be sent any more. What another worker has locked is for the next tick."""
    last_days = _in_batches(session, EXPIRED, {"now": now_utc, "of_last_days": True})
    others = _in_batches(session, EXPIRED, {"now": now_utc, "of_last_days": False})
    return Expired(len(last_days) + len(others), _missed(session, last_days))


def postpone(session: Session, now_utc: datetime, until_utc: datetime) -> int:
    """Moves what is due while the window is closed to its next opening; returns how many rows."""
    return len(_in_batches(session, POSTPONED, {"now": now_utc, "until": until_utc}))


def _taken(session: Session, *which: ColumnElement[bool]) -> Sequence[str]:
    """Messages of `which`, each locked with its person; what another has locked is for the next tick.

    Waiting for it could be for ever: whoever has the person's rows may be about to ask for the message.
    """
    found = select(MessageRow.id).join(PersonRow, PersonRow.id == MessageRow.person_id).where(*which)
    free = found.with_for_update(of=(PersonRow, MessageRow), key_share=True, skip_locked=True)
    return session.scalars(free.order_by(MessageRow.id)).all()


def _move(session: Session, message_ids: Sequence[str], values: Mapping[str, Any]) -> None:
    """Nobody has them any more."""
    these = update(MessageRow).where(MessageRow.id.in_(message_ids))
    session.execute(these.values(lease_until_utc=None, **values))


def _in_batches(session: Session, statement: Any, values: Mapping[str, Any]) -> list[str]:
    """Runs the statement until it finds no more; whose rows it has changed."""
    changed: list[str] = []
    while True:
        batch: Sequence[str] = session.scalars(statement, {**values, "most": BATCH_ROWS}).all()
        changed += batch
        if len(batch) < BATCH_ROWS:
            return changed


def _missed(session: Session, person_ids: Sequence[str]) -> int:
    """How many of these rows are not of people who have opted out."""
    out: set[str] = set()
    for n in range(0, len(person_ids), BATCH_ROWS):
        out |= set(session.scalars(OPTED_OUT, {"people": person_ids[n : n + BATCH_ROWS]}))
    return sum(id not in out for id in person_ids)


def _first(order: ColumnElement[Any], *which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Those of `which` that come first and are in no message yet, nor in another worker's hands."""
    free = (_ROWS.c.state == State.PENDING, _ROWS.c.message_id.is_(None))
    return _ROWS.c.id.in_(first_of(_ROWS, order, *free, *which))


# Built once, and of the table: each tick asks them.
_ROWS, _PEOPLE, _OUT = ReminderRow.__table__, PersonRow.__table__, OptOutRow.__table__
_NOW, _UNTIL = bindparam("now", type_=UtcDateTime), bindparam("until", type_=UtcDateTime)
OPTED_OUT = select(_PEOPLE.c.id).where(
    _PEOPLE.c.id.in_(bindparam("people", expanding=True)),
    exists().where(_OUT.c.phone_index == _PEOPLE.c.phone_index),
)
EXPIRED = (
    update(_ROWS)
    .where(
        _first(
            _ROWS.c.expires_at_utc,
            _ROWS.c.urgent == bindparam("of_last_days", type_=Boolean),
            _ROWS.c.expires_at_utc <= _NOW,
        )
    )
    .values(state=State.EXPIRED)
    .returning(_ROWS.c.person_id)
)
POSTPONED = (
    update(_ROWS)
    .where(_first(_ROWS.c.due_at_utc, _ROWS.c.due_at_utc <= _NOW, _ROWS.c.expires_at_utc > _UNTIL))
    .values(due_at_utc=_UNTIL)
    .returning(_ROWS.c.person_id)
)
