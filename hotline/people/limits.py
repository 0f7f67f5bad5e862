"""Whether a number may be called back: the calls of the last 24 hours are counted where they are enqueued.

Source: rules of the service, Limits on use. Every call counts that was to be placed, answered or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables import MessageRow, PersonRow
from hotline.people.call_limits import CallLimits
from hotline.people.model import Effect, Refusal, RingBack
from hotline.people.privacy import DataKeyError, Vault
from hotline.people.store import Contact
from hotline.reminders.states import Channel, State

COUNTED = timedelta(hours=24)

log = structlog.get_logger()


@dataclass(frozen=True)
class _Called:
    """How often somebody was called in the last 24 hours."""

    person_id: str
    phone_sealed: bytes = field(repr=False)
    calls: int


def refusal_of(
    session: Session,
    vault: Vault,
    limits: CallLimits,
    contact: Contact,
    effects: Sequence[Effect],
    now_utc: datetime,
) -> Refusal | None:
    """Why what `effects` want to have called back is not, None where it is or nothing of them rings.

    One SQL statement, in the transaction that enqueues: on SQLite no other can come between; on PostgreSQL
    as many calls as transactions run at that instant may go beyond a cap.
    """
    if not any(isinstance(effect, RingBack) for effect in effects):
        return None
    return may_not_call(session, vault, limits, contact.id, contact.phone, now_utc)


def may_not_call(
    session: Session,
    vault: Vault,
    limits: CallLimits,
    person_id: str | None,
    phone: str,
    now_utc: datetime,
) -> Refusal | None:
    """Why the hotline places no call to `phone` now, None where it may; one line in the log if not."""
    refusal = _refusal(session, vault, limits, person_id, phone, now_utc)
    if refusal is not None:
        log.warning("call.refused", reason=refusal)
    return refusal


def _refusal(
    session: Session,
    vault: Vault,
    limits: CallLimits,
    person_id: str | None,
    phone: str,
    now_utc: datetime,
) -> Refusal | None:
    if not limits.reach(phone):
        return Refusal.ABROAD
    called = _called_since(session, now_utc - COUNTED)
    if sum(each.calls for each in called if each.person_id == person_id) >= limits.per_number:
        return Refusal.NUMBER
    if sum(each.calls for each in called) >= limits.per_day:
        return Refusal.EVERYBODY
    for prefix, most in limits.per_prefix:
        if phone.startswith(prefix) and _calls_to(vault, called, prefix) >= most:
            return Refusal.PREFIX
    return None


def _called_since(session: Session, since_utc: datetime) -> list[_Called]:
    """Whom the hotline has called or is going to; no more people than the cap of a day."""
    calls = (
        select(MessageRow.person_id, PersonRow.phone_sealed, func.count())
        .join(PersonRow, PersonRow.id == MessageRow.person_id)
        .where(
            MessageRow.state.in_(list(State)),  # with the next line: lets the index find them, none is older
            MessageRow.next_at_utc > since_utc,
            MessageRow.channel == Channel.CALL,
            MessageRow.created_at_utc > since_utc,
        )
        .group_by(MessageRow.person_id, PersonRow.phone_sealed)
    )
    return [_Called(*row) for row in session.execute(calls)]


def _calls_to(vault: Vault, called: Sequence[_Called], prefix: str) -> int:
    """Calls to numbers that begin with `prefix`: they are opened here, so that no column tells a country."""
    return sum(each.calls for each in called if _begins(vault, each, prefix))


def _begins(vault: Vault, called: _Called, prefix: str) -> bool:
    """Whether the number begins so; of one that no data key opens nobody knows: it counts."""
    try:
        return vault.open(called.phone_sealed, "people.phone", called.person_id).startswith(prefix)
    except DataKeyError:
        return True
