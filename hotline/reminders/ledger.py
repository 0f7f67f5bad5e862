"""The ledger: one row a person, rule, anchor date and due day. Kept while the person is known.

Rows change here; the messages that carry them in hotline.reminders.outbox.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, false, or_, select, update
from sqlalchemy.orm import Session

from db import insert_into
from db.tables import MessageRow, PersonRow, ReminderRow
from hotline.guide.model import ReminderRule
from hotline.people.privacy import DataKeyError, Vault
from hotline.people.rotation import index_date
from hotline.reminders.deadlines import Counted
from hotline.reminders.plan import PlannedRow, anchor_text
from hotline.reminders.states import RANK_NONE, Channel, Kind, State

BODY_COLUMN = "messages.body"
RECEIPT_WAIT = timedelta(minutes=40)  # a text without a receipt by then: rules of the service, Reminders


def replan(
    session: Session,
    vault: Vault,
    person_id: str,
    member: int,
    running: Iterable[tuple[ReminderRule, Counted]],
    planned: Sequence[PlannedRow],
    now_utc: datetime,
    given_up: Sequence[PlannedRow] = (),
) -> None:
    """Makes `planned` what is to come for a member of a person; two SQL statements.

    Pending rows of rules that are not `running`, or that count from another date now, are cancelled; the text
    that has claimed one stops at its fence. Rows that were cancelled and not sent are pending again; so are
    those of `given_up`, whose day has come, if they were planned before: one statement more. While
    there are older data keys, one statement more for each date and key: their rows are found, not lost.
    """
    rules: dict[tuple[str, date], list[str]] = {}
    for rule, start in running:
        rules.setdefault((start.anchor, start.day), []).append(rule.id)
    stands = []
    for (anchor, day), ids in rules.items():
        index_date(session, vault, person_id, member, anchor, day)
        current = anchor_index(vault, person_id, member, anchor, day)
        stands.append(and_(ReminderRow.anchor_index == current, ReminderRow.rule.in_(ids)))
    session.execute(
        update(ReminderRow)
        .where(
            ReminderRow.person_id == person_id,
            ReminderRow.member == member,
            ReminderRow.state == State.PENDING,
            ~or_(false(), *stands),
        )
        .values(state=State.CANCELLED)
    )
    _take_up(session, vault, person_id, member, given_up, now_utc)
    resume(session, vault, person_id, member, planned, now_utc)


def _take_up(
    session: Session,
    vault: Vault,
    person_id: str,
    member: int,
    rows: Sequence[PlannedRow],
    now_utc: datetime,
) -> None:
    """Rows that were cancelled before they were sent are pending again as they were; none is added.

    What waits to be sent is said anew together with them.
    """
    these = [
        and_(
            ReminderRow.rule == row.rule,
            ReminderRow.due_on == row.due_on,
            ReminderRow.anchor_index == anchor_index(vault, person_id, member, row.anchor, row.anchor_day),
        )
        for row in rows
        if row.expires_at_utc > now_utc
    ]
    if not these:
        return
    session.execute(
        update(ReminderRow)
        .where(
            ReminderRow.person_id == person_id,
            ReminderRow.member == member,
            ReminderRow.state == State.CANCELLED,
            or_(*these),
        )
        .values(state=State.PENDING, message_id=None)
    )
    say_anew(session, person_id, now_utc)


def resume(
    session: Session,
    vault: Vault,
    person_id: str,
    member: int,
    planned: Sequence[PlannedRow],
    now_utc: datetime,
) -> None:
    """Adds planned rows; those cancelled before they were sent are pending again. One SQL statement."""
    rows = [_values(vault, person_id, member, row) for row in planned if row.expires_at_utc > now_utc]
    if not rows:
        return
    statement = insert_into(session, ReminderRow)
    session.execute(  # the rows as parameters, not as VALUES: compiled once for any number of them
        statement.on_conflict_do_update(
            index_elements=["person_id", "member", "rule", "anchor_index", "due_on"],
            set_={
                "state": State.PENDING,
                "due_at_utc": statement.excluded.due_at_utc,
                "expires_at_utc": statement.excluded.expires_at_utc,
                "urgent": statement.excluded.urgent,
                "message_id": None,
            },
            where=ReminderRow.state == State.CANCELLED,
        ),
        rows,
    )


def put_off(session: Session, vault: Vault, person_id: str, member: int, row: PlannedRow) -> None:
    """Has the person called on the day of `row`: a new row, or the one of that day that waits already."""
    statement = insert_into(session, ReminderRow).values(
        **_values(vault, person_id, member, row), channel=Channel.CALL
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["person_id", "member", "rule", "anchor_index", "due_on"],
            set_={"state": State.PENDING, "channel": Channel.CALL},
            where=ReminderRow.state.in_([State.CANCELLED, State.PENDING]),
        )
    )


def enqueue(
    session: Session,
    vault: Vault,
    person_id: str,
    channel: str,
    body: str,
    now_utc: datetime,
    expires_at_utc: datetime,
    attempts: int = 0,
    follows: str | None = None,
) -> str:
    """The id of a message that the person asked for: a text, or a call that begins at the place `body`.

    It waits neither for the send window nor for an opt-out to end, and is not sent from `expires_at_utc` on.
    `follows`: the message that is handed to the carrier, or given up, before this one is.
    A call to the same place that still waits is the one: who asks twice is rung once, now. At most two
    statements.
    """
    waiting = _waiting_call(session, vault, person_id, body) if channel == Channel.CALL else None
    if waiting is not None:
        waiting.expires_at_utc = expires_at_utc
        waiting.next_at_utc = min(waiting.next_at_utc, now_utc)
        return waiting.id
    id = uuid.uuid4().hex
    session.add(
        MessageRow(
            id=id,
            person_id=person_id,
            channel=Channel(channel),
            kind=Kind.ASKED,
            body_sealed=vault.seal(body, BODY_COLUMN, id),
            state=State.PENDING,
            rank=RANK_NONE,
            attempts=attempts,
            next_at_utc=now_utc,
            expires_at_utc=expires_at_utc,
            looks=0,
            created_at_utc=now_utc,
            follows=follows,
        )
    )
    return id


def _waiting_call(session: Session, vault: Vault, person_id: str, place: str) -> MessageRow | None:
    """Locked, so that it is not being placed at this instant. What no data key opens is another call."""
    waiting = select(MessageRow).where(
        MessageRow.person_id == person_id,
        MessageRow.channel == Channel.CALL,
        MessageRow.state == State.PENDING,
    )
    for row in session.scalars(waiting.with_for_update()):
        try:
            if vault.open(row.body_sealed, BODY_COLUMN, row.id) == place:
                return row
        except DataKeyError:
            continue
    return None


def anchor_index(vault: Vault, person_id: str, member: int, anchor: str, day: date) -> bytes:
    """What stands for a date in the ledger: the same date of the same member finds its rows again."""
    return anchor_indexes(vault, person_id, member, anchor, day)[0]


def anchor_indexes(vault: Vault, person_id: str, member: int, anchor: str, day: date) -> list[bytes]:
    """What may stand for a date in the ledger, under every data key; the current key's first."""
    return vault.indexes(anchor_text(person_id, member, anchor, day))


