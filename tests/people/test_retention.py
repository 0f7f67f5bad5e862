"""Words, records and people are erased when they are too old, and nothing that is still needed is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select

from db import Database
from db.tables import AnswerRow, Base, CallRow, MessageRow, OptOutRow, PersonRow, ReminderRow
from hotline.config import Config
from hotline.guide.model import Guide
from hotline.people import answers, messages, retention, store
from hotline.people.effects import Effects
from hotline.people.keep_days import RECORD_LEAST_DAYS, KeepDays
from hotline.people.model import Ask, Effect, KeepMessage, KeepRest, MarkDone, OptOut, SaveDate, SetLanguage
from hotline.people.privacy import Vault, new_data_key
from hotline.people.questions import Asked, Question
from hotline.people.retention import Retention
from hotline.reminders import ledger
from hotline.reminders.outbox import UNKNOWN_WAIT
from hotline.reminders.plan import CLOSING_DAYS, RECENT_DAYS
from hotline.reminders.states import State
from tests.watching import count

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ENTRY = date(2026, 11, 22)
PHONE = "+996555123456"
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@dataclass
class House:
    """A database with people in it, and a clock that stands where it is put."""

    database: Database
    guide: Guide
    days: KeepDays = field(default_factory=KeepDays)
    vault: Vault = field(default_factory=lambda: Vault([new_data_key()]))
    now: datetime = NOON

    def person(self, *effects: Effect, phone: str = PHONE) -> str:
        """Somebody writes, and this is what it changes; the id."""
        window = Config.from_env({}).window
        with self.database.writing() as session:
            contact = store.find(session, self.vault, phone)
            id = Effects(self.vault, self.guide, window).apply(session, contact, effects, self.now)
        assert id is not None
        return id

    def answer(self, key: str, person_id: str | None) -> None:
        with self.database.writing() as session:
            counted = {"number_index": b"n", "text_index": b"t", "said": "reply"}
            answers.keep(
                session, self.vault, key, f"answer {key}", self.now, person_id, "the text", **counted
            )

    def message(self, person_id: str, state: State) -> str:
        with self.database.writing() as session:
            id = ledger.enqueue(session, self.vault, person_id, "sms", "words", self.now, self.now + DAY)
            session.get_one(MessageRow, id).state = state
        return id

    def tick(self, after: timedelta) -> None:
        """Time passes, and what is too old is erased."""
        self.now += after
        Retention(self.database, self.vault, self.guide.rules, self.days).tick(self.now)

    def all(self, table: type) -> Sequence[Base]:
        with self.database.reading() as session:
            return session.scalars(select(table)).all()

    def message_body(self, id: str) -> bytes:
        with self.database.reading() as session:
            return session.get_one(MessageRow, id).body_sealed


@pytest.fixture
def house(database: Database, guide: Guide) -> House:
    return House(database, guide)


@pytest.fixture
def small(sqlite: Database, guide: Guide) -> House:
    """On SQLite, where the kind of database does not matter."""
    return House(sqlite, guide)


def test_words_of_answers_go_after_a_week_and_their_keys_after_a_month(house: House) -> None:
    """Meanwhile a replay is answered with silence and has no second effect."""
    id = house.person(SaveDate("entry", ENTRY))
    house.answer("SM1", id)
    house.tick(7 * DAY)
    (row,) = house.all(AnswerRow)
    assert row.body_sealed
    house.tick(SECOND)
    (row,) = house.all(AnswerRow)
    assert (row.body_sealed, row.reply_sealed, row.number_index, row.text_index) == (None, b"", None, None)
    with house.database.reading() as session:
        assert answers.given_to(session, house.vault, "SM1") == ""
    house.tick(23 * DAY - SECOND)
    assert count(house.database, AnswerRow) == 1
    house.tick(SECOND)
    assert count(house.database, AnswerRow) == 0


@pytest.mark.parametrize("state", list(State))
def test_words_of_a_message_go_once_it_is_over(small: House, state: State) -> None:
    """What is to be sent, is being sent or is looked for at the carrier is compared by its words."""
    id = small.message(small.person(SetLanguage("ky")), state)
    small.tick(7 * DAY + SECOND)
    under_way = {State.PENDING, State.SENDING, State.UNKNOWN}
    assert (small.message_body(id) == b"") is (state not in under_way)


def test_message_under_way_is_never_erased_by_age(house: House) -> None:
    """Months of an outage: an unknown message is still looked for; its row of the ledger stays too."""
    id = house.person(SaveDate("entry", ENTRY))
    unknown, sent = house.message(id, State.UNKNOWN), house.message(id, State.SENT)
    house.tick(30 * DAY + UNKNOWN_WAIT + SECOND)
    assert [row.id for row in house.all(MessageRow)] == [unknown]
    assert sent != unknown


def test_message_that_carries_a_waiting_row_stays(small: House) -> None:
    """Else the row would be free, and what it says be sent twice."""
    id = small.person(SaveDate("entry", ENTRY))
    message = small.message(id, State.SENT)
    with small.database.writing() as session:
        row = session.scalars(select(ReminderRow)).first()
        assert row is not None
        row.message_id, row.state = message, State.SENDING
    small.tick(31 * DAY)
    assert [row.id for row in small.all(MessageRow)] == [message]


def test_rows_of_the_ledger_go_a_month_after_their_time(house: House) -> None:
    """Those that are over. One that was cancelled may come back, so it stays until it could not be sent."""
    house.person(SaveDate("entry", ENTRY), MarkDone("d05"))
    with house.database.writing() as session:
        for row in session.scalars(select(ReminderRow)):
            row.state = State.CANCELLED
        ends = [row.expires_at_utc for row in session.scalars(select(ReminderRow))]
        assert len(set(ends)) > 5
    for last in sorted(set(ends)):
        house.tick(last + 30 * DAY - house.now)
        assert count(house.database, ReminderRow) == sum(end >= last for end in ends)
        house.tick(SECOND)
        assert count(house.database, ReminderRow) == sum(end > last for end in ends)


def test_pending_row_is_never_erased(small: House) -> None:
    """However old: it is the dispatcher that marks it as expired."""
    id = small.person(SaveDate("entry", ENTRY))
    pending = {row.id for row in small.all(ReminderRow)}
    small.tick(400 * DAY)
    assert {row.id for row in small.all(ReminderRow)} == pending
    assert [row.id for row in small.all(PersonRow)] == [id]


def test_what_waits_for_a_confirming_key_goes_after_a_day(house: House) -> None:
    """The call is long over."""
    id = house.person(SetLanguage("ky"))
    with house.database.writing() as session:
        store.keep_pending(session, house.vault, "CA1", id, "entry 2026-11-22", house.now)
    house.tick(DAY)
    assert count(house.database, CallRow) == 1
    house.tick(SECOND)
    assert count(house.database, CallRow) == 0


def test_unanswered_question_and_unread_rest_go_after_a_week(house: House) -> None:
    """Nobody has come back."""
    house.person(Ask(Question(Asked.SAVE_DATE, ENTRY)), KeepRest(("a line",)))
    house.tick(7 * DAY)
    (row,) = house.all(PersonRow)
    assert row.question_sealed and row.rest_sealed
    house.tick(SECOND)
    (row,) = house.all(PersonRow)
    assert (row.question_sealed, row.rest_sealed) == (None, None)


def test_who_is_still_to_be_asked_by_call_is_not_forgotten(small: House) -> None:
    """The hotline was down when the time for it came."""
    small.person(Ask(Question(Asked.SAVE_DATE, ENTRY)))
    small.tick(40 * DAY)
    assert count(small.database, PersonRow) == 1


def test_answers_that_belong_to_nobody_go_after_a_day(house: House) -> None:
    """A person's own stay; whose texts were erased are bare keys until no replay is late enough."""
    house.answer("SM1", None)
    house.answer("SM2", house.person(SetLanguage("ky")))
    house.tick(DAY)
    assert count(house.database, AnswerRow) == 2
    house.tick(SECOND)
    assert [row.key for row in house.all(AnswerRow)] == ["SM2"]


