"""Applies every effect of a turn or a reply, in one place and in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from db.tables import OptOutRow
from hotline.config import SendWindow
from hotline.guide.model import Guide
from hotline.people import messages, store
from hotline.people.call_limits import CallLimits
from hotline.people.model import (
    Ask,
    CloseQuestion,
    DropDate,
    Effect,
    Forget,
    KeepMessage,
    KeepRest,
    MarkDone,
    OptIn,
    OptOut,
    PutOff,
    RemindBy,
    RingBack,
    SaveDate,
    ScriptOffered,
    SendText,
    SetLanguage,
    SetReading,
    SetScript,
    UndoDone,
    Welcome,
)
from hotline.people.privacy import Vault
from hotline.people.store import SELF, Contact
from hotline.reminders import ledger
from hotline.reminders.days import Today
from hotline.reminders.deadlines import DAY, closing_rules, done_after
from hotline.reminders.plan import PlannedRow, plan, row_of

ASKED_FOR_LIFETIME = timedelta(hours=1)  # a text or call asked for is of no use later


@dataclass(frozen=True)
class Effects:
    """What the effects need besides the session: keys, the rules of time, the send window, caps on calls."""

    vault: Vault
    guide: Guide
    window: SendWindow
    limits: CallLimits = field(default_factory=CallLimits)

    def apply(
        self, session: Session, contact: Contact, effects: Sequence[Effect], now_utc: datetime
    ) -> str | None:
        """Applies `effects` to the contact; returns the id of its row, None once it is erased.

        Nobody (a withheld number) can only leave a message: there is no row, and None is returned.
        """
        if any(isinstance(effect, Forget) for effect in effects):
            if contact.id:
                store.forget(session, contact.id)
            return None
        if contact.phone:
            contact = self._save_columns(session, contact, effects, now_utc)
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
                case SetScript(script):
                    columns["script"] = script
                case ScriptOffered():
                    columns["script_offered"] = True
                case RemindBy(channel):
                    columns["reminded_by"] = channel
                case SetReading(reading):
                    columns |= {"reading": f"{reading.step}:{reading.page}", "reading_at_utc": now_utc}
                case KeepRest(lines):
                    columns["rest_sealed"] = store.sealed_rest(self.vault, lines, id) if lines else None
                    columns["rest_at_utc"] = now_utc if lines else None
                case Welcome():
                    columns["welcomed_at_utc"] = now_utc
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
                self._mark_done(session, contact, rule)
            case UndoDone(rule):
                self._undo_done(session, contact, rule, now_utc)
            case PutOff(rule):
                self._put_off(session, contact, rule, now_utc)
            case DropDate(anchor):
                self._drop_date(session, contact, anchor, now_utc)
            case OptOut(at_carrier):
                store.opt_out(session, self.vault.index(contact.phone), at_carrier, now_utc)
            case OptIn():
                session.execute(_opt_outs_of(self.vault, contact))
            case SendText(body, script) if script is contact.person.reads:
                self._enqueue(session, contact, "sms", body, now_utc)
            case KeepMessage():
                messages.keep(session, contact.id, effect, now_utc)
            case RingBack(place):
                self._enqueue(session, contact, "call", place, now_utc)

    def _save_date(self, session: Session, contact: Contact, effect: SaveDate, now_utc: datetime) -> None:
        assert contact.id is not None
        person = contact.person
        done = done_after(self.guide.rules, person.done, person.dates, effect.anchor, effect.day)
        store.save_date(
            session,
            self.vault,
            contact.id,
            effect.anchor,
            effect.day,
            self._done_of(done, effect.anchor),
            now_utc,
        )
        planned = self._planned({**person.dates, effect.anchor: effect.day}, done, now_utc)
        ledger.replan(session, self.vault, contact.id, SELF, planned, now_utc)

    def _mark_done(self, session: Session, contact: Contact, rule: str) -> None:
        assert contact.id is not None
        anchor = self.guide.rules[rule].anchor
        done = self._done_of(contact.person.done | {rule}, anchor)
        store.save_done(session, contact.id, anchor, done)
        ledger.settle(session, contact.id, SELF, {rule, *closing_rules(self.guide.rules, rule)})

    def _undo_done(self, session: Session, contact: Contact, rule: str, now_utc: datetime) -> None:
        assert contact.id is not None
        anchor, done = self.guide.rules[rule].anchor, contact.person.done - {rule}
        store.save_done(session, contact.id, anchor, self._done_of(done, anchor))
        planned = self._planned(contact.person.dates, done, now_utc)
        ledger.resume(session, self.vault, contact.id, SELF, planned, now_utc)

    def _put_off(self, session: Session, contact: Contact, rule: str, now_utc: datetime) -> None:
        assert contact.id is not None
        anchor_day = contact.person.dates.get(self.guide.rules[rule].anchor)
        if anchor_day is not None:
            tomorrow = Today.at(now_utc, self.window.zone).here + DAY
            row = row_of(self.guide.rules[rule], anchor_day, tomorrow, self.window)
            ledger.put_off(session, self.vault, contact.id, SELF, row)

    def _drop_date(self, session: Session, contact: Contact, anchor: str, now_utc: datetime) -> None:
        assert contact.id is not None
        store.drop_date(session, contact.id, anchor)
        dates = {kind: day for kind, day in contact.person.dates.items() if kind != anchor}
        planned = self._planned(dates, contact.person.done, now_utc)
        ledger.replan(session, self.vault, contact.id, SELF, planned, now_utc)

    def _done_of(self, done: Collection[str], anchor: str) -> list[str]:
        """Those of the rules `done` that count from `anchor`."""
        return [rule for rule in done if rule in self.guide.rules and self.guide.rules[rule].anchor == anchor]

    def _planned(
        self, dates: Mapping[str, date], done: frozenset[str], now_utc: datetime
    ) -> tuple[PlannedRow, ...]:
        today = Today.at(now_utc, self.window.zone).here
        return plan(self.guide.rules, dates, done, today, self.window)

    def _enqueue(
        self, session: Session, contact: Contact, channel: str, body: str, now_utc: datetime
    ) -> None:
        assert contact.id is not None
        ledger.enqueue(session, self.vault, contact.id, channel, body, now_utc, now_utc + ASKED_FOR_LIFETIME)


def _opt_outs_of(vault: Vault, contact: Contact) -> Any:
    return delete(OptOutRow).where(OptOutRow.phone_index.in_(vault.indexes(contact.phone)))
