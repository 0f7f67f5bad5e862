"""A question about a date that stays unanswered for a day is asked once more, by call.

Source: rules of the service, Dates. The call is unasked, so it keeps to the send window, to STOP and to the
limits on calls; where it may not be placed, the question is dropped.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from db.tables import OptOutRow, PersonRow
from hotline.people.call_limits import CallLimits
from hotline.people.limits import may_not_call
from hotline.people.privacy import DataKeyError, Vault
from hotline.people.store import is_opted_out, phone_of
from hotline.reminders import ledger
from hotline.reminders.states import Channel
from hotline.reminders.window import Window, closing, day_of, is_open
from hotline.voice.places import ASK


def ask_again(session: Session, vault: Vault, window: Window, limits: CallLimits, now_utc: datetime) -> int:
    """Has everybody called whose question is a day old; how many. Each question once."""
    if not is_open(window, now_utc):
        return 0
    opted_out = exists().where(OptOutRow.phone_index == PersonRow.phone_index)
    due = select(PersonRow).where(PersonRow.ask_again_at_utc <= now_utc)
    wanted = set(session.scalars(due.where(~opted_out).with_only_columns(PersonRow.id)))
    people = session.scalars(due.with_for_update(key_share=True, skip_locked=True)).all()
    expires_at_utc = closing(window, day_of(window, now_utc))
    asked = 0
    for person in people:
        person.ask_again_at_utc = None
        if person.id in wanted and _may_call(session, vault, limits, person, now_utc):
            place = str(ASK)
            ledger.enqueue(session, vault, person.id, Channel.CALL, place, now_utc, expires_at_utc)
            asked += 1
    session.flush()
    return asked


def _may_call(
    session: Session, vault: Vault, limits: CallLimits, person: PersonRow, now_utc: datetime
) -> bool:
    try:
        phone = phone_of(vault, person)
    except DataKeyError:
        return False
    if is_opted_out(session, vault, phone):
        return False  # by another data key than the person is found by
    return may_not_call(session, vault, limits, person.id, phone, now_utc) is None
