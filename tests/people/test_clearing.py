"""What is erased here, or too old, is deleted at the carrier too; never what may be looked for there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from db import Database
from db.tables import CopyRow, MessageRow, PersonRow
from hotline.people import answers, clearing, copies, store
from hotline.people.clearing import Clearing
from hotline.people.keep_days import KeepDays
from hotline.people.model import Person
from hotline.people.privacy import Vault, new_data_key
from hotline.people.retention import Retention
from hotline.people.store import Contact
from hotline.reminders import ledger
from hotline.reminders.states import State
from tests.carriers.recording import RecordingCarrier
from tests.watching import count

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PHONE, OTHER, HOTLINE = "+996555123456", "+996555000001", "+996312000777"
DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def sid(kind: str, number: int) -> str:
    return f"{kind}{number:030x}aF"  # letters of either case: Twilio's API documentation


@dataclass
class Archive:
    """A database and a carrier with records of its own, and a clock that stands where it is put."""

    database: Database
    vault: Vault = field(default_factory=lambda: Vault([new_data_key()]))
    now: datetime = NOON
    carrier: RecordingCarrier = field(init=False)
    clearing: Clearing = field(init=False)
    retention: Retention = field(init=False)

    def __post_init__(self) -> None:
        self.carrier = RecordingCarrier(lambda: self.now)
        self.clearing = Clearing(self.database, self.carrier, (HOTLINE,), (HOTLINE,), KeepDays())
        self.retention = Retention(self.database, self.vault, {}, KeepDays())

    def person(self, phone: str = PHONE) -> str:
        with self.database.writing() as session:
            contact = Contact(phone, None, Person())
            return store.save_person(session, self.vault, contact, store.new_id(), {}, self.now)

    def record(self, kind: str, number: int, phone: str = PHONE) -> str:
        """The carrier has a text or a call with this telephone."""
        made = sid(kind, number)
        self.carrier.records[made] = (phone, self.now)
        return made

    def answered(self, person_id: str | None, key: str) -> str:
        with self.database.writing() as session:
            answers.keep(session, self.vault, key, "answer", self.now, person_id, "text")
        return key

    def sent(self, person_id: str, copy: str, state: State = State.DELIVERED) -> str:
        with self.database.writing() as session:
            id = ledger.enqueue(session, self.vault, person_id, "sms", "words", self.now, self.now + HOUR)
            row = session.get_one(MessageRow, id)
            row.state, row.sid = state, None if state is State.UNKNOWN else copy
        return copy

    def forget(self, person_id: str) -> None:
        with self.database.writing() as session:
            store.forget(session, person_id, self.now)

    def tick(self, after: timedelta = MINUTE) -> set[str]:
        """A tick later; what the carrier still has."""
        self.now += after
        self.retention.tick(self.now)
        self.clearing.tick(self.now)
        return set(self.carrier.records)


@pytest.fixture
def archive(database: Database) -> Archive:
    return Archive(database)


@pytest.fixture
def small(sqlite: Database) -> Archive:
    """On SQLite, where the kind of database does not matter."""
    return Archive(sqlite)


def test_who_is_forgotten_is_forgotten_by_the_carrier(archive: Archive) -> None:
    """Texts and calls that we know of by the next tick; a day later the answers whose SIDs nobody told us."""
    id, other = archive.person(), archive.person(OTHER)
    archive.answered(id, archive.record("SM", 1))
    reply = archive.record("SM", 2)
    archive.sent(id, archive.record("SM", 3))
    archive.answered(id, f"{archive.record('CA', 4)}:2")
    kept = archive.answered(other, archive.record("SM", 5, OTHER))
    archive.tick()
    archive.now += HOUR
    last = archive.answered(id, archive.record("SM", 6))
    archive.forget(id)
    goodbye = archive.record("SM", 7)
    assert archive.tick() == {reply, last, goodbye, kept}
    later = archive.record("SM", 8)  # the same telephone again, an hour later
    archive.carrier.records[later] = (PHONE, archive.now + HOUR)
    assert archive.tick(DAY + MINUTE) == {kept, later}
    assert count(archive.database, CopyRow) == 0


def test_texts_are_deleted_by_age(archive: Archive) -> None:
    """After a week: those we know of, and those with which webhooks were answered. Calls go with records."""
    id = archive.person()
    archive.answered(id, archive.record("SM", 1))
    archive.record("SM", 2)
    archive.sent(id, archive.record("SM", 3))
    call = archive.record("CA", 4)
    archive.answered(id, f"{call}:1")
    archive.carrier.records.pop(call)
    assert len(archive.tick(7 * DAY - HOUR - SECOND)) == 3
    assert len(archive.tick(HOUR)) == 3
    assert archive.tick(HOUR + SECOND) == set()
    assert call not in archive.carrier.deletions
    archive.tick(24 * DAY)
    assert archive.carrier.deletions[-1] == call
    assert len(archive.carrier.deletions) == 4


def test_calls_of_who_is_forgotten_by_age_are_deleted(archive: Archive) -> None:
    """Also one in which nothing was stored: its SID is not here, and no record is left that leads to it."""
    id = archive.person()
    archive.answered(id, archive.record("SM", 1))
    listened = archive.record("CA", 2)
    nobodys = archive.record("CA", 3, "anonymous")
    assert archive.tick(29 * DAY) == {listened, nobodys}
    archive.tick(2 * DAY)
    assert archive.tick(HOUR + SECOND) == set()
    assert count(archive.database, PersonRow) == count(archive.database, CopyRow) == 0


def test_nothing_is_deleted_from_a_list_that_is_needed(small: Archive) -> None:
    """While a text of ours is unknown it is looked for by its words: what is old stays until it is found."""
    id = small.person()
    old, lost = small.record("SM", 1), small.record("SM", 2)
    small.sent(id, lost, State.UNKNOWN)
    assert small.tick(10 * DAY) == {old, lost}
    with small.database.writing() as session:
        row = session.scalars(select(MessageRow)).one()
        row.state, row.sid = State.SENT, lost
    assert small.tick() == set()


def test_record_under_way_is_deleted_later(small: Archive) -> None:
    """It may take days (20009): asked a minute later, then more seldom, at least once an hour."""
    id = small.person()
    slow = small.sent(id, small.record("SM", 1))
    quick = small.sent(id, small.record("SM", 2))
    small.carrier.under_way.add(slow)
    small.now += MINUTE
    small.answered(id, small.record("SM", 3))  # the newest, that leads
    small.forget(id)
    assert quick not in small.tick()
    for _ in range(24 * 2):
        small.tick(HOUR)
    assert small.carrier.records.keys() == {slow}
    asked = small.carrier.deletions.count(slow)
    assert 48 <= asked <= 58
    small.carrier.under_way.clear()
    assert small.tick(HOUR) == set()
    assert count(small.database, CopyRow) == 0


def test_carrier_that_is_away_is_asked_once_a_tick(small: Archive) -> None:
    """Each request may take ten seconds; nothing is forgotten meanwhile."""
    id = small.person()
    for number in range(20):
        small.sent(id, small.record("SM", number))
    small.tick()
    small.forget(id)
    small.carrier.records_down = True
    small.tick()
    assert len(small.carrier.deletions) == 1
    small.carrier.records_down = False
    small.tick(HOUR)
    assert small.tick(DAY) == set()


def test_copy_that_is_gone_is_done(small: Archive) -> None:
    """Somebody else has deleted it, or it never was: no errand stays."""
    id = small.person()
    small.sent(id, sid("SM", 1))
    small.answered(id, sid("SM", 2))
    small.forget(id)
    small.tick()
    small.tick(DAY)
    assert count(small.database, CopyRow) == 0


def test_only_what_the_carrier_knows_is_asked_for(small: Archive) -> None:
    """Not a gateway's ids, nor anything that is no SID: it would stand in the path of a request."""
    keys = ["kannel:12", "SM1", "../Calls", sid("RE", 1), f"{sid('SM', 1)}/..", None, "", f"{sid('CA', 2)}:9"]
    with small.database.writing() as session:
        copies.note(session, keys, copies.EVERYTHING, small.now)
        copies.note(session, keys, copies.EVERYTHING, small.now)
    with small.database.reading() as session:
        assert session.scalars(select(CopyRow.sid)).all() == [sid("CA", 2)]


def test_what_the_budget_leaves_is_for_the_next_tick(small: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tick must not hold up the reminders of the next."""
    id = small.person()
    small.sent(id, small.record("SM", 1))
    small.forget(id)
    monkeypatch.setattr(clearing, "BUDGET_S", -1.0)
    assert small.tick() == {sid("SM", 1)}
    assert small.carrier.deletions == []