@pytest.mark.parametrize("effect", [SetLanguage("ru"), OptOut()])
def test_who_left_no_date_is_forgotten_a_month_after_the_last_contact(house: House, effect: Effect) -> None:
    """A language is no reason to keep a number; only the wish for no messages stays, as an HMAC."""
    house.person(effect)
    house.tick(30 * DAY)
    assert count(house.database, PersonRow) == 1
    house.tick(SECOND)
    assert count(house.database, PersonRow) == 0
    assert count(house.database, OptOutRow) == isinstance(effect, OptOut)


def test_contact_puts_it_off(small: House) -> None:
    """A text, or only a step that was listened to: the month begins anew."""
    small.person(SetLanguage("ru"))
    small.tick(29 * DAY)
    small.person(SetLanguage("ru"))
    small.tick(29 * DAY)
    with small.database.writing() as session:
        store.keep_heard(session, small.vault, PHONE, "step-07-1", small.now)
    small.tick(30 * DAY)
    assert count(small.database, PersonRow) == 1
    small.tick(SECOND)
    assert count(small.database, PersonRow) == 0


@pytest.mark.parametrize(
    ("anchor", "day", "not_done", "last_day"),
    [
        ("entry", ENTRY, None, ENTRY + 88 * DAY),  # d14, the shortest policy
        ("registration-until", ENTRY + 200 * DAY, "d11", ENTRY + 200 * DAY),
        ("registration-until", ENTRY + 200 * DAY, None, ENTRY + 263 * DAY),  # the new end is asked for
        ("departure", ENTRY + 100 * DAY, None, ENTRY + 100 * DAY),
    ],
)
def test_who_left_a_date_is_kept_for_a_month_after_the_last_deadline(
    small: House, anchor: str, day: date, not_done: str | None, last_day: date
) -> None:
    """Also where all is done and nothing more will be sent; not a day longer than that."""
    done = [MarkDone(rule) for rule in small.guide.rules if rule != not_done]
    small.person(SaveDate(anchor, day), *done)
    with small.database.writing() as session:
        for row in session.scalars(select(ReminderRow)):
            row.state = State.CANCELLED
    kept_until = small.now.date()
    while count(small.database, PersonRow) and kept_until < last_day + 90 * DAY:
        is_early = kept_until + 7 * DAY <= last_day + 30 * DAY
        small.tick(7 * DAY if is_early else DAY)
        kept_until = small.now.date()
    assert last_day + 30 * DAY < kept_until <= last_day + 41 * DAY


