"""What follows a reminder that has not reached the person: another attempt, by text or by call.

Rules of the service, Reminders: one attempt a day; on the last three reminder days of a term a text that is
not delivered after 40 minutes becomes a call, and a call that nobody answers is tried once more, all inside
the day's window. A carrier that gives no receipts cannot say that a text has arrived: then it rings too, and
so it does for a text of which nobody can say whether it was sent. Where no call goes, the text stays alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import MessageRow, PersonRow, ReminderRow
from hotline.carriers.base import ReceiptKind
from hotline.guide.model import ReminderRule
from hotline.people.members import SELF
from hotline.reminders.deadlines import can_be_called
from hotline.reminders.ledger import RECEIPT_WAIT
from hotline.reminders.states import Channel, Kind, State
from hotline.reminders.window import Window, day_of, is_open, next_opening, opening

DELAYS = {
    ReceiptKind.TRY_LATER: timedelta(minutes=10),  # the carrier's own trouble
    ReceiptKind.UNREACHABLE: timedelta(minutes=40),
    ReceiptKind.NOT_ANSWERED: timedelta(minutes=30),  # two calls and a text fit into two hours
}
MOST_TEXTS_A_DAY = 3
MOST_CALLS_A_DAY = 2


def remind_again(
    session: Session, window: Window, row: MessageRow, kind: ReceiptKind, now_utc: datetime
) -> None:
    """Frees the rows of a message that did not arrive for a new one: today, or from the next opening on.

    Those that do not stand any more are cancelled when words are made of them.
    """
    tomorrow_utc, again_utc = next_opening(window, now_utc), now_utc + DELAYS[kind]
    carried = session.scalars(select(ReminderRow).where(ReminderRow.message_id == row.id)).all()
    channel = _next_channel(carried, kind)
    today = channel is not None and _may_try_today(session, window, row.person_id, channel, again_utc)
    for reminder in carried:
        due_at_utc = again_utc if today else tomorrow_utc
        if due_at_utc < reminder.expires_at_utc:
            _free(reminder, channel if today else None, due_at_utc)
    session.flush()


def ring_the_silent(
    session: Session,
    window: Window,
    rules: Mapping[str, ReminderRule],
    rings: Callable[[PersonRow, State], bool],
    now_utc: datetime,
) -> int:
    """Turns texts of the last days without a delivery after 40 minutes into calls; how many rows.

    What a call has no words for stays with its text. The text counts as sent all the same; whatever is still
    heard of it concerns no row that was freed. `rings`: whether a text in this state becomes a call to the
    person.
    """
    if not is_open(window, now_utc):
        return 0
    silent = session.scalars(
        select(ReminderRow)
        .join(MessageRow, MessageRow.id == ReminderRow.message_id)
        .where(
            MessageRow.kind == Kind.REMINDER,
            MessageRow.channel == Channel.SMS,
            MessageRow.state.in_([State.SENT, State.UNKNOWN]),
            MessageRow.claimed_at_utc <= now_utc - RECEIPT_WAIT,
            MessageRow.claimed_at_utc >= opening(window, day_of(window, now_utc)),
            ReminderRow.expires_at_utc > now_utc,
        )
        .order_by(ReminderRow.message_id)
        .with_for_update(of=ReminderRow, skip_locked=True)  # another worker may be freeing them just now
    ).all()
    together = [list(rows) for _, rows in groupby(silent, key=lambda row: row.message_id)]
    pressing = [rows for rows in together if any(row.urgent for row in rows)]
    silenced = [rows for rows in pressing if rings(_person_of(session, rows), State(rows[0].state))]
    own = [row for rows in silenced for row in rows if row.member == SELF and row.rule in rules]
    called = [row for row in own if can_be_called(rules, rules[row.rule])]
    for row in called:
        _free(row, Channel.CALL, now_utc)
    session.flush()
    return len(called)


def _person_of(session: Session, rows: Sequence[ReminderRow]) -> PersonRow:
    return session.get_one(PersonRow, rows[0].person_id)


def _free(row: ReminderRow, channel: Channel | None, due_at_utc: datetime) -> None:
    row.state, row.message_id = State.PENDING, None
    row.channel, row.due_at_utc = channel, due_at_utc


def _next_channel(carried: Sequence[ReminderRow], kind: ReceiptKind) -> Channel | None:
    """How today's next attempt would go; None where one a day is enough.

    What was said together is said together again: one urgent row is enough.
    """
    if kind is ReceiptKind.TRY_LATER:
        return Channel.SMS
    return Channel.CALL if any(row.urgent for row in carried) else None


def _may_try_today(
    session: Session, window: Window, person_id: str, channel: Channel, at_utc: datetime
) -> bool:
    """Whether one more attempt this way is left for the day, and its window still open by then."""
    day = day_of(window, at_utc)
    attempts = (
        select(MessageRow.channel)
        .where(
            MessageRow.person_id == person_id,
            MessageRow.kind == Kind.REMINDER,
            MessageRow.created_at_utc >= opening(window, day),
        )
        .limit(MOST_TEXTS_A_DAY + MOST_CALLS_A_DAY)
    )
    tried = session.scalars(attempts).all()
    most = MOST_CALLS_A_DAY if channel is Channel.CALL else MOST_TEXTS_A_DAY
    # Both together too: a call to a number that no call reaches goes as a text and counts as one.
    left = len(tried) < MOST_TEXTS_A_DAY + MOST_CALLS_A_DAY and tried.count(channel) < most
    return is_open(window, at_utc) and left
