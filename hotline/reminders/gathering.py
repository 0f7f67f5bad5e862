"""Due rows become messages: everything due to one person is claimed together, into one text."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.tables import MessageRow, PersonRow, ReminderRow
from hotline.guide.language import Script
from hotline.guide.model import Guide
from hotline.people.call_limits import CallLimits
from hotline.people.limits import may_not_call
from hotline.people.members import SELF
from hotline.people.model import BY_CALL
from hotline.people.privacy import Vault
from hotline.people.purses import Purses
from hotline.people.store import phone_of
from hotline.reminders import ledger, quota
from hotline.reminders.deadlines import DAY, Term, can_be_called, closed_by, is_closing
from hotline.reminders.discretion import Wording
from hotline.reminders.due import Anchors, anchors_of, due_rows, people_with_due_rows, people_with_ending_rows
from hotline.reminders.outbox import LEASE, UNREADABLE_WAIT, Batch, Claim, claim_of
from hotline.reminders.plan import RECENT_DAYS
from hotline.reminders.standing import StoredDays, standing_start, stored_days
from hotline.reminders.states import RANK_NONE, Channel, Kind, State
from hotline.reminders.window import Window, closing, day_of, next_opening, opening
from hotline.reminders.wording import Due, reminder_text
from hotline.voice.places import remind

NEXT_TEXT = timedelta(minutes=1)  # between two texts of a day on which one is not enough

log = structlog.get_logger()


@dataclass(frozen=True)
class Gatherer:
    """What wording a reminder needs. `call_number_for`: whom a one-way sender's text names, else None.

    `limits`: on calls; who may not be called is written to. `most_a_day`: reminders to one person. `purses`:
    reminders to countries.
    """

    vault: Vault
    guide: Guide
    window: Window
    call_number_for: Callable[[str], str | None]
    limits: CallLimits
    most_a_day: int
    purses: Purses
    worded: Wording = reminder_text

    def claim_due(
        self, session: Session, now_utc: datetime, limit: int, person_id: str | None = None
    ) -> Batch:
        """Claims what is due of at most `limit` persons, or of one, as one new message a person."""
        return self._claim(session, people_with_due_rows(session, now_utc, limit, person_id), now_utc)

    def claim_ending(self, session: Session, now_utc: datetime, limit: int) -> Batch:
        """The same of those of whom something would be too late tomorrow."""
        tomorrow_utc = next_opening(self.window, now_utc)
        people = people_with_ending_rows(session, now_utc, tomorrow_utc, limit)
        return self._claim(session, people, now_utc)

    def _claim(self, session: Session, people: Sequence[PersonRow], now_utc: datetime) -> Batch:
        rows = due_rows(session, people, now_utc)
        self._hold_back(session, rows, now_utc)
        anchors = anchors_of(session, people)
        made = []
        for person in people:
            one = self._message(session, person, rows.get(person.id, []), anchors, now_utc)
            made += [(*one, person)] if one else []
        session.flush()  # the messages first: their rows refer to them
        claims = []
        for message, carried, person in made:
            for row in carried:
                row.message_id = message.id
            claims.append(claim_of(self.vault, message, person, [row.rule for row in carried]))
        session.flush()
        return Batch(claims, more=bool(people))

    def wait_of(self, session: Session, claim: Claim, now_utc: datetime) -> datetime | None:
        """Until when the purse of its country has nothing for a message that waited and is claimed again.

        None where it may go, and where nothing of it is left to be said: that stops at its fence.
        """
        purse = self._purse(claim.to)
        if purse is None:
            return None
        rows = session.scalars(select(ReminderRow).where(ReminderRow.message_id == claim.id)).all()
        return self._wait_for(session, purse, claim.person_id, rows, now_utc, claim.id) if rows else None

    def language_of(self, stored: str | None) -> str:
        """The language that the person chose, if the hotline still speaks it; else its first one."""
        return stored if stored and stored in self.guide.languages else next(iter(self.guide.languages))

    def _hold_back(self, session: Session, rows: dict[str, list[ReminderRow]], now_utc: datetime) -> None:
        """Takes out who has had enough for a day: theirs are due again when the window next opens."""
        opened_at_utc = opening(self.window, day_of(self.window, now_utc))
        for id in quota.sent_enough(session, rows, self.most_a_day, opened_at_utc):
            log.error("reminder.capped", person=id, most=self.most_a_day, reason="number")
            self._wait(rows.pop(id), now_utc)

    def _message(
        self,
        session: Session,
        person: PersonRow,
        rows: Sequence[ReminderRow],
        anchors: Anchors,
        now_utc: datetime,
    ) -> tuple[MessageRow, list[ReminderRow]] | None:
        """A claimed message and the rows that it says, or None; what is not said waits or is cancelled."""
        try:
            days = stored_days(self.vault, anchors.get(person.id, ()))
            later = [row for row in rows if row.rule not in self.guide.rules]  # of another version
            self._set_aside(later, now_utc)
            rows = [row for row in rows if row not in later]
            due = self._due(session, rows, days)
            phone = phone_of(self.vault, person)
            script = Script(person.script) if person.script else None
        except ValueError as e:  # a DataKeyError, or what a later version has written
            log.error("reminder.unreadable", person=person.id, error=type(e).__name__)
            self._set_aside(rows, now_utc)
            return None
        if not due:
            return None
        purse = self._purse(phone)
        until_utc = self._wait_for(session, purse, person.id, [row for _, own in due for row in own], now_utc)
        if until_utc is not None:
            for row in rows:
                row.due_at_utc = until_utc
            return None
        channel = self._channel(session, person, phone, rows, now_utc)
        sayable = [one for one in due if self._can_be_called(one)] if channel is Channel.CALL else []
        if sayable:
            due = [*sayable, *(one for one in due if one not in sayable)]
            body, said = str(remind(self._told([each for each, _ in sayable]))), len(sayable)
        else:
            channel = Channel.SMS
            guide = self.guide.in_script(script)
            words = guide.words(self.language_of(person.language))
            first = person.welcomed_at_utc is None and person.last_rules is None
            number, on = self.call_number_for(phone), day_of(self.window, now_utc)
            told = self.worded(words, [each for each, _ in due], on, number, first)
            body, said = told.body, told.said
        self._put_off([row for _, own in due[said:] for row in own], now_utc)
        message = self._claimed(person.id, channel, body, now_utc)
        message.purse_index = purse.indexes[0] if purse else None
        session.add(message)
        carried = [row for _, own in due[:said] for row in own]
        message.row_count = len(carried)
        return message, carried

    def _due(
        self, session: Session, rows: Sequence[ReminderRow], days: StoredDays
    ) -> list[tuple[Due, list[ReminderRow]]]:
        """What is to be said with the rows that it is said for, the most urgent first.

        The same term of several people is said once. Cancelled: rows that do not stand any more, and closing
        rows that are not needed.
        """
        found: dict[tuple[str, Term | None], list[ReminderRow]] = {}
        for row in rows:
            start = standing_start(self.guide.rules, days, row)
            if start and (not self._is_closing(row) or self._needs_closing(session, row, start.term)):
                found.setdefault((row.rule, start.term), []).append(row)
            else:
                row.state = State.CANCELLED
        order = list(self.guide.rules)
        ranked = sorted(found, key=lambda key: (*_urgency(key[1]), order.index(key[0])))
        return [(self._said_of(key, found[key], days), found[key]) for key in ranked]

    def _said_of(self, key: tuple[str, Term | None], rows: Sequence[ReminderRow], days: StoredDays) -> Due:
        """With the numbers of the people where there are several on the telephone; people count from 1."""
        who = tuple(sorted({row.member + 1 for row in rows})) if len(days) > 1 else ()
        return Due(self.guide.rules[key[0]], key[1], who)

    def _set_aside(self, rows: Iterable[ReminderRow], now_utc: datetime) -> None:
        for row in rows:
            row.due_at_utc = now_utc + UNREADABLE_WAIT

    def _wait(self, rows: Iterable[ReminderRow], now_utc: datetime) -> None:
        for row in rows:
            row.due_at_utc = next_opening(self.window, now_utc)

    def _purse(self, phone: str) -> quota.Purse | None:
        """The purse that reminders to the country come from; most have none."""
        purse = self.purses.purse_of(phone)
        return quota.Purse(self.vault.indexes(f"reminders to {purse[0]}"), purse[1]) if purse else None

    def _wait_for(
        self,
        session: Session,
        purse: quota.Purse | None,
        person_id: str,
        rows: Sequence[ReminderRow],
        now_utc: datetime,
        message_id: str | None = None,
    ) -> datetime | None:
        """Until when the purse has nothing for the person; None where it has, or where there is none."""
        if purse is None:
            return None
        until_utc = quota.wait_for(session, self.window, purse, rows, now_utc, message_id)
        if until_utc == next_opening(self.window, now_utc):
            log.error("reminder.capped", person=person_id, most=purse.most, reason="country")
        return until_utc

    def _put_off(self, rows: Iterable[ReminderRow], now_utc: datetime) -> None:
        """What two pages or a call do not hold goes the next day; at once what would be too late then.

        By the way that the person chose: a call that was needed today has been tried without it.
        """
        tomorrow_utc = next_opening(self.window, now_utc)
        for row in rows:
            row.channel = None
            row.due_at_utc = tomorrow_utc if tomorrow_utc < row.expires_at_utc else now_utc + NEXT_TEXT

    def _channel(
        self,
        session: Session,
        person: PersonRow,
        phone: str,
        rows: Sequence[ReminderRow],
        now_utc: datetime,
    ) -> Channel:
        """By call where a row has come to need one, or the person chose so and none has come to need a text.

        As far as the limits allow.
        """
        needed = {row.channel for row in rows}
        wanted = Channel.CALL in needed or (person.reminded_by == BY_CALL and Channel.SMS not in needed)
        if not wanted or may_not_call(session, self.vault, self.limits, person.id, phone, now_utc):
            return Channel.SMS
        return Channel.CALL

    def _can_be_called(self, due: tuple[Due, Sequence[ReminderRow]]) -> bool:
        """Whether a call has words for it; it speaks to the owner of the telephone alone."""
        return can_be_called(self.guide.rules, due[0].rule) and {row.member for row in due[1]} == {SELF}

    def _told(self, due: Iterable[Due]) -> list[str]:
        """The rules that a call tells: of a closing rule the one whose end it speaks of."""
        told = [(closed_by(self.guide.rules, each.rule) or (each.rule,))[0].id for each in due]
        return list(dict.fromkeys(told))

    def _is_closing(self, row: ReminderRow) -> bool:
        return is_closing(self.guide.rules[row.rule])

    def _needs_closing(self, session: Session, row: ReminderRow, term: Term | None) -> bool:
        """Whether no text of the term reached the person in its last days."""
        closed = [rule.id for rule in closed_by(self.guide.rules, self.guide.rules[row.rule])]
        last_utc = session.scalar(
            select(func.max(MessageRow.claimed_at_utc))
            .join(ReminderRow, ReminderRow.message_id == MessageRow.id)
            .where(
                ReminderRow.person_id == row.person_id,
                ReminderRow.member == row.member,
                ReminderRow.anchor_index == row.anchor_index,
                ReminderRow.rule.in_(closed),
                MessageRow.state.in_([State.SENT, State.DELIVERED]),
            )
        )
        if last_utc is None or term is None:
            return True
        return day_of(self.window, last_utc) < term.last_day - RECENT_DAYS * DAY

    def _claimed(self, person_id: str, channel: Channel, body: str, now_utc: datetime) -> MessageRow:
        """It expires with the window of the day, because its text is of that day."""
        id = uuid.uuid4().hex
        return MessageRow(
            id=id,
            person_id=person_id,
            channel=channel,
            kind=Kind.REMINDER,
            body_sealed=self.vault.seal(body, ledger.BODY_COLUMN, id),
            state=State.PENDING,
            rank=RANK_NONE,
            attempts=0,
            claimed_at_utc=now_utc,
            lease_until_utc=now_utc + LEASE,
            next_at_utc=now_utc,
            expires_at_utc=closing(self.window, day_of(self.window, now_utc)),
            looks=0,
            created_at_utc=now_utc,
        )


def _urgency(term: Term | None) -> tuple[bool, date]:
    """Sorts what has a term by its last day, and behind it what has none."""
    return term is None, date.max if term is None else term.last_day
