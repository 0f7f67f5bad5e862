"""What follows a reminder that has not reached the person: another attempt, by text or by call.

Rules of the service, Reminders: one attempt a day; on the last three reminder days of a term a text that is
not delivered after 40 minutes becomes a call, and a call that nobody answers is tried once more, all inside
the day's window. Whatever the reason: it rings after a text that the carrier refused, that was reported as
undeliverable, of which no receipt comes, or of which nobody can say whether it was sent; in the last quarter
of an hour of the window after five minutes, because forty would end outside it. Where no call goes,
the text stays alone. A call that the carrier will not place, or does not take for so long, or that nobody has
answered twice, becomes a text on a day that has had none; so does one of the last days of whose end nothing
is heard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from db.tables import MessageRow, PersonRow, ReminderRow
from hotline.carriers.base import BARRED_CODES, OutcomeKind, ReceiptKind
from hotline.guide.model import ReminderRule
from hotline.people.members import SELF
from hotline.reminders.deadlines import can_be_called
from hotline.reminders.ledger import RECEIPT_WAIT
from hotline.reminders.states import RANK_FINAL, Channel, Kind, State
from hotline.reminders.window import Window, day_of, is_open, next_opening, opening

DELAYS = {
    ReceiptKind.TRY_LATER: timedelta(minutes=10),  # the carrier's own trouble, or ours: a call that was mute
    ReceiptKind.UNREACHABLE: timedelta(minutes=40),
    ReceiptKind.NOT_ANSWERED: timedelta(minutes=30),  # two calls and a text fit into two hours
    ReceiptKind.FAILED: timedelta(minutes=1),  # nothing is gained by waiting
}
SOON = timedelta(minutes=1)  # on the last days, where the window would be closed by then
LAST_RING = timedelta(minutes=15)  # so long before it closes whoever has not been reached is rung
LATE_WAIT = timedelta(minutes=5)  # ... if so long nothing was heard: a text that arrives is told of sooner
CLOSED_WAYS = frozenset({OutcomeKind.FINAL, OutcomeKind.BARRED})  # of a POST: not this way, today at least
REFUSED_MOST = 1  # times that a call is placed again which was refused for a reason that nobody knows
UNCOUNTED = -1  # of a message of before migration 0013
MOST_TEXTS_A_DAY = 3
MOST_CALLS_A_DAY = 2

Ways = Mapping[Channel, int]  # what may be tried next, the best first -> the most attempts of a day
BY_CALL: Ways = {Channel.CALL: MOST_CALLS_A_DAY}
BY_FIRST_TEXT: Ways = {Channel.SMS: 1}  # where a text of the day has failed too, another is of no use
NO_WAY: Ways = {}


def is_closed(channel: Channel, outcome: OutcomeKind, earlier: int) -> bool:
    """Whether a reminder that was refused so, after so many earlier attempts, is not to go this way any more.

    A text that is refused for a reason that nobody knows rings on the last days: see reach_the_silent.
    """
    tired = channel is Channel.CALL and outcome is OutcomeKind.REFUSED and earlier >= REFUSED_MOST
    return outcome in CLOSED_WAYS or tired


def remind_again(
    session: Session, window: Window, row: MessageRow, kind: ReceiptKind, now_utc: datetime
) -> None:
    """Frees the rows of a message that did not arrive for a new one: today, or from the next opening on.

    Those that do not stand any more are cancelled when words are made of them. What is reported as
    undeliverable is not tried again the same way: the next row of its rule is.
    """
    tomorrow_utc, again_utc = next_opening(window, now_utc), now_utc + DELAYS[kind]
    carried = _carried(session, row.id)
    if _is_urgent(carried) and not is_open(window, again_utc):
        again_utc = now_utc + SOON
    ways = _next_ways(row, carried, kind)
    channel = _way_left(session, window, carried, ways, again_utc, never_out=False)
    if channel is None and kind is ReceiptKind.FAILED:
        return
    due_at_utc = tomorrow_utc if channel is None else again_utc
    for reminder in carried:
        if due_at_utc < reminder.expires_at_utc:
            _free(reminder, channel, due_at_utc)
    session.flush()


def go_another_way(
    session: Session, window: Window, message_id: str, now_utc: datetime, can_ring: bool
) -> None:
    """Frees the rows of a reminder that the carrier has just refused for the other channel, where it goes.

    A text's on the last days alone, and only where a call goes (`can_ring`); a call's on any: who chose calls
    is written to. The refusal must have been recorded in this transaction.
    """
    row = session.scalar(select(MessageRow).where(MessageRow.id == message_id).with_for_update())
    if row is None or row.state not in {State.FAILED, State.PENDING}:
        return  # a receipt has said more, or the person is erased
    carried = _carried(session, message_id)
    by_call = BY_CALL if can_ring and _is_urgent(carried) else NO_WAY
    ways = BY_FIRST_TEXT if row.channel == Channel.CALL else by_call
    channel = _way_left(session, window, carried, ways, now_utc)
    if channel is None:
        return
    row.state, row.rank = State.FAILED, RANK_FINAL
    for reminder in carried:
        _free(reminder, channel, now_utc)
    session.flush()


def reach_the_silent(
    session: Session,
    window: Window,
    rules: Mapping[str, ReminderRule],
    rings: Callable[[PersonRow], bool],
    now_utc: datetime,
) -> int:
    """Frees rows of messages of which nothing is heard for 40 minutes for another way; how many rows.

    Shortly before the window closes it does not wait so long. An answer that is still lost by then counts
    too: the carrier's list was not to be had. Whatever is still heard of the message concerns no row that was
    freed; one that the carrier has not taken for so long stops at its fence. `rings`: whether a call goes to
    the person.
    """
    if not is_open(window, now_utc):
        return 0
    found = session.execute(
        select(ReminderRow, MessageRow)
        .join(MessageRow, MessageRow.id == ReminderRow.message_id)
        .join(PersonRow, PersonRow.id == MessageRow.person_id)  # all locked: the fence begins with it
        .where(
            MessageRow.kind == Kind.REMINDER,
            ~MessageRow.told,
            _is_silent(window, now_utc),
            MessageRow.created_at_utc >= opening(window, day_of(window, now_utc)),
            ReminderRow.state == MessageRow.state,
            ReminderRow.expires_at_utc > now_utc,
        )
        .order_by(ReminderRow.message_id)
        .with_for_update(of=(PersonRow, ReminderRow, MessageRow), key_share=True, skip_locked=True)
    ).all()
    freed = 0
    for _, together in groupby(found, key=lambda pair: pair[1].id):
        pairs = list(together)
        rows, message = [row for row, _ in pairs], pairs[0][1]
        ways, free = _ways_of_silent(session, message, rows, rules, rings)
        channel = _way_left(session, window, rows, ways, now_utc) if free else None
        if channel is not None:
            for row in free:
                _free(row, channel, now_utc)
            freed += len(free)
            session.flush()
    return freed


def _ways_of_silent(
    session: Session,
    message: MessageRow,
    rows: Sequence[ReminderRow],
    rules: Mapping[str, ReminderRule],
    rings: Callable[[PersonRow], bool],
) -> tuple[Ways, Sequence[ReminderRow]]:
    """How a silent message is followed, and which of its rows may go so.

    A text by a call, on the last days: what a call has no words for stays with it. A call that the carrier
    does not take by a text; one of the last days of which nobody knows how it ended by a text too, or by
    another call where there was one: the text needs nobody's answer.
    """
    if message.channel == Channel.CALL:
        if message.state == State.PENDING:
            return BY_FIRST_TEXT, rows
        return ({**BY_FIRST_TEXT, **BY_CALL} if _is_urgent(rows) else NO_WAY), rows
    if not _is_urgent(rows) or not rings(session.get_one(PersonRow, message.person_id)):
        return NO_WAY, ()
    own = [row for row in rows if row.member == SELF and row.rule in rules]
    return BY_CALL, [row for row in own if can_be_called(rules, rules[row.rule])]


def _is_silent(window: Window, now_utc: datetime) -> ColumnElement[bool]:
    """Handed over long ago and not delivered; or tried for so long, even if its line did not let it begin."""
    closes_soon = not is_open(window, now_utc + LAST_RING)
    since_utc = now_utc - (LATE_WAIT if closes_soon else RECEIPT_WAIT)
    handed_over = MessageRow.state == State.SENT, MessageRow.claimed_at_utc <= since_utc
    tried = MessageRow.state.in_([State.PENDING, State.UNKNOWN]), MessageRow.created_at_utc <= since_utc
    return or_(and_(*handed_over), and_(*tried))


def _never_out() -> ColumnElement[bool]:
    """Put back before an attempt, or refused because the account may not reach the country."""
    barred = func.coalesce(MessageRow.error_code, 0).in_(BARRED_CODES)
    return or_(MessageRow.attempts == 0, barred)


def _carried(session: Session, message_id: str) -> Sequence[ReminderRow]:
    return session.scalars(select(ReminderRow).where(ReminderRow.message_id == message_id)).all()


def _is_urgent(carried: Sequence[ReminderRow]) -> bool:
    """Whether the person may be rung: a call speaks to the owner of the telephone, of the last days.

    What was said together is said together again: one such row is enough.
    """
    return any(row.urgent and row.member == SELF for row in carried)


def _free(row: ReminderRow, channel: Channel | None, due_at_utc: datetime) -> None:
    row.state, row.message_id = State.PENDING, None
    row.channel, row.due_at_utc = channel, due_at_utc


def _next_ways(row: MessageRow, carried: Sequence[ReminderRow], kind: ReceiptKind) -> Ways:
    """How today's next attempt may go; no way where one a day is enough."""
    was_call = row.channel == Channel.CALL
    this_way = {**BY_CALL, **BY_FIRST_TEXT} if was_call else {Channel.SMS: MOST_TEXTS_A_DAY}
    again = this_way if kind is ReceiptKind.TRY_LATER else NO_WAY
    if not _is_urgent(carried):
        return again
    return {**again, **BY_CALL, **(BY_FIRST_TEXT if was_call else NO_WAY)}


