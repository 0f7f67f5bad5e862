"""Turns that ring the operator or take a message: looked at before, counted once the answer is on its way.

Nobody who wants a person waits for the database or is kept from one by its trouble: it is only read, which on
SQLite waits for no writer, and where it does not answer soon, the operator is rung uncounted. As many as ask
within the same moment may go beyond a limit.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Thread
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from db import Database
from hotline.people import answers, operator_uses, store
from hotline.people.model import Refusal
from hotline.people.operator_limits import OperatorLimits, Use
from hotline.people.privacy import DataKeyError, Vault
from hotline.people.store import Contact
from hotline.voice.afterwards import afterwards
from hotline.voice.incoming import Incoming
from hotline.voice.model import Call, Turn
from hotline.voice.twiml import SILENCE

PATIENCE_S = 2.0  # of who waits for a person; an answer of the database takes milliseconds

T = TypeVar("T")
log = structlog.get_logger()


@dataclass(frozen=True)
class Meter:
    """Answers such a turn, within the limits of a day."""

    database: Database
    vault: Vault
    limits: OperatorLimits
    render: Callable[[Incoming, Turn], str]

    def answer(
        self,
        incoming: Incoming,
        wanted: Turn,
        use: Use,
        now_utc: datetime,
        instead: Callable[[Call], Turn],
    ) -> str:
        """`wanted` as TwiML, or the turn `instead` of a call that is refused it; the same to a replay."""
        try:
            contact, refusal = soon(lambda: self._look(incoming, use, now_utc), PATIENCE_S)
        except (SQLAlchemyError, DataKeyError, TimeoutError) as e:
            log.error("operator.not_counted", sid=incoming.sid, turn=incoming.turn, exc_info=e)
            return self.render(incoming, wanted)
        if contact.answered is not None:
            return contact.answered or SILENCE
        if refusal is None:
            answer = self.render(incoming, wanted)
            afterwards(lambda: self._count(incoming, answer, use, now_utc))
            return answer
        log.warning("operator.refused", use=use, reason=refusal, hidden=incoming.phone is None)
        answer = self.render(incoming, instead(replace(incoming.known(contact), refused=refusal)))
        afterwards(lambda: self._keep_refused(incoming, answer, contact, now_utc))
        return answer

    def _look(self, incoming: Incoming, use: Use, now_utc: datetime) -> tuple[Contact, Refusal | None]:
        """What the same webhook was answered, and whether a limit is met; two SQL statements."""
        vault, phone = self.vault, incoming.phone
        with self.database.reading() as session:
            contact = store.find(session, vault, phone, incoming.answer_key, incoming.sid)
            used = operator_uses.used(session, vault, contact.phone, use, now_utc)
        return contact, self.limits.refusal(use, used, hidden=phone is None)

    def _count(self, incoming: Incoming, answer: str, use: Use, now_utc: datetime) -> None:
        counted = operator_uses.columns(self.vault, incoming.phone or "", use)
        self._keep(incoming, answer, now_utc, None, **counted)

    def _keep_refused(self, incoming: Incoming, answer: str, contact: Contact, now_utc: datetime) -> None:
        """The same webhook later must not ring instead; what is said then may be of the person."""
        self._keep(incoming, answer, now_utc, contact.id)

    def _keep(
        self,
        incoming: Incoming,
        answer: str,
        now_utc: datetime,
        person_id: str | None,
        **counted: Any,
    ) -> None:
        try:
            with self.database.writing() as session:
                answers.keep(session, self.vault, incoming.answer_key, answer, now_utc, person_id, **counted)
        except IntegrityError:
            pass  # the same webhook, answered by another thread at this instant
        except SQLAlchemyError as e:
            log.error("operator.not_counted", sid=incoming.sid, turn=incoming.turn, exc_info=e)


def soon(act: Callable[[], T], patience_s: float) -> T:
    """The result of `act`, or what it raises; TimeoutError where it takes longer: it is left to itself."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(act())
        except Exception as e:
            future.set_exception(e)

    Thread(target=run, daemon=True).start()
    return future.result(timeout=patience_s)
