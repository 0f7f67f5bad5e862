"""A season of one person played in advance: what would go out on which day, if every text arrived.

Played on the ledger itself, in a transaction that is undone: what was sent, cancelled or done counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from db.tables import MessageRow
from hotline.reminders import outbox, overdue
from hotline.reminders.deadlines import DAY
from hotline.reminders.gathering import NEXT_TEXT, Gatherer
from hotline.reminders.outbox import Claim
from hotline.reminders.states import Channel, State
from hotline.reminders.window import Window, day_of, is_open, opening


@dataclass(frozen=True)
class Played:
    """A reminder that would go out: its day, its way, its rules; `body` is the text, of a call its place."""

    day: date = field(repr=False)
    channel: Channel
    rules: tuple[str, ...]
    body: str = field(repr=False)


def play(
    session: Session, gatherer: Gatherer, window: Window, person_id: str, from_utc: datetime, until: date
) -> Iterator[Played]:
    """The reminders of a person from an instant to the end of a day, in order. The caller rolls back."""
    day = day_of(window, from_utc)
    while day <= until:
        at_utc = max(opening(window, day), from_utc)
        yield from _day(session, gatherer, window, person_id, at_utc)
        day += DAY


def _day(
    session: Session, gatherer: Gatherer, window: Window, person_id: str, at_utc: datetime
) -> Iterator[Played]:
    """What goes out in the window of a day from an instant on: one text, rarely two."""
    while is_open(window, at_utc):
        overdue.expire(session, at_utc)
        claims = gatherer.claim_due(session, at_utc, 1, person_id).claims
        if not claims:
            return
        for claim in claims:
            _deliver(session, claim)
            rules = tuple(dict.fromkeys(claim.rules))
            yield Played(day_of(window, at_utc), claim.channel, rules, claim.body)
        at_utc += NEXT_TEXT


def _deliver(session: Session, claim: Claim) -> None:
    session.get_one(MessageRow, claim.id).state = State.DELIVERED
    outbox.move_rows(session, [claim.id], {State.PENDING}, State.DELIVERED)
    session.flush()
