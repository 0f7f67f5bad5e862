"""What a call has left in the database, and a database that is watched or broken meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Connection, event, select, update
from sqlalchemy.exc import OperationalError

from db import Database
from db.tables import MessageRow, ReminderRow
from hotline.people import store
from hotline.people.model import Ask, Effect, Person, SaveDate, SetLanguage
from hotline.people.questions import Asked, Question
from hotline.reminders import ledger
from hotline.reminders.states import Channel, State
from tests.voice.conftest import VoiceHotline

NUMBER = "+996555123456"


def person(hotline: VoiceHotline, number: str = NUMBER) -> Person:
    with hotline.database.reading() as session:
        return store.find(session, hotline.vault, number).person


def leave_date(hotline: VoiceHotline, day: date = date(2026, 11, 1), number: str = NUMBER) -> None:
    """Stores what a person has left before."""
    with hotline.database.writing() as session:
        contact = store.find(session, hotline.vault, number)
        effects = (SetLanguage("ky"), SaveDate("entry", day))
        hotline.effects.apply(session, contact, effects, hotline.now_utc)


def leave(hotline: VoiceHotline, *effects: Effect, number: str = NUMBER) -> None:
    """Stores what a person has asked for before."""
    with hotline.database.writing() as session:
        contact = store.find(session, hotline.vault, number)
        hotline.effects.apply(session, contact, effects, hotline.now_utc)


def waiting_texts(hotline: VoiceHotline) -> list[str]:
    """The texts that were asked for in calls and go out next."""
    with hotline.database.reading() as session:
        rows = session.scalars(select(MessageRow).where(MessageRow.channel == Channel.SMS))
        return [hotline.vault.open(row.body_sealed, ledger.BODY_COLUMN, row.id) for row in rows]


def leave_calls(hotline: VoiceHotline, times: int, number: str = NUMBER, place: str = "menu-main") -> None:
    """The number has been called back so often, just now."""
    with hotline.database.writing() as session:
        vault = hotline.vault
        contact = store.find(session, vault, number)
        person_id = hotline.effects.apply(session, contact, (), hotline.now_utc)
        assert person_id is not None
        for _ in range(times):
            id = ledger.enqueue(session, vault, person_id, "call", place, hotline.now_utc, hotline.now_utc)
            session.flush()
            session.execute(update(MessageRow).where(MessageRow.id == id).values(state=State.DELIVERED))


def pending_reminders(hotline: VoiceHotline) -> set[str]:
    """The rules that somebody will still be reminded of."""
    with hotline.database.reading() as session:
        waiting = select(ReminderRow.rule).where(ReminderRow.state == State.PENDING)
        return set(session.scalars(waiting))


def leave_question(hotline: VoiceHotline, day: date, number: str = NUMBER) -> None:
    """Asks by SMS whether `day` is to be stored; the answer has not come."""
    with hotline.database.writing() as session:
        contact = store.find(session, hotline.vault, number)
        effects = (Ask(Question(Asked.SAVE_DATE, day)),)
        hotline.effects.apply(session, contact, effects, hotline.now_utc)


@contextmanager
def broken(database: Database, statement_of: str = "") -> Iterator[None]:
    """Every statement that begins like `statement_of` fails meanwhile as a locked database does."""

    def fail(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(statement_of):
            raise OperationalError("locked", None, Exception("database is locked"))

    event.listen(database.engine, "before_cursor_execute", fail)
    yield
    event.remove(database.engine, "before_cursor_execute", fail)
