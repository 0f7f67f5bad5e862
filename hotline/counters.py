"""How often something has happened, over all processes: counted in memory, added to one table now and then.

A count costs no statement of the webhook that it is made in, so a flood is not made dearer by being counted.
What a process has counted in its last seconds is lost if it is killed; it never counts twice.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

import structlog
from flask import Response
from sqlalchemy.exc import SQLAlchemyError

from db import Database, insert_into
from db.tables import CounterRow

EVERY_S = 10.0  # a monitor asks once a minute or four times

log = structlog.get_logger()


class Counters:
    """The counts of this process that are not in the table yet."""

    def __init__(self, database: Database, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._added_s = monotonic_s()

    def count(self, what: str) -> None:
        """One more of `what`, a fixed word of ours: never anything that came from outside."""
        with self._lock:
            self._counts[what] += 1

    def after_request(self, response: Response) -> Response:
        """Adds what is due once the answer has been sent, so that no caller waits for it."""
        response.call_on_close(self.add_if_due)
        return response

    def add_if_due(self) -> None:
        """Adds to the table if that was not done for ten seconds."""
        if self._counts and self._monotonic_s() - self._added_s >= EVERY_S:
            self.add()

    def add(self) -> None:
        """Adds to the table; where it cannot, the counts are kept for the next time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
            self._added_s = self._monotonic_s()
        try:
            self._store(counts)
        except SQLAlchemyError as e:
            log.warning("counters.not_stored", exc_info=e)
            with self._lock:
                self._counts.update(counts)

    def _store(self, counts: Counter[str]) -> None:
        if not counts:
            return
        rows = [{"name": name, "total": counts[name]} for name in sorted(counts)]  # one order: no deadlock
        with self._database.writing() as session:
            statement = insert_into(session, CounterRow)
            added = {"total": CounterRow.total + statement.excluded.total}
            session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=added), rows)
