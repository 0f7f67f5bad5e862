"""The worker's heartbeat in the database: web processes that do not tick tell by it whether anybody does."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from db import Database, insert_into, now_there
from db.tables import ClockRow
from hotline.reminders.watchdog import Pulse

ONLY = 1  # the row


@dataclass(frozen=True)
class Heartbeat:
    """`beat` is another number after each tick of any worker; `trouble`: why it can send nothing, or None."""

    beat: int
    trouble: str | None


def beat(session: Session, trouble: str | None) -> None:
    """A worker has ticked; one statement."""
    told = {"at_utc": now_there(session), "trouble": trouble}
    statement = insert_into(session, ClockRow).values(id=ONLY, beat=1, **told)
    next_beat = {"beat": ClockRow.beat + 1, **told}
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=next_beat))


def last(session: Session) -> Heartbeat | None:
    """The last heartbeat, None if there was never a worker."""
    row = session.get(ClockRow, ONLY)
    return None if row is None else Heartbeat(row.beat, row.trouble)


def age_s(session: Session) -> float | None:
    """Since the last heartbeat, by the database's clock on both ends; None if there was never a worker."""
    found = session.execute(select(ClockRow.at_utc, now_there(session))).first()
    if found is None:
        return None
    at_utc, now_utc = found
    return (now_utc - at_utc).total_seconds()


class ClockElsewhere:
    """How the clock is, told by a process that does not tick itself."""

    def __init__(self, database: Database, pulse: Pulse | None = None) -> None:
        self._database = database
        self._pulse = pulse or Pulse()

    def problem(self) -> str | None:
        """What is wrong with the workers, or None; a database that is away is named by who asks it first."""
        try:
            with self._database.reading() as session:
                heartbeat = last(session)
        except SQLAlchemyError:
            return None
        stalled = self._pulse.problem(heartbeat.beat if heartbeat else None)
        return stalled or (heartbeat.trouble if heartbeat else None)
