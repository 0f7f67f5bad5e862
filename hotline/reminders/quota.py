"""How many reminders have gone out today: an error in the plan must not become an avalanche of texts.

Counted from the day's opening, by text and by call, whether or not they arrived; what the carrier has refused
has not gone out. Processes that count at the same instant may together go beyond by what each sends in one
tick.

A quarter is kept for what would be too late tomorrow, as with the calls: a text of the last day that is not
delivered needs a call, whoever was written to before it.

Countries that share a purse have the same, and a purse is a bound on money: whatever is claimed, for the
first time or again after a refusal, is counted before, together with all that is in hand. Where a database
lets several processes claim at the same instant, each but one may go beyond by what it claims in one round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from db.tables import MessageRow, ReminderRow
from hotline.reminders.outbox import LEASE
from hotline.reminders.states import Kind, State
from hotline.reminders.window import Window, day_of, next_opening, opening

GONE = (State.SENT, State.DELIVERED, State.UNDELIVERED)  # the carrier has it
IN_DOUBT = (State.SENDING, State.UNKNOWN)  # ... or may have it
OUT = (*IN_DOUBT, *GONE)


@dataclass(frozen=True)
class Purse:
    """What reminders to some countries share: its HMACs, the current one first, and the `most` of a day."""

    indexes: Sequence[bytes]
    most: int


@dataclass(frozen=True)
class Spent:
    """Reminders out of a purse. `in_hand`: claimed, or in doubt; a refusal gives them back."""

    gone: int
    in_hand: int


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


def wait_for(
    session: Session,
    window: Window,
    purse: Purse,
    rows: Iterable[ReminderRow],
    now_utc: datetime,
    message_id: str | None = None,
) -> datetime | None:
    """Until when the purse has nothing for what `rows` say, None where it has; not counting their message.

    Until tomorrow if all is gone. If something is only in hand, until no lease on it can run any more: what
    is refused leaves room yet today, and tomorrow may be too late.
    """
    tomorrow_utc = next_opening(window, now_utc)
    presses = any(row.urgent or row.expires_at_utc <= tomorrow_utc for row in rows)
    most = purse.most if presses else share_of_early(purse.most)
    spent = spent_of(session, purse, opening(window, day_of(window, now_utc)), now_utc, message_id)
    if spent.gone + spent.in_hand < most:
        return None
    return tomorrow_utc if spent.gone >= most else now_utc + LEASE


def spent_of(
    session: Session, purse: Purse, opened_at_utc: datetime, now_utc: datetime, but: str | None = None
) -> Spent:
    """What the day from then on has taken out of a purse, the message `but` aside.

    What waits, to be tried again or because it was let go, has taken nothing: it is counted when claimed.
    """
    claimed = and_(MessageRow.state == State.PENDING, MessageRow.lease_until_utc > now_utc)
    in_hand = or_(MessageRow.state.in_(IN_DOUBT), claimed)
    both = func.count().filter(MessageRow.state.in_(GONE)), func.count().filter(in_hand)
    counted = select(*both).where(MessageRow.purse_index.in_(purse.indexes), *_of_day(opened_at_utc))
    gone, held = session.execute(counted.where(MessageRow.id != but) if but else counted).one()
    return Spent(gone, held)


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
