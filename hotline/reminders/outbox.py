"""A message on its way out: claimed -> fenced -> sent -> recorded, each in a transaction of its own.

Delivery guarantee: nothing that is due is lost; a message goes out twice only if the process is paused for
longer than its lease between the fence and the POST. The carrier has no idempotency key, so what may have
been sent is never sent again blindly: it becomes `unknown` and is looked up (reminders.reconciliation).
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from db import first_of
from db.tables import MessageRow, PersonRow, ReminderRow, UtcDateTime
from hotline.carriers.base import Outcome, OutcomeKind
from hotline.people import store
from hotline.people.privacy import Vault
from hotline.people.store import phone_of
from hotline.reminders import ledger
from hotline.reminders.states import RANK_FINAL, Channel, Kind, State, rank_of
from hotline.voice.places import ASK

LEASE = timedelta(minutes=5)  # far beyond a batch of claims times the carrier's timeout of 10 s
UNKNOWN_WAIT = timedelta(minutes=5)  # before the first look-up: reliability.md, section 2
UNREADABLE_WAIT = timedelta(hours=1)  # what no data key opens must not stop everybody else's messages
RETRY_FIRST = timedelta(minutes=1)
RETRY_MOST = timedelta(minutes=10)

log = structlog.get_logger()


@dataclass(frozen=True)
class Claim:
    """A message that this worker alone may send, until its lease ends. `rules`: of the rows it carries."""

    id: str
    person_id: str
    channel: Channel
    kind: Kind
    claimed_at_utc: datetime
    expires_at_utc: datetime = field(repr=False)
    attempts: int
    to: str = field(repr=False)
    body: str = field(repr=False)
    language: str | None
    rules: tuple[str, ...] = ()
    not_before_utc: datetime | None = None  # its turn in the sender's pace

    @property
    def asks(self) -> bool:
        """Whether it is a call that asks once more about a date: queued as asked for, but by nobody."""
        return self.channel is Channel.CALL and self.kind is Kind.ASKED and self.body == str(ASK)


@dataclass(frozen=True)
class Batch:
    """What was claimed at once. `more`: something was found, claimed or not, so more may wait behind it."""

    claims: list[Claim]
    more: bool

    def __add__(self, other: Batch) -> Batch:
        return Batch([*self.claims, *other.claims], self.more or other.more)


def claim_waiting(
    session: Session, vault: Vault, now_utc: datetime, limit: int, kind: Kind, ends_by: datetime | None = None
) -> Batch:
    """Claims messages of `kind` that wait: to be sent, to be tried again, or claimed by who is gone.

    `ends_by`: a UTC instant; only those with a row of the last days of a term, or one that is over by then.
    """
    values = {"now": now_utc, "of_kind": kind, "most": limit, "lease": now_utc + LEASE}
    waiting = (CLAIMED, values) if ends_by is None else (ENDING, {**values, "ends_by": ends_by})
    claimed = session.scalars(*waiting).all()
    if not claimed:
        return Batch([], more=False)
    people = _people(session, [row.person_id for row in claimed])
    rules = _rules(session, [row.id for row in claimed])
    claims = []
    for row in claimed:
        try:
            claims.append(claim_of(vault, row, people[row.person_id], rules.get(row.id, ())))
        except ValueError:  # a DataKeyError, or what a later version has written
            set_aside(row, now_utc)
    return Batch(claims, more=True)


def is_asked(session: Session, now_utc: datetime) -> bool:
    """Whether something that a person asked for waits and nobody sends it."""
    waits = select(exists().where(*_waiting()))
    return bool(session.scalar(waits, {"now": now_utc, "of_kind": Kind.ASKED}))


def _waiting() -> tuple[ColumnElement[bool], ...]:
    """Due, of use yet, in nobody's hands, and its turn."""
    now = bindparam("now", type_=UtcDateTime)
    return (
        MessageRow.state == State.PENDING,
        MessageRow.kind == bindparam("of_kind"),
        MessageRow.next_at_utc <= now,
        MessageRow.expires_at_utc > now,
        or_(MessageRow.lease_until_utc.is_(None), MessageRow.lease_until_utc <= now),
        _its_turn(),
    )


def _its_turn() -> ColumnElement[bool]:
    """Whether the page before has been handed over or given up. What may have been sent holds up none."""
    before = aliased(MessageRow)
    unsent = before.state.in_([State.PENDING, State.SENDING])
    return or_(MessageRow.follows.is_(None), ~exists().where(before.id == MessageRow.follows, unsent))


def _ends() -> ColumnElement[bool]:
    """Whether something that the message says would be too late tomorrow."""
    by = bindparam("ends_by", type_=UtcDateTime)
    presses = or_(ReminderRow.urgent, ReminderRow.expires_at_utc <= by)
    return exists().where(ReminderRow.message_id == MessageRow.id, presses)


def set_aside(row: MessageRow, now_utc: datetime) -> None:
    """A message that no data key opens waits; the operator is told of it."""
    log.error("message.unreadable", message=row.id)
    row.lease_until_utc, row.next_at_utc = None, now_utc + UNREADABLE_WAIT


def claim_of(vault: Vault, row: MessageRow, person: PersonRow, rules: Sequence[str]) -> Claim:
    """The claim on a message whose row this session has just claimed."""
    assert row.claimed_at_utc is not None
    return Claim(
        id=row.id,
        person_id=row.person_id,
        channel=Channel(row.channel),
        kind=Kind(row.kind),
        claimed_at_utc=row.claimed_at_utc,
        expires_at_utc=row.expires_at_utc,
        attempts=row.attempts,
        to=phone_of(vault, person),
        body=vault.open(row.body_sealed, ledger.BODY_COLUMN, row.id),
        language=person.language,
        rules=tuple(rules),
    )


