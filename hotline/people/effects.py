"""Applies every effect of a turn or a reply, in one place and in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from db import insert_into
from db.tables import DoneRow, OptOutRow
from hotline.config import SendWindow
from hotline.guide.model import Guide
from hotline.people import store
from hotline.people.model import (
    Ask,
    CloseQuestion,
    Effect,
    Forget,
    MarkDone,
    OptIn,
    OptOut,
    RingBack,
    SaveDate,
    SendText,
    SetLanguage,
    SetReading,
    UndoDone,
)
from hotline.people.privacy import Vault
from hotline.people.store import SELF, Contact
from hotline.reminders import ledger
from hotline.reminders.days import Today
from hotline.reminders.deadlines import closing_rules
from hotline.reminders.plan import PlannedRow, plan

ASKED_FOR_LIFETIME = timedelta(hours=1)  # a text or call asked for is of no use later


@dataclass(frozen=True)
class Effects:
    """What the effects need besides the session: keys, the rules of time, the send window."""

    vault: Vault
    guide: Guide
    window: SendWindow

    def apply(
        self, session: Session, contact: Contact, effects: Sequence[Effect], now_utc: datetime
    ) -> str | None:
        """Applies `effects` to the contact; returns the id of its row, None once it is erased."""
        if any(isinstance(effect, Forget) for effect in effects):
            if contact.id:
                store.forget(session, contact.id)
            return None
        contact = self._save_columns(session, contact, effects, now_utc)
        assert contact.id is not None
        for effect in effects:
            self._apply_one(session, contact, effect, now_utc)
        return contact.id

    def _save_columns(
        self, session: Session, contact: Contact, effects: Sequence[Effect], now_utc: datetime
    ) -> Contact:
        """Everything that is a column of the person, in one statement."""
        id = contact.id or store.new_id()
        saved = store.save_person(
            session, self.vault, contact, id, self._columns(effects, id, now_utc), now_utc
        )
        if saved != id:  # sealed for another row than the one that got there first
            changes = self._columns(effects, saved, now_utc)
            store.save_person(session, self.vault, replace(contact, id=saved), saved, changes, now_utc)
        return replace(contact, id=saved)

    def _columns(self, effects: Sequence[Effect], id: str, now_utc: datetime) -> dict[str, Any]:
        columns: dict[str, Any] = {}
        for effect in effects:
            match effect:
                case SetLanguage(language):
                    columns["language"] = language
                case SetReading(reading):
                    columns["reading"] = f"{reading.step}:{reading.page}"
                case CloseQuestion():
                    columns |= {"question_sealed": None, "question_at_utc": None}
                case Ask(question):
                    sealed = store.sealed_question(self.vault, question, id)
                    columns |= {"question_sealed": sealed, "question_at_utc": now_utc}
        return columns

    def _apply_one(self, session: Session, contact: Contact, effect: Effect, now_utc: datetime) -> None:
        match effect:
            case SaveDate():
                self._save_date(session, contact, effect, now_utc)
            case MarkDone(rule):
                self._mark_done(session, contact, rule, now_utc)
            case UndoDone(rule):
                self._undo_done(session, contact, rule, now_utc)
            case OptOut():
                _opt_out(session, self.vault, contact, now_utc)
            case OptIn():
                session.execute(_opt_outs_of(self.vault, contact))
            case SendText(body):
                self._enqueue(session, contact, "sms", body, now_utc)
            case RingBack(place):
                self._enqueue(session, contact, "call", place, now_utc)

    def _save_date(self, session: Session, contact: Contact, effect: SaveDate, now_utc: datetime) -> None:
        assert contact.id is not None
        store.save_date(session, self.vault, contact.id, effect.anchor, effect.day, now_utc)
        dates = {**contact.person.dates, effect.anchor: effect.day}
        planned = self._planned(dates, contact.person.done, now_utc)
        ledger.replan(session, self.vault, contact.id, SELF, planned, now_utc)

    def _undo_done(self, session: Session, contact: Contact, rule: str, now_utc: datetime) -> None:
        assert contact.id is not None
        session.execute(delete(DoneRow).where(DoneRow.id == _done_id(contact, rule)))
        planned = self._planned(contact.person.dates, contact.person.done - {rule}, now_utc)
        ledger.resume(session, self.vault, contact.id, SELF, planned, now_utc)

    def _planned(
        self, dates: Mapping[str, date], done: frozenset[str], now_utc: datetime
    ) -> tuple[PlannedRow, ...]:
        today = Today.at(now_utc, self.window.zone).here
        return plan(self.guide.rules, dates, done, today, self.window)

    def _mark_done(self, session: Session, contact: Contact, rule: str, now_utc: datetime) -> None:
        assert contact.id is not None
        values = {
            "id": _done_id(contact, rule),
            "person_id": contact.id,
            "member": SELF,
            "rule": rule,
            "at_utc": now_utc,
        }
        session.execute(insert_into(session, DoneRow).values(**values).on_conflict_do_nothing())
        ledger.settle(session, contact.id, SELF, {rule, *closing_rules(self.guide.rules, rule)})

    def _enqueue(
        self, session: Session, contact: Contact, channel: str, body: str, now_utc: datetime
    ) -> None:
        assert contact.id is not None
        ledger.enqueue(session, self.vault, contact.id, channel, body, now_utc, now_utc + ASKED_FOR_LIFETIME)


def _opt_out(session: Session, vault: Vault, contact: Contact, now_utc: datetime) -> None:
    values = {"phone_index": vault.index(contact.phone), "at_utc": now_utc}
    session.execute(insert_into(session, OptOutRow).values(**values).on_conflict_do_nothing())


def _opt_outs_of(vault: Vault, contact: Contact) -> Any:
    return delete(OptOutRow).where(OptOutRow.phone_index.in_(vault.indexes(contact.phone)))


def _done_id(contact: Contact, rule: str) -> str:
    return f"{contact.id}.{SELF}.{rule}"
