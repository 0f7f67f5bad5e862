"""The real guide, a fixed vault, and a hotline without telephones: database, dispatcher, carrier."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, select

from db import Database
from db.tables import MessageRow, OptOutRow, PersonRow, ReminderRow
from hotline.config import SendWindow
from hotline.guide.model import Guide
from hotline.people import store
from hotline.people.call_limits import CallLimits
from hotline.people.effects import Effects
from hotline.people.model import Effect, MarkDone, Person, SaveDate
from hotline.people.privacy import Vault, new_data_key
from hotline.people.store import Contact
from hotline.reminders import ledger, tick
from hotline.reminders.dispatch import Dispatcher
from hotline.reminders.receipts import Receipt, read_attempt, record_receipt
from hotline.reminders.send_limits import SendLimits
from hotline.reminders.tick import Event
from hotline.reminders.upcoming import next_due
from tests.carriers.recording import RecordingCarrier

MOSCOW = SendWindow(time(10), time(12), ZoneInfo("Europe/Moscow"))
NUMBER = "+996312000777"


@pytest.fixture(scope="session")
def guide(real_guide: Guide) -> Guide:
    """The real guide with the rules of registration and job alone: what the machinery does with rows."""
    rules = {id: replace(real_guide.rules[id], done_stores=None) for id in ("d05", "d06", "d09")}
    return replace(real_guide, rules=rules)


@pytest.fixture(scope="session")
def vault() -> Vault:
    return Vault([new_data_key()])


@pytest.fixture
def window() -> SendWindow:
    """10:00 to 12:00 in Moscow, 07:00 to 09:00 UTC: the default of the settings."""
    return MOSCOW


class Hotline:
    """Everything between a stored date and the carrier, with a clock that stands where it is put."""

    def __init__(self, database: Database, vault: Vault, guide: Guide, window: SendWindow) -> None:
        self.database, self.vault, self.guide, self.window = database, vault, guide, window
        self.now = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.sender = NUMBER
        self.limits = CallLimits()
        self.send_limits = SendLimits()
        self.carrier = RecordingCarrier(lambda: self.now)
        self.dispatcher = self.new_dispatcher()

    def new_dispatcher(self, workers: int = 4) -> Dispatcher:
        return Dispatcher(
            database=self.database,
            vault=self.vault,
            guide=self.guide,
            carrier=self.carrier,
            window=self.window,
            sender_for=lambda _to: self.sender,
            public_url="https://hotline.example",
            hotline_number=NUMBER,
            ring_path=lambda language, place: f"/voice/{language}/{place}/0/0",
            carrier_clock=lambda: self.now,
            limits=self.limits,
            workers=workers,
            send_limits=self.send_limits,
        )

    def remember(self, phone: str, entry: date | None = None, language: str = "en") -> str:
        """A person with a number, a language and perhaps a day of entry, welcomed already; its id."""
        contact = Contact(phone, None, Person())
        known = {"language": language, "welcomed_at_utc": self.now}
        with self.database.writing() as session:
            id = store.save_person(session, self.vault, contact, store.new_id(), known, self.now)
        if entry:
            self.enter(id, entry)
        return id

    def enter(self, id: str, entry: date, done: tuple[str, ...] = ()) -> None:
        """Stores the date and plans, as the answer to ENTRY does."""
        self.change(id, SaveDate("entry", entry), *(MarkDone(rule) for rule in done))

    def done(self, id: str, *rules: str) -> None:
        """Stores DONE of `rules`, as its answer does."""
        self.change(id, *(MarkDone(rule) for rule in rules))

    def change(self, id: str, *effects: Effect, in_call: bool = False) -> None:
        """Applies what an answer, to a text or in a call, changes of the dates of a person."""
        with self.database.writing() as session:
            phone = store.phone_of(self.vault, session.get_one(PersonRow, id))
            contact = store.find(session, self.vault, phone)
            applied = Effects(self.vault, self.guide, self.window)
            applied.apply(session, contact, effects, self.now, in_call)

    def opt_out(self, phone: str) -> None:
        with self.database.writing() as session:
            session.add(OptOutRow(phone_index=self.vault.index(phone), at_utc=self.now))

    def ask(self, id: str, body: str, channel: str = "sms", lifetime: timedelta = timedelta(hours=1)) -> str:
        with self.database.writing() as session:
            return ledger.enqueue(session, self.vault, id, channel, body, self.now, self.now + lifetime)

    def damage(self, message_id: str) -> None:
        """Seals the message as if with a key that is not set any more."""
        with self.database.writing() as session:
            session.get_one(MessageRow, message_id).body_sealed = bytes(40)

    def tick(self, at: datetime | None = None, dry_run: bool = False) -> list[Event]:
        self.now = at or self.now
        return self.dispatcher.tick(self.now, dry_run)

    def run_until(self, end: datetime) -> None:
        """Visits every due instant up to `end` in order, as the exchange does when time is moved."""
        while (at := self.next_due()) is not None and at <= end:
            self.tick(at)
        self.tick(end)

    def next_due(self) -> datetime | None:
        with self.database.reading() as session:
            return next_due(session, self.now)

    def receive(
        self,
        attempt: str,
        status: str,
        error_code: int | None = None,
        sid: str = "SMx",
        machine: bool = False,
        mute: bool = False,
    ) -> object:
        """A status callback, checked and stored as by the route; a call has said its words, unless `mute`."""
        id = read_attempt(self.vault, attempt)
        assert id is not None
        if status == "completed" and not (machine or mute):
            self._listen(id)
        receipt = Receipt(sid, status, error_code, machine)
        with self.database.writing() as session:
            return record_receipt(session, self.window, self.vault, id, receipt, self.now)

    def _listen(self, message_id: str) -> None:
        with self.database.writing() as session:
            message = session.get(MessageRow, message_id)
            ledger.note_told(session, message.person_id if message else None)

    def rows(self, id: str) -> list[ReminderRow]:
        with self.database.reading() as session:
            rows = select(ReminderRow).where(ReminderRow.person_id == id)
            return list(session.scalars(rows.order_by(ReminderRow.due_on, ReminderRow.rule)))

    def states(self, id: str, rule: str) -> list[str]:
        return [row.state for row in self.rows(id) if row.rule == rule]

    def messages(self) -> list[MessageRow]:
        with self.database.reading() as session:
            return list(session.scalars(select(MessageRow).order_by(MessageRow.created_at_utc)))

    def person(self, id: str) -> PersonRow:
        with self.database.reading() as session:
            return session.get_one(PersonRow, id)


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tick that finds nothing just now, and may find more, waits only shortly before it looks again."""
    monkeypatch.setattr(tick, "LOOK_S", 0.05)


@pytest.fixture
def hotline(database: Database, vault: Vault, guide: Guide, window: SendWindow) -> Iterator[Hotline]:
    made = Hotline(database, vault, guide, window)
    yield made
    made.dispatcher.close()


@pytest.fixture
def statements(database: Database) -> Iterator[list[str]]:
    """The SQL statements sent to the database, without BEGIN."""
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)
