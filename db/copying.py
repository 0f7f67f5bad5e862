"""Moves everything from one database to another, SQLite to PostgreSQL or back; nothing is lost on the way.

Table by table in the order of their foreign keys, in batches, in one transaction on the target: it holds
everything or nothing. Then both sides are read again and compared. What is sealed stays sealed: the target
needs the same data keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, func, select, text

from db import Database
from db.tables import Base, VoiceMessageRow

BATCH_ROWS = 1_000
NUMBERED = VoiceMessageRow.__table__  # ids are counted, never given again


class CopyError(RuntimeError):
    """The databases are as they were; says why, without what is stored."""


@dataclass(frozen=True)
class Copied:
    """A table that is the same on both sides: how many rows, and the checksum of both."""

    table: str
    rows: int
    checksum: str


def copy(source: Database, target: Database) -> list[Copied]:
    """Copies every table; migrates the target first. Raises CopyError where it must not or has not."""
    if source.engine.url == target.engine.url:
        raise CopyError("this is the same database")
    target.migrate()
    snapshot = source.engine.connect().execution_options(kadam_reading=True)
    with snapshot as reading, target.engine.begin() as writing:
        if reading.dialect.name == "postgresql":  # as of one instant; SQLite reads so by itself
            reading.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        if _revision(reading) != _revision(writing):
            raise CopyError("the source is not at the newest migration: run `flask migrate` first")
        full = [table.name for table in _tables() if _count(writing, table)]
        if full:
            raise CopyError(f"the target is not empty: {', '.join(full)}")
        for table in _tables():
            for batch in _batches(reading, table):
                writing.execute(table.insert(), batch)
        _go_on_counting(reading, writing)
        return [_compared(reading, writing, table) for table in _tables()]


def _tables() -> Sequence[Table]:
    """Each after those that it refers to."""
    return Base.metadata.sorted_tables


def _revision(connection: Connection) -> object:
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _batches(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """The rows in the order of their ids, by byte: the same on both sides. No table is held in memory."""
    streamed = connection.execution_options(yield_per=BATCH_ROWS)
    by_byte = connection.dialect.name == "postgresql"  # it sorts text as a language does
    keys = [_by_byte(column) if by_byte else column for column in table.primary_key]
    for rows in streamed.execute(select(table).order_by(*keys)).mappings().partitions():
        yield [dict(row) for row in rows]


def _by_byte(column: Any) -> Any:
    return column.collate("C") if column.type.python_type is str else column


def _go_on_counting(reading: Connection, writing: Connection) -> None:
    """The next message gets the number that the source would have given it."""
    last = _last_number(reading)
    if not last:
        return
    if writing.dialect.name == "postgresql":
        sequence = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last)")
        writing.execute(sequence, {"table": NUMBERED.name, "last": last})
        return
    values = {"table": NUMBERED.name, "last": last}
    writing.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), values)
    writing.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last)"), values)


def _last_number(connection: Connection) -> int:
    """The last number that was given, also of a message that is erased; 0 for none yet."""
    if connection.dialect.name == "postgresql":
        name = connection.execute(text(f"SELECT pg_get_serial_sequence('{NUMBERED.name}', 'id')")).scalar()
        used = connection.execute(text(f"SELECT last_value, is_called FROM {name}")).one()  # nosec B608
        return int(used.last_value) if used.is_called else 0
    given = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
    return int(connection.execute(given, {"table": NUMBERED.name}).scalar() or 0)


def _compared(reading: Connection, writing: Connection, table: Table) -> Copied:
    """Reads both sides again. Raises CopyError, and with it nothing is kept, where they differ."""
    (rows, checksum), there = _sum_of(reading, table), _sum_of(writing, table)
    if (rows, checksum) != there:
        raise CopyError(f"{table.name}: {rows} rows became {there[0]}, or other ones")
    return Copied(table.name, rows, checksum)


def _sum_of(connection: Connection, table: Table) -> tuple[int, str]:
    """Rows, and a checksum of every value of every row as Python reads it."""
    rows, digest = 0, hashlib.sha256()
    for batch in _batches(connection, table):
        rows += len(batch)
        for row in batch:
            digest.update(repr([row[column.name] for column in table.columns]).encode())
    return rows, digest.hexdigest()[:16]
