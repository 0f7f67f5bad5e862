"""Messages that may have been sent: looked up at the carrier before anything else is done with them.

The first look comes five minutes after the answer was lost; two empty looks ten minutes apart mean that it
was not sent. A status callback that carries our attempt id settles it at any time before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db import Database
from db.tables import MessageRow, PersonRow
from hotline.carriers.base import Carrier, CarrierUnavailableError, FoundText
from hotline.people.privacy import Vault
from hotline.people.store import phone_of
from hotline.reminders import ledger, outbox
from hotline.reminders.receipts import Receipt, record_receipt
from hotline.reminders.states import Channel, State
from hotline.reminders.window import Window, next_opening

LOOK_AGAIN = timedelta(minutes=10)
EMPTY_LOOKS = 2
CLOCK_SLACK = timedelta(minutes=2)  # between our clock and the carrier's

log = structlog.get_logger()

Suspect = tuple[MessageRow, str]  # an unknown message and its recipient's number


def claim_unknown(session: Session, vault: Vault, now_utc: datetime, limit: int) -> list[Suspect]:
    """Unknown messages whose time for a look has come.

    Their next look is set at once: one that fails, or a worker that dies, is made up for then.
    """
    waiting = (
        select(MessageRow.id)
        .where(MessageRow.state == State.UNKNOWN, MessageRow.next_at_utc <= now_utc)
        .order_by(MessageRow.next_at_utc)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.scalars(
        update(MessageRow)
        .where(MessageRow.id.in_(waiting.scalar_subquery()))
        .values(next_at_utc=now_utc + LOOK_AGAIN)
        .returning(MessageRow)
    ).all()
    people = session.scalars(select(PersonRow).where(PersonRow.id.in_([row.person_id for row in rows])))
    phones = {person.id: phone_of(vault, person) for person in people}
    return [(row, phones[row.person_id]) for row in rows]


def look_up(
    database: Database, vault: Vault, window: Window, carrier: Carrier, suspect: Suspect, now_utc: datetime
) -> None:
    """Asks the carrier for one message and acts on what it has; one request."""
    row, phone = suspect
    found = [] if row.channel == Channel.CALL else _look(carrier, row, phone)
    if found is not None:
        with database.writing() as session:
            _settle(session, vault, window, row, found, now_utc)


def _look(carrier: Carrier, row: MessageRow, phone: str) -> Sequence[FoundText] | None:
    """What the carrier has on record since the message was fenced, or None if it cannot be asked."""
    assert row.sent_at_utc is not None
    try:
        return carrier.find_texts(phone, row.sent_at_utc - CLOCK_SLACK)
    except CarrierUnavailableError:
        log.warning("reconcile.no_answer", message=row.id)
        return None


def _settle(
    session: Session,
    vault: Vault,
    window: Window,
    suspect: MessageRow,
    found: Sequence[FoundText],
    now_utc: datetime,
) -> None:
    row = session.scalar(select(MessageRow).where(MessageRow.id == suspect.id).with_for_update())
    if row is None or row.state != State.UNKNOWN:
        return  # a receipt has settled it, or the person is erased
    body = vault.open(row.body_sealed, ledger.BODY_COLUMN, row.id)
    match = _unused(session, row, [text for text in found if text.body == body])
    if match is not None:
        log.info("reconcile.found", message=row.id)
        record_receipt(session, window, vault, row.id, Receipt(match.sid, match.status), now_utc)
    elif row.looks + 1 < EMPTY_LOOKS:
        row.looks += 1
    else:
        log.info("reconcile.not_sent", message=row.id)
        _send_anew(session, window, row, now_utc)


def _unused(session: Session, row: MessageRow, texts: Sequence[FoundText]) -> FoundText | None:
    """The earliest text that is no other message's."""
    sids = [text.sid for text in texts]
    used = set(
        session.scalars(select(MessageRow.sid).where(MessageRow.sid.in_(sids), MessageRow.id != row.id))
    )
    free = [text for text in texts if text.sid not in used]
    return min(free, key=lambda text: text.created_at_utc, default=None)


def _send_anew(session: Session, window: Window, row: MessageRow, now_utc: datetime) -> None:
    """It was not sent: the same message goes out now if it is still of use, or its rows wait for a new one.

    A call is not placed again: whoever asked to be rung at once no longer waits for it.
    """
    again = row.expires_at_utc > now_utc and row.channel == Channel.SMS
    row.state, row.looks, row.next_at_utc = (State.PENDING if again else State.EXPIRED), 0, now_utc
    session.flush()
    if again:
        outbox.move_rows(session, [row.id], {State.UNKNOWN}, State.PENDING)
    else:
        ledger.release(session, [row.id], next_opening(window, now_utc), {State.UNKNOWN})
