"""Moving from SQLite to PostgreSQL and back loses no row, changes no value, and gives no number twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text

from db import Database, copying
from db.copying import CopyError, copy
from db.tables import Base, VoiceMessageRow
from tests.opening import opened

NOW = datetime(2026, 11, 26, 3, 4, 5, 678_901, tzinfo=UTC)
MEMBERS = ("Zed", "aida", "Ёлка", "éé", "B-2", "a.1", "a_1", "ңүө")  # ids that languages sort otherwise


@pytest.fixture
def other(database: Database, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of the other kind, empty."""
    if database.engine.dialect.name == "postgresql":
        made = Database(f"sqlite:///{tmp_path}/other.sqlite3")
    else:
        made = Database(request.getfixturevalue("migrated_postgresql"))
        with made.engine.begin() as connection:
            names = ", ".join(table.name for table in Base.metadata.sorted_tables)
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    yield made
    made.close()


def value_of(column: Any, row: int) -> Any:
    """A value of the column's type that is told from that of every other row."""
    kind = column.type.python_type if column.type.__class__.__name__ != "UtcDateTime" else datetime
    if column.nullable and row % 3 == 0:
        return None
    if column.foreign_keys or (column.primary_key and kind is str):
        return MEMBERS[row]
    values: dict[type, Any] = {
        str: f"текст {row}",
        bytes: bytes([row, 0, 255]),
        bool: row % 2 == 0,
        int: row + 1,
        date: date(2026, 2, 28) + timedelta(days=row),
        datetime: NOW + timedelta(microseconds=row),
    }
    return values[kind]


def fill(database: Database) -> None:
    """Every table with rows, every column with a value."""
    with database.engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            rows = [
                {column.name: value_of(column, row) for column in table.columns}
                for row in range(len(MEMBERS))
            ]
            connection.execute(insert(table), rows)


def everything(database: Database) -> dict[str, list[Any]]:
    with database.engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def next_number(database: Database) -> int:
    """The number that the next voice message gets."""
    values = {column.name: value_of(column, 1) for column in VoiceMessageRow.__table__.columns}
    values.update(id=None, recording_sid="another", person_id=None)
    values.pop("id")
    with database.engine.begin() as connection:
        made = connection.execute(insert(VoiceMessageRow).values(**values))
        return int(made.inserted_primary_key[0])  # type: ignore[index]


def test_copy_moves_every_row_of_every_table(database: Database, other: Database) -> None:
    """Both ways; instants, days, bytes and letters are the same."""
    fill(database)
    copied = copy(database, other)
    assert {table.table for table in copied} == set(Base.metadata.tables)
    assert {table.rows for table in copied} == {len(MEMBERS)}
    assert everything(database) == everything(other)


def test_command_moves_everything_and_refuses_to_do_it_twice(database: Database, other: Database) -> None:
    """`flask db copy --to …` as the operator calls it, both ways: what is printed, and what is there."""
    fill(database)
    stored = everything(database)
    with opened(database) as app:
        command = ["db", "copy", "--to", other.engine.url.render_as_string(hide_password=False)]
        done, again = (app.test_cli_runner().invoke(args=command) for _ in range(2))
    assert (done.exit_code, everything(other)) == (0, stored)
    printed = [line.split() for line in done.output.splitlines()]
    assert {table for table, *_ in printed} == set(Base.metadata.tables)
    assert {tuple(rows) for _, *rows, _ in printed} == {(str(len(MEMBERS)), "rows")}
    assert again.exit_code == 1
    assert "nothing is copied: the target is not empty" in again.output
    assert everything(other) == stored


def test_copy_in_small_batches_is_the_same(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the size of a batch."""
    monkeypatch.setattr(copying, "BATCH_ROWS", 3)
    fill(database)
    copy(database, other)
    assert everything(database) == everything(other)


def test_copy_gives_no_number_twice(database: Database, other: Database) -> None:
    """A message that was erased had the last number: the next one has another, on both sides."""
    fill(database)
    if database.engine.dialect.name == "postgresql":
        with database.engine.begin() as connection:
            connection.execute(text("SELECT setval(pg_get_serial_sequence('voice_messages', 'id'), 8)"))
    erased = next_number(database)
    with database.engine.begin() as connection:
        connection.execute(text(f"DELETE FROM voice_messages WHERE id = {erased}"))
    copy(database, other)
    assert next_number(other) == erased + 1


def test_copy_refuses_a_target_that_is_not_empty(database: Database, other: Database) -> None:
    """Nothing is overwritten or mixed."""
    fill(database)
    copy(database, other)
    before = everything(other)
    with pytest.raises(CopyError, match=r"not empty: .*people"):
        copy(database, other)
    assert everything(other) == before


def test_copy_that_differs_keeps_nothing(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row that does not arrive is found, and the target is as empty as before."""
    fill(database)
    true_batches = copying._batches

    def lose_one(connection: Connection, table: Any) -> Iterator[list[dict[str, Any]]]:
        for batch in true_batches(connection, table):
            is_source = connection.engine.url == database.engine.url
            yield batch[1:] if is_source and table.name == "opt_outs" and lose.pop() else batch

    lose = [False, True]  # the first reading copies, the second compares
    monkeypatch.setattr(copying, "_batches", lose_one)
    with pytest.raises(CopyError, match="opt_outs: 8 rows became 7"):
        copy(database, other)
    monkeypatch.undo()
    assert not any(everything(other).values())


def test_copy_onto_itself_is_refused(database: Database) -> None:
    """A slip of the hand."""
    with pytest.raises(CopyError, match="same database"):
        copy(database, Database(database.engine.url.render_as_string(hide_password=False)))


def test_copy_wants_the_newest_migration(tmp_path: Path) -> None:
    """The tables of an old database are not the ones that are copied."""
    old, new = Database(f"sqlite:///{tmp_path}/old.sqlite3"), Database(f"sqlite:///{tmp_path}/new.sqlite3")
    old.migrate("0001")
    with pytest.raises(CopyError, match="flask migrate"):
        copy(old, new)
    old.close()
    new.close()
