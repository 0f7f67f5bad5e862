"""Brings everything that is stored under the first data key, so that an older one can be taken away.

In batches, each a transaction of its own: killed at any moment it leaves every row readable, and run again it
goes on where it was, because a sealed value names its key. The hotline may run meanwhile, with both keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import and_, delete, exists, insert, select, update
from sqlalchemy.orm import Session, aliased

from db import Database
from db.tables import OptOutRow, PersonRow, ReminderRow
from hotline.people import messages, store
from hotline.people.data_keys import SEALED, Sealed
from hotline.people.privacy import DataKeyError, Vault
from hotline.reminders.plan import anchor_text

BATCH_ROWS, BATCH_PEOPLE, BATCH_SOUNDS = 200, 20, 4  # of one transaction; a sound has up to 2 MB


@dataclass
class Rotated:
    """What was done: values sealed anew by column, numbers and dates indexed anew; what no key opens.

    doubled: numbers that two rows have, one under each key; they stay as they are.
    """

    sealed: dict[str, int] = field(default_factory=dict)
    indexed: int = 0
    unreadable: int = 0
    doubled: int = 0


def rotate(database: Database, vault: Vault) -> Rotated:
    """Seals and indexes everything under the first key of the vault."""
    done = Rotated()
    for each in SEALED:
        done.sealed[each.name] = sum(_batches(database, vault, each, done))
    _index_people(database, vault, done)
    return done


def _batches(database: Database, vault: Vault, each: Sealed, done: Rotated) -> Iterator[int]:
    """Seals a column anew, batch by batch in the order of its ids; what no key opens is passed over."""
    most = BATCH_SOUNDS if each.name == messages.SOUND_COLUMN else BATCH_ROWS
    after = ""
    while True:
        older = (each.is_there, each.key_id != vault.key_ids[0], each.row_id > after)
        found = select(each.row_id, each.column).where(*older).order_by(each.row_id).limit(most)
        with database.writing() as session:
            rows = session.execute(found.with_for_update()).all()
            yield sum(_seal(session, vault, each, id, sealed, done) for id, sealed in rows)
        if len(rows) < most:
            return
        after = rows[-1][0]


def _seal(session: Session, vault: Vault, each: Sealed, id: str, sealed: bytes, done: Rotated) -> int:
    try:
        value = vault.open_bytes(sealed, each.name, id)
    except DataKeyError:
        done.unreadable += 1
        return 0
    anew = {each.column.key: vault.seal_bytes(value, each.name, id)}
    session.execute(update(each.column.class_).where(each.row_id == id).values(**anew))
    return 1


def _index_people(database: Database, vault: Vault, done: Rotated) -> None:
    """Indexes anew by whom and by which dates the rows of people are found; with them their opt-outs."""
    after = ""
    while True:
        found = select(PersonRow).where(PersonRow.id > after).order_by(PersonRow.id).limit(BATCH_PEOPLE)
        with database.writing() as session:
            people = session.scalars(found.with_for_update()).all()
            for person in people:
                try:
                    _index(session, vault, person, done)
                except DataKeyError:
                    done.unreadable += 1
        if len(people) < BATCH_PEOPLE:
            return
        after = people[-1].id


def _index(session: Session, vault: Vault, person: PersonRow, done: Rotated) -> None:
    current, *older = vault.indexes(store.phone_of(vault, person))
    if person.phone_index != current:
        if session.scalar(select(exists().where(PersonRow.phone_index == current))):
            done.doubled += 1
            return
        session.execute(update(PersonRow).where(PersonRow.id == person.id).values(phone_index=current))
        done.indexed += 1
    _index_opt_out(session, vault, current, older)
    for number, member in store.members_of(session, vault, person.id).items():
        for anchor, day in member.dates.items():
            index_date(session, vault, person.id, number, anchor, day)


def _index_opt_out(session: Session, vault: Vault, current: bytes, older: list[bytes]) -> None:
    """One row, under the current key; of which key an opt-out of an earlier version is, is known now."""
    found = session.scalars(select(OptOutRow).where(OptOutRow.phone_index.in_([current, *older]))).all()
    if not found or [(row.phone_index, row.key_id) for row in found] == [(current, vault.key_ids[0])]:
        return
    at_utc, at_carrier = min(row.at_utc for row in found), any(row.at_carrier for row in found)
    session.execute(delete(OptOutRow).where(OptOutRow.phone_index.in_([current, *older])))
    known = {"key_id": vault.key_ids[0], "at_utc": at_utc, "at_carrier": at_carrier}
    session.execute(insert(OptOutRow).values(phone_index=current, **known))


def index_date(session: Session, vault: Vault, person_id: str, number: int, anchor: str, day: date) -> None:
    """The rows of the ledger that count from a date, under the current key; a statement for each older key.

    Those of dates that are not stored any more are found by nobody again. Where a day was planned anew under
    the current key already, the older row stays as it is: cancelled.
    """
    current, *older = vault.indexes(anchor_text(person_id, number, anchor, day))
    anew = aliased(ReminderRow)
    same = and_(anew.rule == ReminderRow.rule, anew.due_on == ReminderRow.due_on)
    planned = exists().where(
        anew.person_id == person_id, anew.member == number, anew.anchor_index == current, same
    )
    for index in older:
        session.execute(
            update(ReminderRow)
            .where(
                ReminderRow.person_id == person_id,
                ReminderRow.member == number,
                ReminderRow.anchor_index == index,
                ~planned,
            )
            .values(anchor_index=current)
            .execution_options(synchronize_session=False)
        )
