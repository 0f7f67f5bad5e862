"""Whether a number may have what it asks for in a call: to be called back, to be sent texts by key 8.

Source: rules of the service, Limits on use. The last 24 hours are counted in the transaction that enqueues:
on SQLite no other can come between; on PostgreSQL as many as transactions run at that instant may go beyond a
limit. Every call counts that was to be placed, answered or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from db.tables import MessageRow, PersonRow
from hotline.people import erasing
from hotline.people.call_limits import CallLimits, share_of_asked
from hotline.people.model import Effect, Refusal, RingBack, SendText
from hotline.people.operator_limits import OperatorLimits
from hotline.people.privacy import DataKeyError, Vault
from hotline.people.reply_limits import Empty, ReplyLimits
from hotline.people.store import Contact
from hotline.people.tallies import COUNTS, Tally
from hotline.people.text_limits import DAY, Counted, Said, TextLimits
from hotline.reminders.states import Channel, Kind, State

REFUSALS = {Empty.EVERYBODY: Refusal.EVERYBODY, Empty.PREFIX: Refusal.PREFIX, Empty.ELSEWHERE: Refusal.ABROAD}

log = structlog.get_logger()


@dataclass(frozen=True)
class Limits:
    """What the hotline spends in a day on calls, texts of a number, all its replies, and of the operator."""

    calls: CallLimits = field(default_factory=CallLimits)
    texts: TextLimits = field(default_factory=TextLimits)
    replies: ReplyLimits = field(default_factory=ReplyLimits)
    operator: OperatorLimits = field(default_factory=OperatorLimits)

    def tally(self, vault: Vault, phone: str, text: str = "") -> Tally:
        """What counts for `phone`: its own replies, and the purse that it shares."""
        purse = self.replies.purses.purse_of(phone)
        return Tally.of(vault, phone, text, purse[0] if purse else None)

    def counted(self, vault: Vault, phone: str, effects: Sequence[Effect]) -> dict[str, Any]:
        """What the kept answer of a call's turn says of texts that it sends; nothing where there are none."""
        if not any(isinstance(effect, SendText) for effect in effects):
            return {}
        return self.tally(vault, phone).columns(Said.ASKED_IN_CALL)


@dataclass(frozen=True)
class _Called:
    """How often somebody was called in the last 24 hours."""

    person_id: str
    phone_sealed: bytes = field(repr=False)
    calls: int
    asked: int  # of them those that were asked for


def refusal_of(
    session: Session,
    vault: Vault,
    limits: Limits,
    contact: Contact,
    effects: Sequence[Effect],
    now_utc: datetime,
) -> Refusal | None:
    """Why the call or the texts that are among `effects` are not had, None where they are or none is there.

    One SQL statement where one is there, none elsewhere.
    """
    if any(isinstance(effect, RingBack) for effect in effects):
        return may_not_call(session, vault, limits.calls, contact.id, contact.phone, now_utc, asked=True)
    if any(isinstance(effect, SendText) for effect in effects):
        return _may_not_send(session, vault, limits, contact.phone, now_utc)
    return None


def may_not_call(
    session: Session,
    vault: Vault,
    limits: CallLimits,
    person_id: str | None,
    phone: str,
    now_utc: datetime,
    asked: bool = False,
) -> Refusal | None:
    """Why the hotline places no call to `phone` now, None where it may; one line in the log if not.

    `asked`: the call is asked for, it is no reminder.
    """
    refusal = _refusal(session, vault, limits, person_id, phone, now_utc, asked)
    if refusal is not None:
        log.warning("call.refused", reason=refusal)
    return refusal


def _may_not_send(
    session: Session, vault: Vault, limits: Limits, phone: str, now_utc: datetime
) -> Refusal | None:
    """Why key 8 sends `phone` nothing now; one line in the log if so."""
    asked = limits.tally(vault, phone).counts(now_utc)
    counted = Counted(**session.execute(COUNTS, asked).one()._mapping)
    empty = limits.replies.empty(phone, counted, urgent=False)
    refusal = REFUSALS[empty] if empty else None
    if refusal is None and counted.asked_in_calls >= limits.texts.asked_in_calls:
        refusal = Refusal.NUMBER
    if refusal is not None:
        log.warning("texts.refused", reason=refusal)
    return refusal


def _refusal(
    session: Session,
    vault: Vault,
    limits: CallLimits,
    person_id: str | None,
    phone: str,
    now_utc: datetime,
    asked: bool,
) -> Refusal | None:
    if not limits.reach(phone):
        return Refusal.ABROAD
    called = _called_since(session, vault, phone, now_utc - DAY)
    theirs = {person_id, erasing.THIS_NUMBER}
    if sum(each.calls for each in called if each.person_id in theirs) >= limits.per_number:
        return Refusal.NUMBER
    if _is_used_up(called, limits.per_day, asked):
        return Refusal.EVERYBODY
    for prefix, most in limits.per_prefix:
        if phone.startswith(prefix) and _is_used_up(_with_prefix(vault, called, prefix), most, asked):
            return Refusal.PREFIX
    return None


def _is_used_up(called: Sequence[_Called], most: int, asked: bool) -> bool:
    """Whether `most` calls of a day are placed, or as many of them as may be asked for."""
    is_over = sum(each.calls for each in called) >= most
    return is_over or (asked and sum(each.asked for each in called) >= share_of_asked(most))


def _called_since(session: Session, vault: Vault, phone: str, since_utc: datetime) -> list[_Called]:
    """Whom the hotline has called or is going to; no more people than the cap of a day.

    Those who are erased since are one, and one more where `phone` was called.
    """
    calls = (
        select(
            MessageRow.person_id,
            PersonRow.phone_sealed,
            func.count(),
            func.count().filter(MessageRow.kind == Kind.ASKED),
        )
        .join(PersonRow, PersonRow.id == MessageRow.person_id)
        .where(
            MessageRow.state.in_(list(State)),  # with the next line: lets the index find them, none is older
            MessageRow.next_at_utc > since_utc,
            MessageRow.channel == Channel.CALL,
            MessageRow.created_at_utc > since_utc,
        )
        .group_by(MessageRow.person_id, PersonRow.phone_sealed)
    )
    erased = erasing.calls_to_erased(vault, phone, since_utc)
    rows: Sequence[Any] = session.execute(union_all(calls, erased)).all()
    return [_Called(*row) for row in rows]


def _with_prefix(vault: Vault, called: Sequence[_Called], prefix: str) -> list[_Called]:
    """Whose numbers begin with `prefix`: they are opened here, so that no column tells a country."""
    return [each for each in called if _begins(vault, each, prefix)]


def _begins(vault: Vault, called: _Called, prefix: str) -> bool:
    """Whether the number begins so; of one that is erased, or no data key opens, nobody knows: it counts."""
    try:
        return vault.open(called.phone_sealed, "people.phone", called.person_id).startswith(prefix)
    except DataKeyError:
        return True
