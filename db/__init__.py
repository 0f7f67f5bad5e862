"""The database: engine, transactions, and SQLite made as careful as PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from psycopg.pq import ExecStatus
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    Table,
    bindparam,
    create_engine,
    event,
    func,
    select,
    text,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session

from db.tables import Base, UtcDateTime

MIGRATIONS = Path(__file__).parent / "migrations"
OWNER_ONLY = 0o600
MIGRATION_LOCK = 7_996  # any number that nobody else locks
TAKEN = text("SELECT pg_advisory_xact_lock(:key)")
BUSY_TIMEOUT_MS = 5_000  # how long a writer waits for another before "database is locked"
EMPTYING_MOST_MS = 100  # how long emptying the log may hold up writers, for the sake of a reader
IDLE_MOST_MS = 60_000  # a transaction of a process that stands still is undone, so that its locks go
CONNECT_TIMEOUT_S = 5  # the carrier waits 15 s for an answer
UNANSWERED_MOST_S = 15  # of what was sent to the server
STATEMENT_MOST_MS = 10_000  # of a webhook: later nobody waits for its answer
KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}  # s, s, times
# Connections of a process. None is closed for being one too many: opening it again takes longer than its use.
POOL: dict[str, Any] = {"pool_size": 15, "max_overflow": 0}


class Database:
    """One engine and its transactions: `writing()` for what must be stored, `reading()` for the rest."""

    def __init__(
        self,
        url: str,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        statement_most_ms: int = STATEMENT_MOST_MS,
    ) -> None:
        """Connects lazily to `url` (`sqlite:///…` or `postgresql+psycopg://…`).

        `statement_most_ms`: after which PostgreSQL ends a statement; SQLite has no such bound.
        """
        self.url = url
        self.engine = _engine(url, busy_timeout_ms, statement_most_ms)
        self._patience_s = busy_timeout_ms / 1_000
        self._turn = threading.Lock() if self.engine.dialect.name == "sqlite" else None

    def unhurried(self) -> Database:
        """The same database for long work, ticks and commands: the same connections, no statement ended."""
        if self._turn is not None:
            return self
        patient = copy(self)
        patient.engine = self.engine.execution_options(kadam_unhurried=True)
        return patient

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed on leaving and rolled back on an error.

        On SQLite its first statement takes the write lock (BEGIN IMMEDIATE): two writers queue, none fails.
        """
        with self._in_turn(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """One writer of this process after another: SQLite lets those who wait sleep, up to 100 ms at a time.

        Whoever has waited for too long goes on and hears from SQLite that the database is locked.
        """
        has_turn = self._turn is not None and self._turn.acquire(timeout=self._patience_s)
        try:
            yield
        finally:
            if self._turn is not None and has_turn:
                self._turn.release()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that only reads; on SQLite it never waits for a writer."""
        with Session(self.engine.execution_options(kadam_reading=True)) as session:
            yield session

    def migrate(self, revision: str = "head") -> None:
        """Brings the database to a migration, the newest; processes that start together take turns."""
        alembic = AlembicConfig()
        alembic.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.begin() as connection:
            # SQLite has taken its write lock with BEGIN IMMEDIATE.
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            alembic.attributes["connection"] = connection
            command.upgrade(alembic, revision)

    def empty_log(self) -> bool:
        """Empties SQLite's write-ahead log, in which what was erased may still stand; whether it could.

        A reader that is under way keeps it: it is waited for so shortly that no writer notices.
        """
        if self._turn is None:
            return True
        with self._in_turn():
            connection = self.engine.raw_connection()
            try:
                return _truncated(connection.cursor(), self._patience_s)
            finally:
                connection.close()

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


def one_at_a_time(session: Session, keys: Sequence[bytes]) -> None:
    """Waits for the transaction that has taken the same keys, in whatever order, and has them to its end.

    What is read before a row is locked may be stale by then, and a row that is not there yet cannot be
    locked. On SQLite there is one writer at a time anyway.
    """
    if keys and session.get_bind().dialect.name == "postgresql":
        session.execute(TAKEN, {"key": int.from_bytes(min(keys)[:8], signed=True)})


def insert_into(session: Session, rows: type[Base]) -> Any:
    """An INSERT into the table of `rows` that knows ON CONFLICT, of the database the session talks to."""
    return insert_of(session.get_bind().dialect.name, rows)


def insert_of(dialect: str, rows: type[Base]) -> Any:
    """As `insert_into`, by the name of the dialect: for a statement that is kept for the next time."""
    return (postgresql if dialect == "postgresql" else sqlite).insert(rows.__table__)


def now_there(session: Session) -> ColumnElement[datetime]:
    """The database's own time as a transaction begins: the same clock for every machine that asks it."""
    if session.get_bind().dialect.name == "postgresql":
        return type_coerce(func.timezone("UTC", func.now()), UtcDateTime)
    return type_coerce(func.strftime("%Y-%m-%d %H:%M:%f", "now"), UtcDateTime)


def first_of(table: Table, order: ColumnElement[Any], *which: ColumnElement[bool]) -> Select[Any]:
    """The ids of the rows of `which` that come first, at most as many as the parameter `most`, each locked.

    What another has locked is left. For the IN of an UPDATE: by a common table expression, which runs once.
    As a bare subquery PostgreSQL may run it anew for each row, and then takes as many as there are.
    """
    first = select(table.c.id).where(*which).order_by(order).limit(bindparam("most"))
    return select(first.with_for_update(skip_locked=True).cte("first", nesting=True).c.id)


def _engine(url: str, busy_timeout_ms: int, statement_most_ms: int) -> Engine:
    if not url.startswith("sqlite"):
        patience = _patience(busy_timeout_ms, statement_most_ms)
        engine = create_engine(url, hide_parameters=True, connect_args=patience, **POOL)
        event.listen(engine, "checkout", _begin_at_once)
        event.listen(engine, "begin", _begin_unhurried)
        return engine
    engine = create_engine(url, hide_parameters=True, **POOL)
    event.listen(engine, "connect", partial(_make_owner_only, Path(engine.url.database or "")))
    event.listen(engine, "connect", partial(_harden_sqlite, busy_timeout_ms))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _patience(lock_timeout_ms: int, statement_most_ms: int) -> dict[str, Any]:
    """PostgreSQL by itself waits for ever: for a lock, for a server that is gone, for who stands still."""
    options = {
        "lock_timeout": lock_timeout_ms,
        "statement_timeout": statement_most_ms,
        "idle_in_transaction_session_timeout": IDLE_MOST_MS,
    }
    return {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "tcp_user_timeout": 1_000 * UNANSWERED_MOST_S,
        "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        **KEEPALIVE,
    }


def _begin_at_once(connection: Any, _record: Any, _checked_out: Any) -> None:
    """Asks whether the server is there by what begins the transaction: one round trip instead of two.

    Where it is not, this connection and all that are as old are opened anew.
    """
    if connection.pgconn.exec_(b"BEGIN").status != ExecStatus.COMMAND_OK:
        raise InvalidatePoolError


def _begin_unhurried(connection: Connection) -> None:
    if connection.get_execution_options().get("kadam_unhurried", False):
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def _make_owner_only(path: Path, _connection: Any, _record: Any) -> None:
    """A new file of SQLite is its owner's alone, whoever needs it first; its log will be made like it."""
    if path.is_file() and path.stat().st_size == 0:
        path.chmod(OWNER_ONLY)


def _harden_sqlite(busy_timeout_ms: int, connection: Any, _record: Any) -> None:
    """WAL, full sync, real foreign keys, deleted bytes overwritten; per connection, as SQLite wants it."""
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={busy_timeout_ms}",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    with suppress(sqlite3.OperationalError):  # locked: a process that starts with us is turning WAL on
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.close()


def _truncated(cursor: Any, patience_s: float) -> bool:
    """Everything goes from the log into the file, then the log has no bytes."""
    cursor.execute(f"PRAGMA busy_timeout={EMPTYING_MOST_MS}")
    try:
        busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        cursor.execute(f"PRAGMA busy_timeout={int(1_000 * patience_s)}")
    return not busy


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("kadam_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
