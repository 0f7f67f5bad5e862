"""A bounded, thread-safe shelf of records by SID, newest first when listed."""

import threading
from typing import Generic, Protocol, TypeVar

# Messages or calls kept in memory; the oldest go first.
MOST_RECORDS = 5_000


class HasSid(Protocol):
    """Anything with an identifier of its own."""

    sid: str


Record = TypeVar("Record", bound=HasSid)


class Shelf(Generic[Record]):
    """The last 5,000 records of one kind."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._lock = threading.Lock()

    def put(self, record: Record) -> None:
        """Keep a new record."""
        with self._lock:
            self._records[record.sid] = record
            while len(self._records) > MOST_RECORDS:
                del self._records[next(iter(self._records))]

    def get(self, sid: str) -> Record | None:
        """The record of a SID, or None."""
        with self._lock:
            return self._records.get(sid)

    def remove(self, sid: str) -> None:
        """Keep a record no longer."""
        with self._lock:
            self._records.pop(sid, None)

    def newest_first(self) -> list[Record]:
        """All records, the newest first, as Twilio lists them."""
        with self._lock:
            return list(reversed(self._records.values()))
