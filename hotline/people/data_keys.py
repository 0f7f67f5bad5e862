"""Which data keys a database needs: every sealed value names its own, and so does every opt-out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, select, update
from sqlalchemy.orm import Session

from db import Database
from db.tables import AnchorRow, AnswerRow, CallRow, MessageRow, OptOutRow, PersonRow, VoiceMessageRow
from hotline.people import messages
from hotline.people.privacy import KEY_ID_BYTES, DataKeyError, Vault

UNKNOWN = b""  # the key of an opt-out of an earlier version
EVERY_S = 60.0  # between two looks of a process
LOOKED_AT = 100  # people and answers of a look: a table of millions is not read through for it
DAMAGED = 1  # a value that was altered names a key that never was: it must stop nothing but itself
FILLED = frozenset(bytes([byte]) * KEY_ID_BYTES for byte in range(256))  # so do all that a disk has wiped


@dataclass(frozen=True)
class Sealed:
    """A sealed column. row_id: what it is sealed for besides `name`."""

    name: str
    column: Any
    row_id: Any

    @property
    def key_id(self) -> ColumnElement[bytes]:
        """The first bytes of a sealed value; without parameters, by which PostgreSQL would not group."""
        return func.substr(self.column, literal_column("1"), literal_column(str(KEY_ID_BYTES)))

    @property
    def is_there(self) -> ColumnElement[bool]:
        """Whether there is a value: neither none nor one that was erased."""
        return func.length(self.column) > 0


SEALED = (
    Sealed("people.phone", PersonRow.phone_sealed, PersonRow.id),
    Sealed("people.question", PersonRow.question_sealed, PersonRow.id),
    Sealed("people.rest", PersonRow.rest_sealed, PersonRow.id),
    Sealed("anchors.date", AnchorRow.date_sealed, AnchorRow.id),
    Sealed("messages.body", MessageRow.body_sealed, MessageRow.id),
    Sealed("answers.body", AnswerRow.body_sealed, AnswerRow.key),
    Sealed("answers.reply", AnswerRow.reply_sealed, AnswerRow.key),
    Sealed("calls.pending", CallRow.pending_sealed, CallRow.sid),
    Sealed(messages.SOUND_COLUMN, VoiceMessageRow.sound_sealed, VoiceMessageRow.recording_sid),
)


def check_keys(session: Session, vault: Vault) -> None:
    """Raises DataKeyError, naming them, if keys are missing without which something stored is lost.

    Opt-outs of an earlier version name no key: where there is only one, it is theirs.
    """
    missing = _missing(session, vault)
    if missing:
        raise DataKeyError(
            f"this database needs data key {_named(missing)}; HOTLINE_DATA_KEY has {_named(vault.key_ids)}"
        )
    if len(vault.key_ids) == 1:
        own = update(OptOutRow).where(OptOutRow.key_id.is_(None))
        session.execute(own.values(key_id=vault.key_ids[0]))


@dataclass
class KeyWatch:
    """Whether this process has the data keys that the database needs by now, such as after a rotation.

    Whoever has not got them takes people for new ones: no balancer should send it anybody.
    """

    database: Database
    vault: Vault
    monotonic_s: Callable[[], float] = time.monotonic
    _looked_s: float | None = field(default=None, init=False)
    _found: str | None = field(default=None, init=False)

    def problem(self) -> str | None:
        """What is missing, by name, or None; found out at most once a minute.

        Raises SQLAlchemyError where the database does not say; a minute later it is asked again.
        """
        now_s = self.monotonic_s()
        if self._looked_s is None or now_s >= self._looked_s + EVERY_S:
            self._looked_s = now_s
            with self.database.reading() as session:
                missing = _without(self.vault, _sealed_lately(session))
            self._found = f"data key: {_named(missing)} is not set here" if missing else None
        return self._found


def sealed_by(session: Session) -> Counter[bytes]:
    """How many sealed values there are of each key."""
    found: Counter[bytes] = Counter()
    for each in SEALED:
        counted = select(each.key_id, func.count()).where(each.is_there).group_by(each.key_id)
        found.update({bytes(id): count for id, count in session.execute(counted)})
    return found


def opted_out_by(session: Session) -> Counter[bytes]:
    """How many numbers that want no messages are found by each key."""
    counted = select(OptOutRow.key_id, func.count()).group_by(OptOutRow.key_id)
    return Counter({bytes(id or UNKNOWN): count for id, count in session.execute(counted)})


def name_of(key_id: bytes) -> str:
    """A key id as it is told to people."""
    return key_id.hex()


def _missing(session: Session, vault: Vault) -> set[bytes]:
    return _without(vault, sealed_by(session)) | (opted_out_by(session).keys() - {UNKNOWN, *vault.key_ids})


def _without(vault: Vault, sealed: Counter[bytes]) -> set[bytes]:
    """Which keys of these sealed values are none of ours."""
    return {id for id, count in sealed.items() if count > DAMAGED} - {*FILLED, *vault.key_ids}


def _sealed_lately(session: Session) -> Counter[bytes]:
    """Of which keys people and answers are: the newest, and so of any process that has another first."""
    people, replies = (
        select(each.row_id, each.key_id).where(each.is_there).limit(LOOKED_AT)
        for each in SEALED
        if each.name in {"people.phone", "answers.reply"}
    )
    looked_at = (
        people,  # the first that a rotation seals anew
        people.order_by(PersonRow.seen_at_utc.desc()),
        replies.order_by(AnswerRow.at_utc.desc()),
    )
    found = {row_id: bytes(key_id) for each in looked_at for row_id, key_id in session.execute(each)}
    return Counter(found.values())


def _named(key_ids: Collection[bytes]) -> str:
    return ", ".join(sorted(map(name_of, key_ids)))
