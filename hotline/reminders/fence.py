"""The fence between claim and POST: everything may have changed since the message was claimed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select, update
from sqlalchemy.orm import Session

from db.tables import MessageRow, OptOutRow, PersonRow, ReminderRow
from hotline.guide.model import ReminderRule
from hotline.people import store
from hotline.people.privacy import DataKeyError, Vault
from hotline.people.questions import Asked
from hotline.reminders import ledger, outbox
from hotline.reminders.outbox import Claim
from hotline.reminders.standing import all_stand
from hotline.reminders.states import Kind, State
from hotline.reminders.window import Window, next_opening


def pass_fence(
    session: Session,
    vault: Vault,
    rules: Mapping[str, ReminderRule],
    claim: Claim,
    now_utc: datetime,
    carrier_now_utc: datetime,
) -> bool:
    """Whether the message may be sent now: still claimed by us and wanted, not expired, not opted out.

    After the commit it counts as possibly sent. `carrier_now_utc` is kept for look-ups at the carrier.
    """
    ledger.hold(session, claim.id)  # a date, DONE and STOP begin so too: who is first goes, the other sees it
    if not _is_wanted(session, vault, rules, claim):
        return False
    values = {**_ours(claim), "now": now_utc, "sent_at_utc": carrier_now_utc}
    values["lease_until_utc"] = now_utc + outbox.LEASE
    if claim.kind is Kind.ASKED:
        passed = session.execute(PASSED, values).all()
    else:
        passed = session.execute(REMINDER_PASSED, {**values, "phones": vault.indexes(claim.to)}).all()
    if passed:
        outbox.move_rows(session, [claim.id], {State.PENDING}, State.SENDING)
    return bool(passed)


def give_up(session: Session, vault: Vault, window: Window, claim: Claim, now_utc: datetime) -> None:
    """Gives up a claim that the fence refused, if it is still ours; its rows are due again when they may be.

    What was asked for is not given up before its time: it is claimed again when this lease has run out.
    """
    expired = claim.expires_at_utc <= now_utc
    if claim.kind is Kind.ASKED and not expired and (not claim.asks or _is_open(session, vault, claim)):
        return
    state = State.EXPIRED if expired else State.CANCELLED
    stopped = update(MESSAGES).where(*STILL_OURS).returning(MESSAGES.c.id)
    if session.execute(stopped, {**_ours(claim), "state": state}).all():
        opted_out = session.scalar(select(exists().where(OPTED_OUT)), {"phones": vault.indexes(claim.to)})
        due_at_utc = next_opening(window, now_utc) if expired or opted_out else now_utc
        ledger.release(session, [claim.id], due_at_utc, {State.PENDING})


def let_go(session: Session, claim: Claim, until_utc: datetime | None = None) -> None:
    """Gives back a claim with which nothing was begun; anybody may take it at once, or from then on."""
    values = {"lease_until_utc": None} | ({"next_at_utc": until_utc} if until_utc else {})
    session.execute(update(MESSAGES).where(*STILL_OURS), {**_ours(claim), **values})


def _is_wanted(session: Session, vault: Vault, rules: Mapping[str, ReminderRule], claim: Claim) -> bool:
    """Whether all that the text says still stands; of dates that no data key opens nobody knows."""
    if claim.kind is Kind.ASKED:
        return not claim.asks or _is_open(session, vault, claim)
    try:
        return all_stand(session, vault, rules, claim.id)
    except DataKeyError:
        return False


def _is_open(session: Session, vault: Vault, claim: Claim) -> bool:
    """Whether the date that a call asks about is still asked about, of somebody who has not said STOP."""
    person = session.get(PersonRow, claim.person_id)
    try:
        question = store.question_of(vault, person) if person else None
    except DataKeyError:
        return False
    is_asked = question is not None and question.kind is Asked.SAVE_DATE
    return is_asked and not store.is_opted_out(session, vault, claim.to)


def _ours(claim: Claim) -> dict[str, Any]:
    """The values of STILL_OURS."""
    return {"message": claim.id, "claimed": claim.claimed_at_utc}


def _reminder_passed() -> Any:
    """Not opted out, and every row that it was worded for still waits in it: its words are of all of them."""
    carried = exists().where(ReminderRow.message_id == MESSAGES.c.id)
    waiting = ReminderRow.message_id == MESSAGES.c.id, ReminderRow.state == State.PENDING
    count = select(func.count()).where(*waiting).correlate(MESSAGES).scalar_subquery()
    return PASSED.where(
        ~exists().where(OPTED_OUT),
        or_(MESSAGES.c.row_count == count, MESSAGES.c.row_count.is_(None)),  # None: of before migration 0013
        carried.where(ReminderRow.state == State.PENDING),
        ~carried.where(ReminderRow.state != State.PENDING),
    )


# Built once: each message asks them.
MESSAGES = MessageRow.__table__
STILL_OURS = (  # a message claimed anew has another instant of claiming: the first lease had ended before
    MESSAGES.c.id == bindparam("message"),
    MESSAGES.c.state == State.PENDING,
    MESSAGES.c.claimed_at_utc == bindparam("claimed"),
)
OPTED_OUT: Any = OptOutRow.phone_index.in_(bindparam("phones", expanding=True))
PASSED = (
    update(MESSAGES)
    .where(
        *STILL_OURS,
        MESSAGES.c.lease_until_utc > bindparam("now"),
        MESSAGES.c.expires_at_utc > bindparam("now"),
    )
    .values(state=State.SENDING, attempts=MESSAGES.c.attempts + 1)
    .returning(MESSAGES.c.id)
)
REMINDER_PASSED = _reminder_passed()