def test_voice_message_keeps_its_caller(small: House) -> None:
    """As long as the operator may listen to it, the number can be called back."""
    id = small.person(SetLanguage("ky"))
    with small.database.writing() as session:
        messages.keep(session, id, KeepMessage("RE" + "1" * 32, 4, "ky"), small.now)
    small.tick(100 * DAY)
    assert count(small.database, PersonRow) == 1
    with small.database.writing() as session:
        messages.erase(session, 1)
    small.tick(SECOND)
    assert count(small.database, PersonRow) == 0


def test_dates_that_no_key_opens_are_not_erased(small: House) -> None:
    """Of them nobody knows whether their day has passed."""
    small.person(SaveDate("entry", ENTRY))
    with small.database.writing() as session:
        for row in session.scalars(select(ReminderRow)):
            row.state = State.CANCELLED
    small.vault = Vault([new_data_key()])
    small.tick(400 * DAY)
    assert count(small.database, PersonRow) == 1


def test_everything_is_erased_in_batches(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each a transaction of its own; who is passed over holds up nobody behind."""
    monkeypatch.setattr(retention, "BATCH_ROWS", 2)
    monkeypatch.setattr(retention, "BATCH_PEOPLE", 2)
    for number in range(7):
        id = house.person(SetLanguage("ky"), phone=f"+9965550000{number:02}")
        house.answer(f"SM{number}", id)
    for number in range(7, 12):
        house.person(SaveDate("departure", ENTRY + 300 * DAY), phone=f"+9965550000{number:02}")
    house.tick(31 * DAY)
    assert (count(house.database, AnswerRow), count(house.database, PersonRow)) == (0, 5)


def test_what_the_budget_leaves_is_erased_by_the_next_tick(
    small: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tick that had no time does not wait for ten minutes."""
    small.person(SetLanguage("ky"))
    small.now += 31 * DAY
    job = Retention(small.database, small.vault, small.guide.rules, small.days)
    monkeypatch.setattr(retention, "BUDGET_S", -1.0)
    job.tick(small.now)
    assert count(small.database, PersonRow) == 1
    monkeypatch.undo()
    job.tick(small.now + SECOND)
    assert count(small.database, PersonRow) == 0


def test_erasing_finds_what_is_old_by_an_index(small: House) -> None:
    """No tick looks through all that is stored: neither texts, nor messages, nor rows of the ledger."""
    plans: list[str] = []

    def explain(_connection, cursor, statement, parameters, *_) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in cursor.fetchall())

    event.listen(small.database.engine, "before_cursor_execute", explain)
    small.tick(SECOND)
    assert len(plans) > 8
    assert [plan for plan in plans if plan.startswith("SCAN")] == []
    assert {"ix_answers_worded", "ix_messages_worded", "ix_people_seen"} <= set(" ".join(plans).split())


def test_records_outlive_the_question_of_the_closing_words() -> None:
    """Whether a text of the term was sent in its last days is asked until the closing words are too late."""
    assert RECORD_LEAST_DAYS > 1 + RECENT_DAYS + CLOSING_DAYS
