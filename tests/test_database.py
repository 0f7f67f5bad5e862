"""The database is what its migrations make of it, on both kinds; writers queue, deleted bytes are gone."""

from __future__ import annotations

import os
import threading
from datetime import datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from psycopg.pq import TransactionStatus
from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

from db import KEEPALIVE, Database
from db.tables import Base, CallRow, OptOutRow, PersonRow, ReminderRow
from tests.opening import TWILIO, opened


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


def test_migrating_keeps_every_row(tmp_path: Path) -> None:
    """What the first migration has stored is there after the newest: people, and what refers to them."""
    database = Database(f"sqlite:///{tmp_path}/old.sqlite3")
    database.migrate("0001")
    now = "2026-11-26 00:00:00.000000"
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO people (id, phone_index, phone_sealed, created_at_utc, seen_at_utc) "
                f"VALUES ('p', x'01', x'02', '{now}', '{now}')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO reminders (id, person_id, member, rule, anchor_index, due_on, due_at_utc, "
                "expires_at_utc, state) "
                f"VALUES ('r', 'p', 0, 'd05', x'03', '2026-12-01', '{now}', '{now}', 'pending')"
            )
        )
    database.migrate()
    with database.reading() as session:
        person, row = session.get(PersonRow, "p"), session.get(ReminderRow, "r")
        assert person is not None
        assert row is not None
        assert (person.reminded_by, person.heard, row.channel, row.state) == ("sms", None, None, "pending")
    database.close()


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
