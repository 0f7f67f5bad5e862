"""Erases a person who asks for it, and knows for a day what may not begin anew by that.

Two things of it outlive the person, as rows of nobody with an HMAC of the number: that it was erased at this
instant, so that an older text found late brings nothing back; and each call to it of the last 24 hours, so
that erasing oneself is no way to be called without end.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import LargeBinary, Select, case, func, literal, select, text
from sqlalchemy.orm import Session

from db.tables import AnswerRow, MessageRow
from hotline.people import store
from hotline.people.answers import KEPT
from hotline.people.privacy import Vault
from hotline.people.tallies import Tally
from hotline.people.text_limits import DAY, Said
from hotline.reminders.states import Channel, Kind

THIS_NUMBER, OTHERS = "this number", "others"  # whose the calls were; no ids of people


class Called(StrEnum):
    """Why somebody was called who is erased now (db.tables: `answers.said`)."""

    ASKED = "called_as_asked"
    REMINDED = "called_to_remind"


def erase(session: Session, vault: Vault, person_id: str | None, phone: str, now_utc: datetime) -> None:
    """Erases who is stored as `person_id` (None: nobody) under `phone` (E.164); see store.forget."""
    calls = select(MessageRow.kind, MessageRow.created_at_utc).where(
        MessageRow.person_id == person_id,
        MessageRow.channel == Channel.CALL,
        MessageRow.created_at_utc > now_utc - DAY,
    )
    called, theirs = vault.index(_name(phone)), Tally.of(vault, phone, "").numbers[0]
    rows = [
        _row(at_utc, called, Called.ASKED if kind == Kind.ASKED else Called.REMINDED)
        for kind, at_utc in session.execute(calls)
    ]
    erased = _row(now_utc, theirs, Said.NOTHING)
    if person_id is not None:
        store.forget(session, person_id, now_utc)
    session.execute(KEPT, [*rows, erased])


def calls_to_erased(vault: Vault, phone: str, since_utc: datetime) -> Select[Any]:
    """Calls since then to people who are erased now: THIS_NUMBER or OTHERS, no number, calls, asked for."""
    said, theirs = AnswerRow.said, AnswerRow.number_index.in_(vault.indexes(_name(phone)))
    whose = case((theirs, literal(THIS_NUMBER)), else_=literal(OTHERS)).label("whose")
    unknown = literal(b"", LargeBinary)
    return (
        select(whose, unknown, func.count(), func.count().filter(said == Called.ASKED))
        .where(said.in_(list(Called)), AnswerRow.at_utc > since_utc)
        .group_by(text("whose"))
    )


def _name(phone: str) -> str:
    return f"calls to {phone}"


def _row(at_utc: datetime, number_index: bytes, said: str) -> dict[str, Any]:
    key = f"erased:{uuid.uuid4().hex}"
    return {"key": key, "reply_sealed": b"", "at_utc": at_utc, "number_index": number_index, "said": said}
