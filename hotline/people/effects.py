"""Applies every effect of a turn or a reply, in one place and in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from db.tables import OptOutRow
from hotline.guide.model import Guide
from hotline.people import erasing, messages, store
from hotline.people.limits import Limits
from hotline.people.members import Member
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
    Told,
    UndoDone,
    Welcome,
)
from hotline.people.privacy import Vault
from hotline.people.questions import QUESTION_LIFETIME, Asked
from hotline.people.store import Contact
from hotline.reminders import ledger
from hotline.reminders.agenda import DATE_EFFECTS, done_of_dates, member_after, said_of_dates
from hotline.reminders.days import Today
from hotline.reminders.deadlines import DAY, counted
from hotline.reminders.of_today import after_call, taken_up
from hotline.reminders.plan import plan, row_of, standing
from hotline.reminders.send_window import SendWindow
from hotline.reminders.window import first_open

ASKED_FOR_LIFETIME = timedelta(hours=1)  # a text or call asked for is of no use later


@dataclass(frozen=True)
class Change:
    """What the effects of a turn or a reply make of one of the people on a telephone; `effects`: theirs."""

    number: int
    before: Member
    after: Member
    effects: Sequence[SaveDate | DropDate | MarkDone | UndoDone]

    @property
    def told(self) -> set[tuple[str, date]]:
        """The dates that are stored, also what was stored already: anchor and day."""
        return {(each.anchor, each.day) for each in self.effects if isinstance(each, SaveDate)}

    def rules_of(self, kind: type[MarkDone | UndoDone]) -> set[str]:
        """The rules of which DONE, or START, is said."""
        return {each.rule for each in self.effects if isinstance(each, kind)}


@dataclass(frozen=True)
class Effects:
    """What the effects need besides the session: keys, the rules of time, the send window, limits on use."""

    vault: Vault
    guide: Guide
    window: SendWindow
    limits: Limits = field(default_factory=Limits)

    def apply(
        self,
        session: Session,
        contact: Contact,
        effects: Sequence[Effect],
        now_utc: datetime,
        in_call: bool = False,
    ) -> str | None:
        """Applies `effects` to the contact; returns the id of its row, None once it is erased.

        in_call: the answer to a date is only heard, by who does not hang up before; today is reminded of too.
        Nobody (a withheld number) can only leave a message: there is no row, and None is returned.
        """
        if any(isinstance(effect, Forget) for effect in effects):
            if contact.phone:
                erasing.erase(session, self.vault, contact.id, contact.phone, now_utc)
            return None
        if contact.phone:
            contact = self._save_columns(session, contact, effects, now_utc)
        self._change_dates(session, contact, effects, now_utc, in_call)
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
                    columns |= {"question_sealed": None, "question_at_utc": None, "ask_again_at_utc": None}
                case Ask(question):
                    sealed = store.sealed_question(self.vault, question, id)
                    can_be_said = bool(self.guide.dates[question.anchor].spoken)
                    again = question.kind is Asked.SAVE_DATE and can_be_said
                    at_utc = first_open(self.window, now_utc + QUESTION_LIFETIME) if again else None
                    columns |= {"question_sealed": sealed, "question_at_utc": now_utc}
                    columns["ask_again_at_utc"] = at_utc
        return columns

    def _apply_one(self, session: Session, contact: Contact, effect: Effect, now_utc: datetime) -> None:
        match effect:
            case PutOff():
                self._put_off(session, contact, effect, now_utc)
            case OptOut(at_carrier):
                store.opt_out(session, self.vault, contact.phone, at_carrier, now_utc)
            case OptIn():
                session.execute(_opt_outs_of(self.vault, contact))
            case SendText(body, script) if script is contact.person.reads:
                self._enqueue(session, contact, "sms", body, now_utc)
            case SetLanguage() | SetScript() | RemindBy():
                ledger.say_anew(session, contact.id, now_utc)
            case Told():
                ledger.note_told(session, contact.id)
            case KeepMessage():
                messages.keep(session, contact.id, effect, now_utc)
            case RingBack(place):
                self._enqueue(session, contact, "call", place, now_utc)

    def _change_dates(
        self,
        session: Session,
        contact: Contact,
        effects: Sequence[Effect],
        now_utc: datetime,
        in_call: bool,
    ) -> None:
        """Everything that changes dates or what is done of them, each member's at once."""
        numbers = dict.fromkeys(effect.member for effect in effects if isinstance(effect, DATE_EFFECTS))
        today = Today.at(now_utc, self.window.zone).here
        for number in numbers:
            mine = [each for each in effects if isinstance(each, DATE_EFFECTS) and each.member == number]
            before = contact.person.member(number)
            after = member_after(self.guide.rules, before, number, mine, today)
            change = Change(number, before, after, mine)
            self._save_member(session, contact, change, now_utc)
            self._plan_member(session, contact, change, today, now_utc, in_call)

    def _save_member(self, session: Session, contact: Contact, change: Change, now_utc: datetime) -> None:
        """The dates that changed, or what is done of them; at most three SQL statements."""
        assert contact.id is not None
        rules, before, after = self.guide.rules, change.before, change.after
        then, now = done_of_dates(rules, before), done_of_dates(rules, after)
        said_now = change.rules_of(MarkDone) | change.rules_of(UndoDone)
        said = said_of_dates(rules, before, after, said_now, now_utc)
        changed = {
            kind: (day, now[kind], said[kind])
            for kind, day in after.dates.items()
            if before.dates.get(kind) != day or then[kind] != now[kind]
        }
        if changed:
            store.save_dates(session, self.vault, contact.id, change.number, changed, now_utc)
        dropped = before.dates.keys() - after.dates.keys()
        if dropped:
            store.drop_dates(session, contact.id, change.number, dropped)

    def _plan_member(
        self,
        session: Session,
        contact: Contact,
        change: Change,
        today: date,
        now_utc: datetime,
        in_call: bool,
    ) -> None:
        """The plan that follows; two SQL statements, four if rows return."""
        assert contact.id is not None
        rules, window, before, after = self.guide.rules, self.window, change.before, change.after
        stored = after.dates.items() - before.dates.items() if in_call else change.told
        running = standing(rules, after.dates, after.done)
        planned = plan(rules, after.dates, after.done, today, window)
        if in_call and stored:
            unheard = after_call(rules, after, stored, now_utc, window)
            planned += tuple(row for row in unheard if row not in planned)
        again = taken_up(rules, before, after, stored, change.rules_of(MarkDone), today, window)
        ledger.replan(session, self.vault, contact.id, change.number, running, planned, now_utc, again)

    def _put_off(self, session: Session, contact: Contact, effect: PutOff, now_utc: datetime) -> None:
        assert contact.id is not None
        rule = self.guide.rules[effect.rule]
        member = contact.person.member(effect.member)
        start = counted(rule, member.dates, member.done)
        if start is not None:
            tomorrow = Today.at(now_utc, self.window.zone).here + DAY
            row = row_of(rule, start, tomorrow, self.window)
            ledger.put_off(session, self.vault, contact.id, effect.member, row)

    def _enqueue(
        self, session: Session, contact: Contact, channel: str, body: str, now_utc: datetime
    ) -> None:
        assert contact.id is not None
        ledger.enqueue(session, self.vault, contact.id, channel, body, now_utc, now_utc + ASKED_FOR_LIFETIME)


def _opt_outs_of(vault: Vault, contact: Contact) -> Any:
    return delete(OptOutRow).where(OptOutRow.phone_index.in_(vault.indexes(contact.phone)))
