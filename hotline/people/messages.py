"""Voice messages to the operator: kept from the moment they were spoken, listed, heard, erased.

A row is made by the answer to <Record> or by the carrier's callback, whichever comes first; the other adds
what it knows. The sound is sealed for its row by the recording's SID, which no other row can have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from db import insert_into
from db.tables import PersonRow, VoiceMessageRow
from hotline.people.errands import wait_after
from hotline.people.model import KeepMessage
from hotline.people.privacy import Vault

SOUND_COLUMN = "voice_messages.sound"


class State(StrEnum):
    """What has become of a message."""

    WAITING = "waiting"  # only the carrier has it
    NEW = "new"  # it is here, and nobody has heard it
    HEARD = "heard"
    LOST = "lost"  # the carrier does not have it either
    ERASED = "erased"  # nothing of it is here; the carrier's copy is still to be deleted


class NotHereError(LookupError):
    """There is no such message, or its sound is not here; says which."""


@dataclass(frozen=True)
class Message:
    """A message as it is listed.

    phone: of the caller in E.164, None where it was withheld or is not known.
    """

    id: int
    left_at_utc: datetime
    seconds: int
    language: str | None
    state: State
    phone: str | None = field(repr=False)


@dataclass(frozen=True)
class Errand:
    """What the carrier is asked for: the sound if it is `wanted`, then that its copy be deleted."""

    id: int
    recording_sid: str
    wanted: bool
    left_at_utc: datetime


def keep(session: Session, person_id: str | None, told: KeepMessage, now_utc: datetime) -> None:
    """Keeps the message that a caller (None: nobody known) has just spoken; what is erased stays erased."""
    known = {"language": told.language, "seconds": told.seconds, "person_id": person_id}
    statement = _new_row(session, told.recording_sid, now_utc, **known)
    not_erased = VoiceMessageRow.state != State.ERASED
    session.execute(
        statement.on_conflict_do_update(index_elements=["recording_sid"], set_=known, where=not_erased)
    )


def keep_unknown(session: Session, recording_sid: str, seconds: int, now_utc: datetime) -> None:
    """Keeps a message of which the carrier's callback tells; nothing if it is known already."""
    statement = _new_row(session, recording_sid, now_utc, language=None, seconds=seconds, person_id=None)
    session.execute(statement.on_conflict_do_nothing(index_elements=["recording_sid"]))


def claim(session: Session, now_utc: datetime) -> Errand | None:
    """The message for which the carrier is to be asked now, or None.

    The next time is set at once, doubling from a minute to an hour: a worker that dies is made up for then.
    """
    due = (
        select(VoiceMessageRow)
        .where(VoiceMessageRow.at_carrier, VoiceMessageRow.next_at_utc <= now_utc)
        .order_by(VoiceMessageRow.next_at_utc)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = session.scalar(due)
    if row is None:
        return None
    row.next_at_utc = now_utc + wait_after(row.attempts)
    row.attempts += 1
    return Errand(row.id, row.recording_sid, row.state == State.WAITING, row.left_at_utc)


def store_sound(session: Session, vault: Vault, errand: Errand, sound: bytes) -> None:
    """Keeps the sound, sealed; nothing if the message was erased meanwhile."""
    sealed = vault.seal_bytes(sound, SOUND_COLUMN, errand.recording_sid)
    waiting = _row(errand.id).where(VoiceMessageRow.state == State.WAITING)
    session.execute(waiting.values(sound_sealed=sealed, state=State.NEW))


def note_deleted(session: Session, errand: Errand) -> None:
    """The carrier has no copy any more; of an erased message nothing is left to do."""
    session.execute(_row(errand.id).values(at_carrier=False))
    erased = (VoiceMessageRow.id == errand.id, VoiceMessageRow.state == State.ERASED)
    session.execute(delete(VoiceMessageRow).where(*erased))


def note_lost(session: Session, errand: Errand) -> None:
    """The carrier has had no sound for too long: the number can still be called back."""
    waiting = _row(errand.id).where(VoiceMessageRow.state == State.WAITING)
    session.execute(waiting.values(state=State.LOST, at_carrier=False))


def listed(session: Session, vault: Vault) -> list[Message]:
    """Every message, the oldest first."""
    rows = session.execute(
        select(VoiceMessageRow, PersonRow)
        .outerjoin(PersonRow, PersonRow.id == VoiceMessageRow.person_id)
        .where(VoiceMessageRow.state != State.ERASED)
        .order_by(VoiceMessageRow.left_at_utc, VoiceMessageRow.id)
    )
    return [
        Message(
            row.id,
            row.left_at_utc,
            row.seconds,
            row.language,
            State(row.state),
            vault.open(person.phone_sealed, "people.phone", person.id) if person else None,
        )
        for row, person in rows
    ]


def sound_of(session: Session, vault: Vault, id: int) -> bytes:
    """The WAV file of a message. Raises NotHereError, and DataKeyError if no key opens it."""
    row = session.get(VoiceMessageRow, id)
    if row is None or row.state == State.ERASED:
        raise NotHereError(f"there is no message {id}")
    if row.sound_sealed is None:
        raise NotHereError(f"the sound of message {id} is not here: it is {row.state}")
    return vault.open_bytes(row.sound_sealed, SOUND_COLUMN, row.recording_sid)


def mark_heard(session: Session, id: int) -> None:
    """The operator has played the message."""
    session.execute(_row(id).where(VoiceMessageRow.state == State.NEW).values(state=State.HEARD))


def erase(session: Session, id: int) -> bool:
    """Erases a message; whether there was one."""
    return _erase(session, VoiceMessageRow.id == id) > 0


def erase_older(session: Session, before_utc: datetime) -> int:
    """Erases what was left before an instant, heard or not; how many."""
    return _erase(session, VoiceMessageRow.left_at_utc < before_utc)


def erase_of(session: Session, person_id: str) -> None:
    """Erases every message of a person."""
    _erase(session, VoiceMessageRow.person_id == person_id)


def _erase(session: Session, which: ColumnElement[bool]) -> int:
    """What the carrier may still have stays as a bare SID until its copy is deleted."""
    not_yet = (which, VoiceMessageRow.state != State.ERASED)
    gone: Sequence[int] = session.scalars(
        delete(VoiceMessageRow).where(*not_yet, ~VoiceMessageRow.at_carrier).returning(VoiceMessageRow.id)
    ).all()
    bare = {"state": State.ERASED, "sound_sealed": None, "person_id": None, "language": None, "seconds": 0}
    left: Sequence[int] = session.scalars(
        update(VoiceMessageRow).where(*not_yet).values(**bare).returning(VoiceMessageRow.id)
    ).all()
    return len(gone) + len(left)


def _new_row(session: Session, recording_sid: str, now_utc: datetime, **known: object) -> Any:
    return insert_into(session, VoiceMessageRow).values(
        recording_sid=recording_sid,
        state=State.WAITING,
        at_carrier=True,
        next_at_utc=now_utc,
        attempts=0,
        left_at_utc=now_utc,
        **known,
    )


def _row(id: int) -> Any:
    return update(VoiceMessageRow).where(VoiceMessageRow.id == id)
