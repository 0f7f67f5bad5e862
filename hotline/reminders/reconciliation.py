"""Messages that may have been sent: looked up at the carrier before anything else is done with them.

The first look comes five minutes after the answer was lost; two empty looks ten minutes apart mean that it
was not sent. A status callback that carries our attempt id settles it at any time before.

A carrier that keeps no list of its messages cannot be asked: the message stays unknown, is never sent again,
and expires with its time (docs/decisions/015). A receipt settles it even then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Exists, bindparam, exists, select
from sqlalchemy.orm import Session

from db import Database
from db.tables import MessageRow, PersonRow
from hotline.carriers.base import Carrier, CarrierUnavailableError, OnRecord
from hotline.people.privacy import DataKeyError, Vault
from hotline.people.store import phone_of
from hotline.reminders import ledger, outbox
from hotline.reminders.receipts import Receipt, record_receipt
from hotline.reminders.states import Channel, Kind, State
from hotline.reminders.window import Window

LOOK_AGAIN = timedelta(minutes=10)
EMPTY_LOOKS = 2
# Between our clock and the carrier's. Of a reminder the same words in the same hour are the same message. Of
# what was asked for they may be the answer to an earlier text, whose SID nobody told us: it would be lost.
CLOCK_SLACK = {Kind.REMINDER: timedelta(hours=1), Kind.ASKED: timedelta(minutes=2)}

log = structlog.get_logger()


@dataclass(frozen=True)
class Suspect:
    """An unknown message, with what the carrier may have on record of it."""

    row: MessageRow
    to: str = field(repr=False)
    body: str = field(repr=False)


def claim_unknown(session: Session, vault: Vault, now_utc: datetime, limit: int) -> list[Suspect]:
    """Unknown messages whose time for a look has come.

    Their next look is set at once: one that fails, or a worker that dies, is made up for then. What no data
    key opens cannot be looked for: it waits, and stops no other.
    """
    values = {"now": now_utc, "most": limit, "look_again": now_utc + LOOK_AGAIN}
    rows = session.scalars(SUSPECTED, values).all()
    if not rows:
        return []
    ids = [row.person_id for row in rows]
    people = {row.id: row for row in session.scalars(select(PersonRow).where(PersonRow.id.in_(ids)))}
    suspects = []
    for row in rows:
        try:
            body = vault.open(row.body_sealed, ledger.BODY_COLUMN, row.id)
            suspects.append(Suspect(row, phone_of(vault, people[row.person_id]), body))
        except DataKeyError:
            outbox.set_aside(row, now_utc)
    return suspects


def look_up(
    database: Database, vault: Vault, window: Window, carrier: Carrier, suspect: Suspect, now_utc: datetime
) -> None:
    """Asks the carrier for one message and acts on what it has; one request at most."""
    if suspect.row.channel == Channel.SMS and not carrier.can_find_texts(suspect.to):
        with database.writing() as session:
            _wait_for_receipt(session, suspect.row.id, now_utc)
        return
    found = _look(carrier, suspect)
    if found is not None:
        with database.writing() as session:
            _settle(session, vault, window, suspect.row.id, found, now_utc)


def _look(carrier: Carrier, suspect: Suspect) -> Sequence[OnRecord] | None:
    """The same words, or a call, on the carrier's record since the fence; None if it cannot be asked."""
    assert suspect.row.sent_at_utc is not None
    since_utc = suspect.row.sent_at_utc - CLOCK_SLACK[Kind(suspect.row.kind)]
    try:
        if suspect.row.channel == Channel.CALL:
            return carrier.find_calls(suspect.to, since_utc)
        found = carrier.find_texts(suspect.to, since_utc)
    except CarrierUnavailableError:
        log.warning("reconcile.no_answer", message=suspect.row.id)
        return None
    return [text for text in found if text.body == suspect.body]


def _settle(
    session: Session,
    vault: Vault,
    window: Window,
    message_id: str,
    found: Sequence[OnRecord],
    now_utc: datetime,
) -> None:
    ledger.hold(session, message_id)
    row = session.scalar(select(MessageRow).where(MessageRow.id == message_id).with_for_update())
    if row is None or row.state != State.UNKNOWN:
        return  # a receipt has settled it, or the person is erased
    if session.scalar(select(_under_way(row))):
        return  # the same words may be on their way again, and what was found be theirs: look later
    match = _unused(session, row, found)
    if match is not None:
        log.info("reconcile.found", message=row.id)
        record_receipt(session, window, vault, row.id, Receipt(match.sid, match.status), now_utc)
    elif row.looks + 1 < EMPTY_LOOKS:
        row.looks += 1
    else:
        log.info("reconcile.not_sent", message=row.id)
        _send_anew(session, row, now_utc)


def _wait_for_receipt(session: Session, message_id: str, now_utc: datetime) -> None:
    """Nothing but a receipt can tell; past its time the message is given up, and so are its rows."""
    ledger.hold(session, message_id)
    row = session.scalar(select(MessageRow).where(MessageRow.id == message_id).with_for_update())
    if row is None or row.state != State.UNKNOWN or now_utc < row.expires_at_utc:
        return
    log.error("reconcile.never_known", message=row.id)
    row.state = State.EXPIRED
    session.flush()
    outbox.move_rows(session, [row.id], {State.UNKNOWN}, State.EXPIRED)


def _under_way(row: MessageRow) -> Exists:
    return exists().where(MessageRow.person_id == row.person_id, MessageRow.state == State.SENDING)


def _unused(session: Session, row: MessageRow, texts: Sequence[OnRecord]) -> OnRecord | None:
    """The earliest text that is no other message's."""
    sids = [text.sid for text in texts]
    used = set(
        session.scalars(select(MessageRow.sid).where(MessageRow.sid.in_(sids), MessageRow.id != row.id))
    )
    free = [text for text in texts if text.sid not in used]
    return min(free, key=lambda text: text.created_at_utc, default=None)


def _send_anew(session: Session, row: MessageRow, now_utc: datetime) -> None:
    """It was not sent: the same message waits to be sent again, or to expire if its time is over.

    Whether all that it says still stands is asked at the fence.

    A call that was asked for is not placed again: whoever wanted to be rung at once no longer waits for it.
    """
    asked_call = row.channel == Channel.CALL and row.kind == Kind.ASKED
    row.state = State.EXPIRED if asked_call else State.PENDING
    row.looks, row.next_at_utc = 0, now_utc
    session.flush()
    outbox.move_rows(session, [row.id], {State.UNKNOWN}, State.PENDING)


# Built once: each claim asks it.
SUSPECTED = outbox.take(
    MessageRow.state == State.UNKNOWN,
    MessageRow.next_at_utc <= bindparam("now"),
    next_at_utc=bindparam("look_again"),
)
