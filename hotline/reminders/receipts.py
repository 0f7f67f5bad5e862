"""Status callbacks: each raises the status of its message, none lowers it.

What the carrier posts to /receipts/sms?attempt=0f3c….k9Jx… (signed, form-encoded):

    MessageSid=SM0123…&MessageStatus=undelivered&ErrorCode=30003&To=…&From=…&AccountSid=AC…
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.tables import MessageRow, PersonRow, ReminderRow
from hotline.carriers.base import ReceiptKind, receipt_kind
from hotline.people.privacy import DataKeyError, Vault
from hotline.people.store import phone_of
from hotline.reminders import ledger, outbox
from hotline.reminders.attempts import DELAYS, remind_again
from hotline.reminders.states import RANK_FINAL, Channel, Kind, State, rank_of, state_of
from hotline.reminders.window import Window

ATTEMPT = "attempt"  # the query parameter that carries our attempt id
SIGNATURE_BYTES = 16
MOST_ATTEMPTS = 3  # of a text that was asked for
RING_AGAIN_DELAY = timedelta(seconds=30)  # whoever has just asked for the call puts the telephone down first
RINGS_MOST = 2  # of a call that was asked for
UNANSWERED = frozenset({"busy", "no-answer"})

log = structlog.get_logger()


@dataclass(frozen=True)
class Receipt:
    """What a status callback says. Statuses are Twilio's of messages and of calls.

    sid: the carrier's own id of the message, None where it gives none or may give it to another one too.
    machine: an answering machine has picked up, so nobody has heard the reminder. asks_for: what follows,
    where a carrier's reports have no error codes; of the others status and code tell.
    """

    sid: str | None
    status: str
    error_code: int | None = None
    machine: bool = False
    asks_for: ReceiptKind | None = None

    @property
    def kind(self) -> ReceiptKind:
        """What the receipt asks for."""
        return self.asks_for or receipt_kind(self.status, self.error_code)


def signed_attempt(vault: Vault, message_id: str) -> str:
    """The attempt id for a callback URL; nobody can make one up or change it."""
    return f"{message_id}.{_signature(vault.index(_signed_text(message_id)))}"


def read_attempt(vault: Vault, value: str) -> str | None:
    """The message id of a signed attempt id, or None for any other value."""
    message_id, _, signature = value.partition(".")
    known = [_signature(index) for index in vault.indexes(_signed_text(message_id))]
    genuine = any(hmac.compare_digest(one.encode(), signature.encode()) for one in known)
    return message_id if genuine else None


def record_receipt(
    session: Session, window: Window, vault: Vault, message_id: str, receipt: Receipt, now_utc: datetime
) -> ReceiptKind | None:
    """Stores a receipt and plans what it asks for; None if it says nothing new.

    It may come before the answer to the POST, twice, late, or for a message whose answer was lost.
    """
    ledger.hold(session, message_id)
    row = session.scalar(select(MessageRow).where(MessageRow.id == message_id).with_for_update())
    rank = rank_of(receipt.status)
    if row is None or row.rank >= rank:
        return None
    unheard = receipt.machine or _is_mute(row)
    state = State.UNDELIVERED if unheard and rank == RANK_FINAL else state_of(receipt.status)
    was_sent = row.state in {State.SENT, State.DELIVERED}
    session.execute(
        update(MessageRow)
        .where(MessageRow.id == message_id, MessageRow.rank < rank)
        .values(
            rank=rank,
            state=state,
            sid=func.coalesce(MessageRow.sid, receipt.sid),
            error_code=receipt.error_code,
            lease_until_utc=None,
        )
    )
    outbox.move_rows(session, [message_id], set(State) - {State.CANCELLED}, state)
    kind = receipt.kind
    if row.channel == Channel.CALL and state is State.UNDELIVERED:
        mute = kind is ReceiptKind.DELIVERED and not receipt.machine
        kind = ReceiptKind.TRY_LATER if mute else ReceiptKind.NOT_ANSWERED
    if not was_sent and state is not State.UNDELIVERED:
        _remember_rules(session, row)
    if row.kind == Kind.ASKED and row.channel == Channel.CALL and receipt.status in UNANSWERED:
        _send_again(session, vault, row, now_utc + RING_AGAIN_DELAY, RINGS_MOST)
    elif rank == RANK_FINAL and kind is not ReceiptKind.DELIVERED:
        _go_on(session, window, vault, row, kind, now_utc)
    log.info("receipt", message=message_id, status=receipt.status, error_code=receipt.error_code, kind=kind)
    return kind


def _is_mute(row: MessageRow) -> bool:
    """A call that was to remind and has not: it was answered while nobody could be looked up."""
    return row.channel == Channel.CALL and row.kind == Kind.REMINDER and not row.told


def _go_on(
    session: Session, window: Window, vault: Vault, row: MessageRow, kind: ReceiptKind, now_utc: datetime
) -> None:
    """After a message that did not arrive: another attempt, an opt-out, an alert."""
    if kind is ReceiptKind.OPTED_OUT:
        _opt_out(session, vault, row, now_utc)
    elif row.kind == Kind.REMINDER:
        remind_again(session, window, row, kind, now_utc)
    elif kind is ReceiptKind.TRY_LATER:
        _send_again(session, vault, row, now_utc + DELAYS[kind], MOST_ATTEMPTS)
    if kind is ReceiptKind.FAILED:
        log.error("message.undeliverable", message=row.id, error_code=row.error_code)


def _opt_out(session: Session, vault: Vault, row: MessageRow, now_utc: datetime) -> None:
    person = session.get_one(PersonRow, row.person_id)
    try:
        outbox.opt_out(session, vault, phone_of(vault, person), now_utc)
    except DataKeyError:
        log.error("person.unreadable", person=person.id)


def _send_again(session: Session, vault: Vault, row: MessageRow, again_utc: datetime, most: int) -> None:
    """What was asked for, as a new attempt with its own id; at most `most` attempts in all."""
    if row.attempts >= most or again_utc >= row.expires_at_utc:
        return
    try:
        body = vault.open(row.body_sealed, ledger.BODY_COLUMN, row.id)
    except DataKeyError:
        log.error("message.unreadable", message=row.id)
        return
    ledger.enqueue(
        session, vault, row.person_id, row.channel, body, again_utc, row.expires_at_utc, row.attempts
    )


def _remember_rules(session: Session, row: MessageRow) -> None:
    rules = session.scalars(select(ReminderRow.rule).where(ReminderRow.message_id == row.id)).all()
    if rules:
        outbox.remember_rules(session, row.person_id, sorted(rules), row.claimed_at_utc)


def _signed_text(message_id: str) -> str:
    return f"attempt {message_id}"


def _signature(index: bytes) -> str:
    return urlsafe_b64encode(index[:SIGNATURE_BYTES]).decode().rstrip("=")