def record(session: Session, vault: Vault, claim: Claim, outcome: Outcome, now_utc: datetime) -> None:
    """Stores what the carrier answered; a receipt that came before the answer is not undone."""
    if claim.rules:
        ledger.hold(session, claim.id)
    match outcome.kind:
        case OutcomeKind.SENT:
            _record_sent(session, claim, outcome)
        case OutcomeKind.UNKNOWN:
            _move(session, claim, State.UNKNOWN, next_at_utc=now_utc + UNKNOWN_WAIT, looks=0)
        case OutcomeKind.FINAL | OutcomeKind.OPTED_OUT:
            _move(session, claim, State.FAILED, rank=RANK_FINAL, error_code=outcome.error_code)
            if outcome.kind is OutcomeKind.OPTED_OUT:
                opt_out(session, vault, claim.to, now_utc)
        case (
            OutcomeKind.RETRY
            | OutcomeKind.BACK_OFF
            | OutcomeKind.REFUSED
            | OutcomeKind.BARRED
            | OutcomeKind.HALT
        ):
            next_at_utc = now_utc + retry_delay(claim.attempts, outcome.retry_after_s)
            _move(session, claim, State.PENDING, next_at_utc=next_at_utc, error_code=outcome.error_code)


def retry_delay(attempts: int, retry_after_s: float | None) -> timedelta:
    """How long to wait after `attempts` earlier ones: what the carrier asked, or doubling up to ten minutes.

    With up to a quarter more at random, so that what was refused together does not come back together.
    """
    asked = timedelta(seconds=max(retry_after_s or 0.0, 0.0))
    doubled: timedelta = RETRY_FIRST * 2 ** min(attempts, 10)
    return max(asked, min(doubled, RETRY_MOST)) * random.uniform(1.0, 1.25)  # nosec B311


def move_rows(
    session: Session, message_ids: Collection[str], states: Collection[State], state: State
) -> None:
    """The rows of messages follow them."""
    session.execute(MOVED, {"messages": list(message_ids), "from": list(states), "state": state})


def remember_rules(
    session: Session, person_id: str, rules: Sequence[str], sent_at_utc: datetime | None
) -> None:
    """Keeps which rules the person's last text named and when, for a bare DONE and for MORE."""
    named = {"last_rules": " ".join(dict.fromkeys(rules)), "last_rules_at_utc": sent_at_utc}
    session.execute(REMINDED, {"person": person_id, **named})


def opt_out(session: Session, vault: Vault, phone: str, now_utc: datetime) -> None:
    """The carrier says that this number wants no messages; it lets none through."""
    store.opt_out(session, vault, phone, at_carrier=True, now_utc=now_utc)


def _record_sent(session: Session, claim: Claim, outcome: Outcome) -> None:
    said = {"sid": outcome.sid, "rank": rank_of(outcome.status or "queued"), "lease_until_utc": None}
    if session.execute(SENT, {"message": claim.id, **said}).all():
        move_rows(session, [claim.id], {State.SENDING, State.UNKNOWN}, State.SENT)
        if claim.rules:
            remember_rules(session, claim.person_id, claim.rules, claim.claimed_at_utc)


def _move(session: Session, claim: Claim, state: State, **values: Any) -> None:
    """From `sending` only: a receipt may have said more in the meantime."""
    moved = session.execute(
        update(MessageRow)
        .where(MessageRow.id == claim.id, MessageRow.state == State.SENDING)
        .values(state=state, lease_until_utc=None, **values)
        .returning(MessageRow.id)
    ).all()
    if moved:
        move_rows(session, [claim.id], {State.SENDING}, state)


def _people(session: Session, ids: Collection[str]) -> dict[str, PersonRow]:
    return {row.id: row for row in session.scalars(select(PersonRow).where(PersonRow.id.in_(ids)))}


def _rules(session: Session, message_ids: Collection[str]) -> dict[str, list[str]]:
    """Message id -> rules of the rows that it carries."""
    rules: dict[str, list[str]] = {}
    carried = select(ReminderRow).where(ReminderRow.message_id.in_(message_ids)).order_by(ReminderRow.rule)
    for row in session.scalars(carried):
        rules.setdefault(str(row.message_id), []).append(row.rule)
    return rules


def take(*which: ColumnElement[bool], **values: Any) -> Any:
    """An UPDATE that takes those messages of `which` that wait for longest, at most as many as `most` says.

    It returns them as the database has them now, whatever the session holds; those that another has locked
    are left. Built once where it is asked often: `values` may be bindparams.
    """
    return (
        update(MessageRow)
        .where(MessageRow.id.in_(first_of(MessageRow.__table__, MessageRow.__table__.c.next_at_utc, *which)))
        .values(**values)
        .returning(MessageRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )


def _any_of(name: str) -> Any:
    return bindparam(name, expanding=True)


# Built once, and of tables: each message asks them. A parameter that is named like a column is its new value.
_LEASED: Any = {"claimed_at_utc": bindparam("now"), "lease_until_utc": bindparam("lease")}
CLAIMED = take(*_waiting(), **_LEASED)
ENDING = take(*_waiting(), _ends(), **_LEASED)
_MESSAGES, _REMINDERS = MessageRow.__table__, ReminderRow.__table__
SENT = (
    update(_MESSAGES)
    .where(_MESSAGES.c.id == bindparam("message"), _MESSAGES.c.state.in_([State.SENDING, State.UNKNOWN]))
    .values(state=State.SENT)
    .returning(_MESSAGES.c.id)
)
MOVED = update(_REMINDERS).where(
    _REMINDERS.c.message_id.in_(_any_of("messages")), _REMINDERS.c.state.in_(_any_of("from"))
)
REMINDED = update(PersonRow.__table__).where(PersonRow.id == bindparam("person"))
