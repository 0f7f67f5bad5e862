"""How many reminders have gone out today: an error in the plan must not become an avalanche of texts.

Counted from the day's opening, by text and by call, whether or not they arrived; what the carrier has refused
has not gone out. Processes that count at the same instant may together go beyond by what each sends in one
tick.

A quarter is kept for what would be too late tomorrow, as with the calls: a text of the last day that is not
delivered needs a call, whoever was written to before it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from db.tables import MessageRow
from hotline.reminders.states import Kind, State

# The carrier has it, or may have it.
OUT = (State.SENDING, State.UNKNOWN, State.SENT, State.DELIVERED, State.UNDELIVERED)


def share_of_early(most: int) -> int:
    """How many of the `most` reminders of a day may go out before there is none left but for last chances."""
    return most - most // 4


def sent_since(session: Session, opened_at_utc: datetime) -> int:
    """Reminders that went out in the day from then on."""
    recent = (  # with the state: lets the index find them; none is older, `next_at_utc` only grows
        MessageRow.state.in_(OUT),
        MessageRow.next_at_utc >= opened_at_utc,
    )
    counted = select(func.count()).select_from(MessageRow).where(*recent, *_sent(opened_at_utc))
    return session.scalar(counted) or 0


def sent_enough(
    session: Session, person_ids: Collection[str], most: int, opened_at_utc: datetime
) -> set[str]:
    """Who of these people has had `most` reminders in the day from then on."""
    counted = (
        select(MessageRow.person_id)
        .where(MessageRow.person_id.in_(person_ids), *_sent(opened_at_utc))
        .group_by(MessageRow.person_id)
        .having(func.count() >= most)
    )
    return set(session.scalars(counted)) if person_ids else set()


def spent(session: Session, purse: Sequence[bytes], opened_at_utc: datetime) -> int:
    """Reminders of the day from then on out of a purse (its HMACs), about to go out or gone."""
    begun = or_(MessageRow.attempts > 0, MessageRow.state == State.PENDING)
    counted = select(func.count()).where(MessageRow.purse_index.in_(purse), begun, *_of_day(opened_at_utc))
    return session.scalar(counted) or 0


def _sent(opened_at_utc: datetime) -> tuple[ColumnElement[bool], ...]:
    """What waits, was refused or was said anew before it was sent does not count."""
    return MessageRow.state.in_(OUT), *_of_day(opened_at_utc)


def _of_day(opened_at_utc: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        MessageRow.kind == Kind.REMINDER,
        MessageRow.created_at_utc >= opened_at_utc,
        MessageRow.created_at_utc
        < opened_at_utc + timedelta(days=1),  # a clock that was put back has later ones
    )
