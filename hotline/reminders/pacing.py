"""A sender's pace: each reminder gets an instant before which it is not sent, common to all processes.

What is sent faster than the sender carries only queues up at the carrier, where it grows old. What somebody
asked for does not wait, but what comes after it does.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db import insert_into
from db.tables import PaceRow

AHEAD_S = 2.0  # nothing more is claimed while a sender is busy for longer
ABSURD = timedelta(minutes=5)  # busy for longer than that is nobody: the clock was put back


def is_free(session: Session, now_utc: datetime) -> bool:
    """Whether no sender is busy for longer than reminders are claimed ahead."""
    busiest = session.scalar(select(func.max(PaceRow.free_at_utc)).where(PaceRow.free_at_utc > now_utc))
    ahead = timedelta(seconds=AHEAD_S)
    return busiest is None or not ahead < busiest - now_utc <= ABSURD


def reserve(session: Session, sender: str, segments: int, per_second: float, now_utc: datetime) -> datetime:
    """The instant at which `segments` may go out from `sender`, who is busy after it. Locks the sender."""
    row = insert_into(session, PaceRow).values(sender=sender, free_at_utc=now_utc)
    session.execute(row.on_conflict_do_nothing())
    busy = session.scalar(select(PaceRow.free_at_utc).where(PaceRow.sender == sender).with_for_update())
    assert busy is not None
    at_utc = busy if now_utc < busy <= now_utc + ABSURD else now_utc
    until_utc = at_utc + timedelta(seconds=segments / per_second)
    session.execute(update(PaceRow).where(PaceRow.sender == sender).values(free_at_utc=until_utc))
    return at_utc