def _way_left(
    session: Session,
    window: Window,
    carried: Sequence[ReminderRow],
    ways: Ways,
    at_utc: datetime,
    never_out: bool = True,
) -> Channel | None:
    """The first way of which an attempt is left for the day; None where there is none, or it is closed.

    `never_out`: whether a message counts that has failed and never went out, because its country was barred.
    It must where another way is sought in its place, or the two ways would take turns.
    """
    if not ways or not carried or not is_open(window, at_utc):
        return None
    day = day_of(window, at_utc)
    gone_out = () if never_out else (or_(MessageRow.state != State.FAILED, ~_never_out()),)
    attempts = (
        select(MessageRow.channel)
        .where(
            MessageRow.person_id == carried[0].person_id,
            MessageRow.kind == Kind.REMINDER,
            MessageRow.state != State.CANCELLED,  # said anew before it was sent: no attempt
            MessageRow.created_at_utc >= opening(window, day),
            ~_is_text_of_others(carried),
            *gone_out,
        )
        .limit(MOST_TEXTS_A_DAY + MOST_CALLS_A_DAY)
    )
    tried = session.scalars(attempts).all()
    # Both together too: a call to a number that no call reaches goes as a text and counts as one.
    if len(tried) >= MOST_TEXTS_A_DAY + MOST_CALLS_A_DAY:
        return None
    return next((channel for channel, most in ways.items() if tried.count(channel) < most), None)


def _is_text_of_others(carried: Sequence[ReminderRow]) -> ColumnElement[bool]:
    """Whether a text has every row that it was worded for, and none of these: it is no attempt of theirs."""
    others = ReminderRow.id.not_in([row.id for row in carried])
    still = select(func.count()).where(ReminderRow.message_id == MessageRow.id, others)
    count = still.correlate(MessageRow).scalar_subquery()
    return and_(MessageRow.channel == Channel.SMS, func.coalesce(MessageRow.row_count, UNCOUNTED) == count)
