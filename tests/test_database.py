"""The database is what its migrations make of it, on both kinds; writers queue, deleted bytes are gone."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from psycopg.pq import TransactionStatus
from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Table,
    create_engine,
    insert,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import OperationalError

from db import KEEPALIVE, MIGRATIONS, Database
from db.tables import Base, CallRow, OptOutRow, PersonRow, ReminderRow
from tests.opening import TWILIO, opened

Rows = dict[str, list[dict[str, Any]]]  # by table; each by column


def test_migrations_make_exactly_the_tables(database: Database) -> None:
    """No drift between tables.py and the migrations."""
    with database.engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert [change for change in difference if "alembic_version" not in str(change)] == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    """Every start migrates."""
    before = inspect(database.engine).get_table_names()
    database.migrate()
    assert inspect(database.engine).get_table_names() == before


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table, of each kind."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/bare.sqlite3")
        yield database
        database.close()
        return
    server = make_url(request.getfixturevalue("migrated_postgresql"))
    owner = create_engine(server, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("CREATE DATABASE bare"))
        database = Database(server.set(database="bare").render_as_string(hide_password=False))
        yield database
        database.close()
        connection.execute(text("DROP DATABASE bare"))
    owner.dispose()


def tables_of(connection: Connection) -> list[Table]:
    """The tables as they are, each after those that it refers to."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def value_of(column: Column[Any], row: int) -> Any:
    """Another one for each row; of what refers to a row, that row's."""
    values: dict[type, Any] = {
        str: f"строка {row}",
        bytes: bytes([row, 0, 255]),
        bool: row % 2 == 0,
        int: row,
        date: date(2026, 2, 28) + timedelta(days=row),
        datetime: datetime.fromisoformat("2026-11-26") + timedelta(microseconds=row),
    }
    return values[column.type.python_type]


def add_rows(connection: Connection, *rows: int) -> None:
    """To every table."""
    for table in tables_of(connection):
        columns = table.columns
        connection.execute(
            insert(table), [{each.name: value_of(each, row) for each in columns} for row in rows]
        )


def rows_of(connection: Connection) -> Rows:
    return {
        table.name: [dict(row._mapping) for row in connection.execute(select(table))]
        for table in tables_of(connection)
    }


def assert_kept(before: Rows, after: Rows) -> None:
    """Whatever columns were added."""
    for name, rows in before.items():
        kept = [{column: row[column] for column in rows[0]} for row in after[name]]
        assert sorted(kept, key=repr) == sorted(rows, key=repr), name


def test_migrating_keeps_every_row(bare: Database) -> None:
    """What the first migration has stored in every column is there after the newest, and means the same."""
    bare.migrate("0001")
    with bare.engine.begin() as connection:
        add_rows(connection, 1, 2)
        before = rows_of(connection)
    bare.migrate()
    with bare.engine.connect() as connection:
        assert_kept(before, rows_of(connection))
    with bare.reading() as session:
        person, row = session.scalars(select(PersonRow)).first(), session.scalars(select(ReminderRow)).first()
        assert person is not None
        assert row is not None
        assert (person.reminded_by, person.heard, row.channel) == ("sms", None, None)


@pytest.mark.slow
def test_each_migration_keeps_every_row(bare: Database) -> None:
    """Each finds rows of all those before it in every table that there is by then."""
    revisions = sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    before: Rows = {}
    for number, revision in enumerate(revisions):
        bare.migrate(revision)
        with bare.engine.begin() as connection:
            assert_kept(before, rows_of(connection))
            add_rows(connection, 2 * number + 1, 2 * number + 2)
            before = rows_of(connection)
    assert set(before) == set(Base.metadata.tables)
    assert {len(before[name]) for name in ("people", "messages", "reminders")} == {2 * len(revisions)}


def test_done_of_an_extension_moves_to_its_own_date(bare: Database) -> None:
    """It was kept with the contract's end where that was the earlier one."""
    bare.migrate("0013")
    change = text(
        "UPDATE anchors SET person_id = :person, member = 0, kind = :kind, done = :done WHERE id = :id"
    )
    with bare.engine.begin() as connection:
        add_rows(connection, 1, 2)
        ids = connection.scalars(text("SELECT id FROM anchors ORDER BY id")).all()
        person = connection.scalar(text("SELECT id FROM people ORDER BY id LIMIT 1"))
        stored = (("job-until", "d11 d18"), ("registration-until", ""))
        for id, (kind, done) in zip(ids, stored, strict=True):
            connection.execute(change, {"person": person, "kind": kind, "done": done, "id": id})
    bare.migrate()
    with bare.engine.begin() as connection:
        kept = dict(connection.execute(text("SELECT kind, done FROM anchors")).all())
    assert kept == {"job-until": "d18", "registration-until": "d11"}


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    """Four starts on an empty file: all of them end well."""
    failures: list[BaseException] = []

    def start() -> None:
        database = Database(f"sqlite:///{tmp_path}/new.sqlite3", busy_timeout_ms=20_000)
        try:
            database.migrate()
        except BaseException as e:
            failures.append(e)
        finally:
            database.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_sqlite_is_as_careful_as_it_can_be(migrated_sqlite: Path) -> None:
    """WAL, full sync, foreign keys, deleted bytes overwritten: on every connection."""
    database = Database(f"sqlite:///{migrated_sqlite}")
    with database.reading() as first, database.reading() as second:
        for connection in (first, second):
            pragmas = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
            values = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in pragmas]
            assert values == ["wal", 2, 1, 1]
    database.close()


