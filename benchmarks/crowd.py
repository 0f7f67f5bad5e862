"""A database with very many people in it: the database itself makes them, in a few statements.

The rows and indexes are as the rooms would store them, half-way through a term and with the words of what was
sent too old to be kept. Only what is sealed stands there once and again, for no tick opens it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, LargeBinary, String, cast, insert, literal, select, text

from db import Database
from db.tables import AnchorRow, Base, MessageRow, PersonRow, ReminderRow
from hotline.reminders.states import RANK_FINAL, Channel, Kind, State
from tests.chaos.crashes import STORED_AT
from tests.chaos.crashing import START

SEALED = bytes(60)
FAR, LONG_AGO = START + timedelta(days=20), START - timedelta(days=9)
FIRST_ID, LAST_ID = 10**18, 9 * 10**18  # of as many digits, and no more than fit into 64 bits
PADDING = "0" * 13  # to the 32 letters that an id has

PERSON = {"phone_sealed": SEALED, "language": "ky", "created_at_utc": STORED_AT, "seen_at_utc": STORED_AT}
ANCHOR = {"member": 0, "kind": "entry", "date_sealed": SEALED, "done": "", "set_at_utc": STORED_AT}
MESSAGE = {
    "channel": Channel.SMS,
    "kind": Kind.REMINDER,
    "body_sealed": b"",
    "state": State.DELIVERED,
    "rank": RANK_FINAL,
    "attempts": 1,
    "next_at_utc": LONG_AGO,
    "expires_at_utc": LONG_AGO + timedelta(hours=12),
    "looks": 0,
    "claimed_at_utc": LONG_AGO,
    "sent_at_utc": LONG_AGO,
    "created_at_utc": LONG_AGO,
}
REMINDER = {"member": 0, "rule": "d05"}
DELIVERED = {
    **REMINDER,
    "state": State.DELIVERED,
    "due_on": LONG_AGO.date(),
    "due_at_utc": LONG_AGO,
    "expires_at_utc": LONG_AGO + timedelta(days=3),
}
WAITING = {
    **REMINDER,
    "state": State.PENDING,
    "due_on": FAR.date(),
    "due_at_utc": FAR,
    "expires_at_utc": FAR + timedelta(days=3),
}


def store_crowd(database: Database, people: int) -> None:
    """People with a date, a reminder that waits, and one that was delivered, as most of a year's are."""
    is_postgresql = database.engine.dialect.name == "postgresql"
    with database.engine.begin() as connection, _indexed_afterwards(connection):
        if is_postgresql:  # what one statement writes is what the next refers to: nothing to check
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        _store(connection, PersonRow, PERSON, _ids(people))
        known, index = PersonRow.id, PersonRow.phone_index
        _store(connection, AnchorRow, ANCHOR, {"id": known + ".0.entry", "person_id": known})
        _store(connection, MessageRow, MESSAGE, {"id": known, "person_id": known, "sid": "SM" + known})
        of = {"person_id": known, "anchor_index": index}
        _store(connection, ReminderRow, DELIVERED, {"id": known + "d", **of, "message_id": known})
        _store(connection, ReminderRow, WAITING, {"id": known + "w", **of})
    if is_postgresql:
        with database.engine.begin() as connection:
            connection.execute(text("ANALYZE"))  # as it does by itself after a while
    database.empty_log()


def _ids(people: int) -> dict[str, Any]:
    """Spread over all ids, as random ones are; and as many of what stands for a number."""
    n = select(literal(0, BigInteger).label("n")).cte("numbers", recursive=True)
    n = n.union_all(select(n.c.n + 1).where(n.c.n < people - 1))
    id = cast(FIRST_ID + n.c.n * ((LAST_ID - FIRST_ID) // people), String) + PADDING
    return {"id": id, "phone_index": cast(id, LargeBinary)}


def _store(connection: Connection, kind: type[Base], same: dict[str, Any], own: dict[str, Any]) -> None:
    """A row for each person, which differs from others in `own`."""
    table = kind.__table__
    values = [literal(value, table.c[name].type).label(name) for name, value in same.items()]
    rows = select(*values, *(value.label(name) for name, value in own.items()))
    connection.execute(insert(table).from_select([*same, *own], rows))


@contextmanager
def _indexed_afterwards(connection: Connection) -> Iterator[None]:
    """Without the indexes that can be made when all rows are there, which is quicker."""
    indexes = [index for table in Base.metadata.sorted_tables for index in table.indexes]
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)
