"""The real guide, a fixed vault, and a hotline without telephones: database, dispatcher, carrier."""

from collections.abc import Iterator
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
from hotline.people.model import Person
from hotline.people.privacy import Vault, new_data_key
from hotline.people.store import SELF, Contact
from hotline.reminders import ledger
from hotline.reminders.deadlines import closing_rules
from hotline.reminders.dispatch import Dispatcher
from hotline.reminders.plan import plan
from hotline.reminders.receipts import Receipt, read_attempt, record_receipt
from hotline.reminders.send_limits import SendLimits
from hotline.reminders.tick import Event
from hotline.reminders.window import day_of
from tests.carriers.recording import RecordingCarrier

MOSCOW = SendWindow(time(10), time(12), ZoneInfo("Europe/Moscow"))
NUMBER = "+996312000777"


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
        planned = plan(self.guide.rules, {"entry": entry}, done, day_of(self.window, self.now), self.window)
        with self.database.writing() as session:
            store.save_date(session, self.vault, id, "entry", entry, done, self.now)
            ledger.replan(session, self.vault, id, SELF, planned, self.now)

    def done(self, id: str, rule: str, also: tuple[str, ...] = ()) -> None:
        """Stores DONE of `rule`, as its answer does; `also`: what was done before."""
        with self.database.writing() as session:
            store.save_done(session, id, "entry", [rule, *also])
            ledger.settle(session, id, SELF, {rule, *closing_rules(self.guide.rules, rule)})

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
            return ledger.next_due(session, self.now)

    def receive(
        self,
        attempt: str,
        status: str,
        error_code: int | None = None,
        sid: str = "SMx",
        machine: bool = False,
    ) -> object:
        """A status callback, checked and stored as the route does."""
        id = read_attempt(self.vault, attempt)
        assert id is not None
        receipt = Receipt(sid, status, error_code, machine)
        with self.database.writing() as session:
            return record_receipt(session, self.window, self.vault, id, receipt, self.now)

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