def release(
    session: Session, message_ids: Iterable[str], due_at_utc: datetime, states: Iterable[State]
) -> None:
    """Takes the rows of messages that were not sent off them; they are due again from `due_at_utc`."""
    session.execute(
        update(ReminderRow)
        .where(ReminderRow.message_id.in_(list(message_ids)), ReminderRow.state.in_(list(states)))
        .values(state=State.PENDING, message_id=None, due_at_utc=due_at_utc)
    )


def say_anew(session: Session, person_id: str | None, now_utc: datetime) -> None:
    """Has what waits to be sent to the person said in other words, or another way; one SQL statement.

    Its rows are due again; the message that they leave stops at its fence.
    """
    waiting = select(MessageRow.id).where(
        MessageRow.person_id == person_id,
        MessageRow.kind == Kind.REMINDER,
        MessageRow.state == State.PENDING,
    )
    session.execute(
        update(ReminderRow)
        .where(ReminderRow.message_id.in_(waiting), ReminderRow.state == State.PENDING)
        .values(message_id=None, due_at_utc=now_utc)
    )


def hold(session: Session, message_id: str) -> None:
    """Takes the row of the person whom a message is for, before the message and its rows.

    A date, DONE, STOP and what is said in a call begin with the person: whoever began with the message would
    wait for them while they wait for the message.
    """
    session.execute(HELD, {"message": message_id})


def note_told(session: Session, person_id: str | None) -> None:
    """The call that is reminding this person now has said its words; one SQL statement."""
    under_way = (State.SENDING, State.UNKNOWN, State.SENT)  # its answer to the POST may be lost, or be late
    session.execute(
        update(MessageRow)
        .where(
            MessageRow.person_id == person_id,
            MessageRow.kind == Kind.REMINDER,
            MessageRow.channel == Channel.CALL,
            MessageRow.state.in_(under_way),
        )
        .values(told=True)
    )


def rows_of(session: Session, person_id: str) -> list[ReminderRow]:
    """All that the ledger says of a person, in the order of the days."""
    mine = select(ReminderRow).where(ReminderRow.person_id == person_id)
    return list(session.scalars(mine.order_by(ReminderRow.due_at_utc, ReminderRow.rule)))


# Built once: each message asks it.
HELD = (
    select(PersonRow.id)
    .join(MessageRow, MessageRow.person_id == PersonRow.id)
    .where(MessageRow.id == bindparam("message"))
    .with_for_update(of=PersonRow, key_share=True)
)


def _values(vault: Vault, person_id: str, member: int, row: PlannedRow) -> dict[str, Any]:
    return {
        "id": uuid.uuid4().hex,
        "person_id": person_id,
        "member": member,
        "rule": row.rule,
        "anchor_index": anchor_index(vault, person_id, member, row.anchor, row.anchor_day),
        "due_on": row.due_on,
        "due_at_utc": row.due_at_utc,
        "expires_at_utc": row.expires_at_utc,
        "state": State.PENDING,
        "message_id": None,
        "urgent": row.urgent,
    }
