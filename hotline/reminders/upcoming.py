"""When a tick next has something to do: for an exchange whose time is moved, and for tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, union_all
from sqlalchemy.orm import Session

from db.tables import MessageRow, PersonRow, ReminderRow
from hotline.reminders.attempts import LAST_RING, LATE_WAIT
from hotline.reminders.ledger import RECEIPT_WAIT
from hotline.reminders.states import Kind, State


def next_due(session: Session, after_utc: datetime) -> datetime | None:
    """The first instant later than `after_utc` at which a tick has something to do, or None."""
    pending = ReminderRow.state == State.PENDING
    free = pending & ReminderRow.message_id.is_(None)
    unsent = MessageRow.state == State.PENDING
    waiting = MessageRow.state.in_([State.PENDING, State.UNKNOWN])
    leased = MessageRow.state.in_([State.PENDING, State.SENDING])
    instants = union_all(
        select(func.min(ReminderRow.due_at_utc).label("at")).where(free, ReminderRow.due_at_utc > after_utc),
        select(func.min(ReminderRow.expires_at_utc)).where(
            free, ReminderRow.due_at_utc <= after_utc, ReminderRow.expires_at_utc > after_utc
        ),
        select(func.min(MessageRow.next_at_utc)).where(waiting, MessageRow.next_at_utc > after_utc),
        select(func.min(MessageRow.lease_until_utc)).where(leased, MessageRow.lease_until_utc > after_utc),
        select(func.min(MessageRow.expires_at_utc)).where(unsent, MessageRow.expires_at_utc > after_utc),
        select(func.min(PersonRow.ask_again_at_utc)).where(PersonRow.ask_again_at_utc > after_utc),
    ).subquery()
    found: list[datetime | None] = [session.scalar(select(func.min(instants.c.at)))]
    found.append(_next_silence(session, after_utc))
    return min((at for at in found if at is not None), default=None)


def _next_silence(session: Session, after_utc: datetime) -> datetime | None:
    """When a reminder of which nothing more is heard, or that is not taken, has been silent for long enough.

    It expires with the window: shortly before that it is enough earlier.
    """
    silent = (
        MessageRow.kind == Kind.REMINDER,
        ~MessageRow.told,
        MessageRow.state.in_([State.SENT, State.UNKNOWN, State.PENDING]),
    )
    ends = MessageRow.expires_at_utc
    waits: list[tuple[Any, ColumnElement[bool], timedelta]] = [
        (ends, ends > after_utc + LAST_RING, -LAST_RING)
    ]
    for since in (MessageRow.claimed_at_utc, MessageRow.created_at_utc):
        late = and_(since > after_utc - LATE_WAIT, ends <= after_utc + LAST_RING + LATE_WAIT)
        waits += [(since, since > after_utc - RECEIPT_WAIT, RECEIPT_WAIT), (since, late, LATE_WAIT)]
    found = [
        (session.scalar(select(func.min(instant)).where(*silent, is_ahead)), wait)
        for instant, is_ahead, wait in waits
    ]
    return min((oldest + wait for oldest, wait in found if oldest is not None), default=None)
