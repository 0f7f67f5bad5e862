"""What a database holds, and the statements that it is asked meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, event, select

from db import Database
from hotline.reminders import heartbeat


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return len(session.scalars(select(table)).all())


def beats(database: Database) -> int:
    """How often workers have ticked."""
    with database.reading() as session:
        found = heartbeat.last(session)
    return found.beat if found else 0


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The SQL statements that run meanwhile; beginning, waiting for one's turn and committing are none."""
    seen: list[str] = []

    def see(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SELECT pg_advisory")):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", see)
    yield seen
    event.remove(database.engine, "before_cursor_execute", see)
