"""How many reminders have gone out today: an error in the plan must not become an avalanche of texts.

Counted from the day's opening, by text and by call, whether or not they arrived. Processes that count at the
same instant may together go beyond by what each sends in one tick.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from db.tables import MessageRow
from hotline.reminders.states import Kind, State


def sent_since(session: Session, opened_at_utc: datetime) -> int:
    """Reminders that went out in the day from then on."""
    recent = (  # with the state: lets the index find them; none is older, `next_at_utc` only grows
        MessageRow.state.in_(list(State)),
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
    """Past the fence at least once: what was said anew before it was sent does not count."""
    return MessageRow.attempts > 0, *_of_day(opened_at_utc)


def _of_day(opened_at_utc: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        MessageRow.kind == Kind.REMINDER,
        MessageRow.created_at_utc >= opened_at_utc,
        MessageRow.created_at_utc
        < opened_at_utc + timedelta(days=1),  # a clock that was put back has later ones
    )
