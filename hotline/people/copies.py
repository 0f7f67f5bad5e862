"""What the carrier still has of texts and calls that are erased here: SIDs alone, until it has deleted them.

A SID tells nobody anything but the carrier, where it leads to a number: its row goes with the carrier's copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select, union_all, update
from sqlalchemy.orm import Session

from db import insert_into
from db.tables import AnswerRow, CopyRow, MessageRow
from hotline.carriers.base import SID
from hotline.people.errands import wait_after
from hotline.people.text_limits import DAY
from hotline.reminders.states import State

TEXTS, CALLS = ("SM", "MM"), ("CA",)  # how Twilio's SIDs begin
EVERYTHING = TEXTS + CALLS


@dataclass(frozen=True)
class Errand:
    """A record to be deleted; `leads`: first everything of its number is to be found, noted by then."""

    sid: str
    leads: bool
    noted_at_utc: datetime


def note(session: Session, keys: Iterable[str | None], kinds: tuple[str, ...], now_utc: datetime) -> None:
    """Has the records of these kinds deleted. `keys`: of answers, or SIDs of messages as far as known."""
    sids = {sid for sid in map(_sid_of, keys) if sid.startswith(kinds)}
    _keep(session, [_row(sid, now_utc) for sid in sorted(sids)])


def note_of(session: Session, person_id: str, now_utc: datetime) -> None:
    """Has all records of a person deleted, who is about to be erased here; two SQL statements.

    Nobody has told us the SIDs of the texts with which webhooks were answered. The last record leads to them,
    and is kept a day for it: so long the carrier may be asked what became of a text.
    """
    answered = select(AnswerRow.key, AnswerRow.at_utc).where(AnswerRow.person_id == person_id)
    sent = select(MessageRow.sid, MessageRow.created_at_utc).where(MessageRow.person_id == person_id)
    oldest_first: list[Any] = sorted(session.execute(union_all(answered, sent)), key=lambda row: row[1])
    sids = dict.fromkeys(filter(None, (_sid_of(key) for key, _ in oldest_first)))
    rows = [_row(sid, now_utc) for sid in sids]
    if rows:
        rows[-1] |= {"leads": True, "next_at_utc": now_utc + DAY}
    _keep(session, rows)


def claim(session: Session, now_utc: datetime) -> Errand | None:
    """The record that the carrier is to be asked about now, or None.

    The next time is set at once, doubling from a minute to an hour: a worker that dies is made up for then.
    """
    due = select(CopyRow).where(CopyRow.next_at_utc <= now_utc).order_by(CopyRow.next_at_utc).limit(1)
    row = session.scalar(due.with_for_update(skip_locked=True))
    if row is None:
        return None
    row.next_at_utc = now_utc + wait_after(row.attempts)
    row.attempts += 1
    return Errand(row.sid, row.leads, row.noted_at_utc)


def follow(session: Session, errand: Errand, sids: Iterable[str], now_utc: datetime) -> None:
    """What a record has led to is to be deleted, and now it is too."""
    note(session, sids, EVERYTHING, now_utc)
    found = {"leads": False, "next_at_utc": now_utc, "attempts": 0}
    session.execute(update(CopyRow).where(CopyRow.sid == errand.sid).values(**found))


def forget(session: Session, errand: Errand) -> None:
    """The carrier has no copy any more."""
    session.execute(delete(CopyRow).where(CopyRow.sid == errand.sid))


def is_looked_for(session: Session) -> bool:
    """Whether the carrier's list is needed, to find out if a text of ours was sent."""
    return bool(session.scalar(select(exists().where(MessageRow.state == State.UNKNOWN))))


def _sid_of(key: str | None) -> str:
    """The SID that stands in the key of an answer, "" for none that the carrier knows."""
    sid = (key or "").partition(":")[0]
    return sid if SID.fullmatch(sid) else ""


def _row(sid: str, now_utc: datetime) -> dict[str, object]:
    return {"sid": sid, "leads": False, "noted_at_utc": now_utc, "next_at_utc": now_utc, "attempts": 0}


def _keep(session: Session, rows: Sequence[dict[str, object]]) -> None:
    """What is noted already stays as it is."""
    if rows:
        session.execute(insert_into(session, CopyRow).on_conflict_do_nothing(index_elements=["sid"]), rows)
