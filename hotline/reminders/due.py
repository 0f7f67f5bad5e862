"""Whose reminders are due, in the order of what can wait least."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Boolean, bindparam, exists, select
from sqlalchemy.orm import Session

from db.tables import AnchorRow, OptOutRow, PersonRow, ReminderRow, UtcDateTime
from hotline.reminders.states import State

ROWS_EACH = 2  # of one person that are due at an instant: more are seldom, and are claimed all the same
ENDING_EACH = 4  # ... that end on a day: registration, job and those of the family

Anchors = Mapping[str, Sequence[AnchorRow]]  # person id -> stored dates


def people_with_due_rows(
    session: Session, now_utc: datetime, limit: int, person_id: str | None = None
) -> list[PersonRow]:
    """At most `limit` people, or the one, each locked: no other worker gathers for the same person.

    First who has waited for longest. Whom another has locked is left.
    """
    due = DUE if person_id is None else DUE.where(PersonRow.id == person_id)
    return _once(session.scalars(due, {"now": now_utc, "most": limit * ROWS_EACH}))[:limit]


def people_with_ending_rows(
    session: Session, now_utc: datetime, tomorrow_utc: datetime, limit: int
) -> list[PersonRow]:
    """The same of those with a row that is over by `tomorrow_utc`, the next opening of the window.

    First rows of the last days of a term, then others, each by their end.
    """
    people: list[PersonRow] = []
    values = {"now": now_utc, "tomorrow": tomorrow_utc, "most": limit * ENDING_EACH}
    for urgent in (True, False):
        if len(people) < limit:
            people = _once([*people, *session.scalars(ENDING, {**values, "urgent": urgent})])[:limit]
    return people


def due_rows(
    session: Session, people: Iterable[PersonRow], now_utc: datetime
) -> dict[str, list[ReminderRow]]:
    """Person id -> due rows, locked: DONE at this instant waits and then finds them claimed.

    The times are compared here: in SQL they would make SQLite look through everybody's due rows.
    """
    ids = [person.id for person in people]
    rows: Iterable[ReminderRow] = session.scalars(ROWS, {"people": ids}) if ids else ()
    due = [row for row in rows if row.due_at_utc <= now_utc < row.expires_at_utc]
    return {id: list(own) for id, own in groupby(due, key=lambda row: row.person_id)}


def anchors_of(session: Session, people: Iterable[PersonRow]) -> Anchors:
    """Person id -> stored dates."""
    ids = [person.id for person in people]
    rows: Iterable[AnchorRow] = session.scalars(ANCHORS, {"people": ids}) if ids else ()
    return {id: list(own) for id, own in groupby(rows, key=lambda row: row.person_id)}


def _once(people: Iterable[PersonRow]) -> list[PersonRow]:
    return list({person.id: person for person in people}.values())


def _theirs(person_id: Any) -> Any:
    return person_id.in_(bindparam("people", expanding=True))


# Built once: each claim asks them.
_FREE = (ReminderRow.state == State.PENDING, ReminderRow.message_id.is_(None))  # and in no message yet
_NOW = bindparam("now", type_=UtcDateTime)
_WANTED = ~exists().where(OptOutRow.phone_index == PersonRow.phone_index)
_PEOPLE = (
    select(PersonRow)
    .join(ReminderRow, ReminderRow.person_id == PersonRow.id)
    .where(*_FREE, ReminderRow.due_at_utc <= _NOW, ReminderRow.expires_at_utc > _NOW, _WANTED)
    .limit(bindparam("most"))
    .with_for_update(of=PersonRow, key_share=True, skip_locked=True)
)
DUE = _PEOPLE.order_by(ReminderRow.due_at_utc)
# What is over by then is due already, but for very little: the index finds it without looking at the rest.
ENDING = _PEOPLE.where(
    ReminderRow.urgent == bindparam("urgent", type_=Boolean),
    ReminderRow.expires_at_utc <= bindparam("tomorrow", type_=UtcDateTime),
).order_by(ReminderRow.expires_at_utc)
ROWS = (
    select(ReminderRow)
    .where(_theirs(ReminderRow.person_id), *_FREE)
    .order_by(ReminderRow.person_id)
    .with_for_update()
)
ANCHORS = select(AnchorRow).where(_theirs(AnchorRow.person_id)).order_by(AnchorRow.person_id)