def test_database_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Whoever makes it: the hotline, `flask migrate`, `flask db copy`; its log too, whatever the umask."""
    before = os.umask(0o022)
    try:
        database = Database(f"sqlite:///{tmp_path}/new.sqlite3")
        database.migrate()
        with database.reading() as session:
            session.execute(text("SELECT 1"))
            modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
        database.close()
    finally:
        os.umask(before)
    assert modes.keys() >= {"new.sqlite3", "new.sqlite3-wal"}
    assert set(modes.values()) == {0o600}


def test_reader_never_waits_for_a_writer(migrated_sqlite: Path) -> None:
    """A caller's turn is answered while a tick writes; a second writer is refused in time."""
    database = Database(f"sqlite:///{migrated_sqlite}", busy_timeout_ms=20)
    with database.writing() as writer:
        writer.execute(text("SELECT 1"))
        with database.reading() as reader:
            assert reader.query(OptOutRow).all() == []
        with pytest.raises(OperationalError), database.writing() as other:
            other.execute(text("SELECT 1"))
    database.close()


def test_statement_that_takes_too_long_is_ended(migrated_postgresql: str) -> None:
    """A request must not hang for ever; long work, by the same connections, goes on."""
    database = Database(migrated_postgresql, statement_most_ms=50)
    with pytest.raises(OperationalError), database.reading() as session:
        session.execute(text("SELECT pg_sleep(0.2)"))
    for transaction in (database.unhurried().reading, database.unhurried().writing):
        with transaction() as session:
            session.execute(text("SELECT pg_sleep(0.2)"))
    with database.writing() as session:
        assert session.scalar(text("SHOW statement_timeout")) == "50ms"  # again of the same connection
    database.close()


def test_server_that_was_restarted_is_noticed_before_anything_is_asked(migrated_postgresql: str) -> None:
    """All connections of the pool are gone: the next transactions get new ones, none of them fails."""
    database, other = Database(migrated_postgresql), Database(migrated_postgresql)
    with database.writing() as first, database.reading() as second:
        gone = [session.scalar(text("SELECT pg_backend_pid()")) for session in (first, second)]
    with other.writing() as session:
        ended = [session.scalar(text(f"SELECT pg_terminate_backend({pid}, 5000)")) for pid in gone]
    assert ended == [True, True]
    with database.writing() as first, database.unhurried().reading() as second:
        pids = [session.scalar(text("SELECT pg_backend_pid()")) for session in (first, second)]
    assert not set(pids) & set(gone)
    for each in (database, other):
        each.close()


def test_transaction_begins_with_one_round_trip(migrated_postgresql: str) -> None:
    """What asks whether the server is there is its beginning; a row in it is undone with it."""
    database = Database(migrated_postgresql)
    with database.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        assert raw.pgconn.transaction_status == TransactionStatus.INTRANS
        began = connection.scalar(text("SELECT now()"))
        assert connection.scalar(text("SELECT now()")) == began
        connection.rollback()
        assert raw.pgconn.transaction_status == TransactionStatus.IDLE
    database.close()


def test_migration_is_not_ended(migrated_postgresql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it give up waiting for a lock."""
    seen = []

    def upgrade(alembic: AlembicConfig, _revision: str) -> None:
        for name in ("statement_timeout", "lock_timeout"):
            seen.append(alembic.attributes["connection"].scalar(text(f"SHOW {name}")))

    monkeypatch.setattr("db.command.upgrade", upgrade)
    database = Database(migrated_postgresql, statement_most_ms=50)
    database.migrate()
    database.close()
    assert seen == ["0", "0"]


def test_webhooks_are_hurried_and_ticks_and_commands_are_not(one_server: Database) -> None:
    """Of the whole hotline: a reminder, a copy, a rotation must not be cut."""
    with opened(one_server, **TWILIO) as app:
        hotline = app.extensions["kadam"]
        commands = app.cli.commands["migrate"].callback.__self__  # type: ignore[union-attr]
        work = (hotline.dispatcher, hotline.rounds.retention, hotline.rounds.clearing, commands)
        for database, most in ((hotline.database, "10s"), *((each.database, "0") for each in work)):
            with database.reading() as session:
                assert session.scalar(text("SHOW statement_timeout")) == most
        client = hotline.database.engine.raw_connection()
        options = client.dbapi_connection.info.get_parameters()
        client.close()
    assert {name: int(options[name]) for name in KEEPALIVE} == KEEPALIVE
    assert options["tcp_user_timeout"] == "15000"


def test_naive_time_is_refused(sqlite: Database) -> None:
    """A time without its zone would be some other zone's."""
    row = CallRow(sid="CA1", person_id="p", pending_sealed=b"", at_utc=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(Exception, match="naive datetime"), sqlite.writing() as session:
        session.add(row)
