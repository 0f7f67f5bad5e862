"""What each webhook was answered: kept in the transaction of its effects, so that a repeat says the same."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.tables import AnswerRow
from hotline.people.privacy import Vault

KEYS_AT_ONCE = 500  # of one statement
KEPT = insert(AnswerRow.__table__)  # of the table: an object that nobody reads again is not worth its flush


def given_to(session: Session, vault: Vault, key: str) -> str | None:
    """What the webhook `key` was answered before, "" if the person was erased since, or None."""
    sealed = session.scalar(select(AnswerRow.reply_sealed).where(AnswerRow.key == key))
    return None if sealed is None else opened(vault, key, sealed)


def given(session: Session, keys: Collection[str]) -> set[str]:
    """Which of these webhooks were answered."""
    found: set[str] = set()
    for n in range(0, len(keys), KEYS_AT_ONCE):
        batch = list(keys)[n : n + KEYS_AT_ONCE]
        found.update(session.scalars(select(AnswerRow.key).where(AnswerRow.key.in_(batch))))
    return found


def keep(
    session: Session,
    vault: Vault,
    key: str,
    reply: str,
    now_utc: datetime,
    person_id: str | None = None,
    body: str | None = None,
    **tally: Any,
) -> None:
    """Stores what the webhook `key` is answered; raises IntegrityError if it was answered already.

    `tally`: the columns of a text that counts against the limits.
    """
    row = {
        "key": key,
        "person_id": person_id,
        "body_sealed": None if body is None else vault.seal(body, "answers.body", key),
        "reply_sealed": vault.seal(reply, "answers.reply", key),
        "at_utc": now_utc,
        **tally,
    }
    session.execute(KEPT, row)


def opened(vault: Vault, key: str, sealed: bytes) -> str:
    """The answer as it was sent; "" if the person was erased since."""
    return vault.open(sealed, "answers.reply", key) if sealed else ""
