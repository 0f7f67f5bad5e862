"""The tick fetches messages, deletes the carrier's copies, and erases what is old."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from db import Database
from db.tables import VoiceMessageRow
from hotline.people import messages, store
from hotline.people.collecting import LOST_AFTER, Collector
from hotline.people.messages import NotHereError
from hotline.people.model import KeepMessage, Person
from hotline.people.privacy import DataKeyError, Vault, new_data_key
from hotline.people.store import Contact
from tests.carriers.recording import RecordingCarrier

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOUND = b"RIFF....WAVE a voice that nobody else may hear"
MINUTE = timedelta(minutes=1)
KEEP_DAYS = 30


@dataclass
class Mailbox:
    """A database, a carrier and the collector between them, with a clock that stands where it is put."""

    database: Database
    vault: Vault = field(default_factory=lambda: Vault([new_data_key()]))
    now: datetime = NOON
    carrier: RecordingCarrier = field(init=False)
    collector: Collector = field(init=False)

    def __post_init__(self) -> None:
        self.carrier = RecordingCarrier(lambda: self.now)
        self.collector = Collector(self.database, self.vault, self.carrier, KEEP_DAYS)

    def leave(self, number: int = 1, ready: bool = True) -> str:
        """Somebody has spoken a message; the SID of its recording."""
        sid = f"RE{number:032x}"
        person = self.person(number)
        with self.database.writing() as session:
            messages.keep(session, person, KeepMessage(sid, 4, "ky"), self.now)
        if ready:
            self.carrier.recordings[sid] = SOUND
        return sid

    def person(self, number: int) -> str:
        contact = Contact(f"+9965550000{number:02}", None, Person())
        with self.database.writing() as session:
            return store.save_person(session, self.vault, contact, store.new_id(), {}, self.now)

    def tick(self, after: timedelta = timedelta(0)) -> list[str]:
        """A tick later; the states of all messages."""
        self.now += after
        self.collector.tick(self.now)
        return self.states()

    def states(self) -> list[str]:
        with self.database.reading() as session:
            return [
                row.state for row in session.scalars(select(VoiceMessageRow).order_by(VoiceMessageRow.id))
            ]

    def sound(self, id: int) -> bytes:
        with self.database.reading() as session:
            return messages.sound_of(session, self.vault, id)

    def ids(self) -> list[int]:
        with self.database.reading() as session:
            return [message.id for message in messages.listed(session, self.vault)]


@pytest.fixture
def mailbox(sqlite: Database) -> Mailbox:
    return Mailbox(sqlite)


def test_message_is_fetched_sealed_and_deleted_at_the_carrier(database: Database) -> None:
    """In one tick; what lies in the database is no readable sound, and opens for its own row alone."""
    mailbox = Mailbox(database)
    sid = mailbox.leave()
    assert mailbox.tick() == ["new"]
    assert mailbox.carrier.recordings == {}
    (id,) = mailbox.ids()
    assert mailbox.sound(id) == SOUND
    with database.reading() as session:
        row = session.get(VoiceMessageRow, id)
        assert row is not None
        assert (row.at_carrier, row.sound_sealed is None) == (False, False)
        assert SOUND[:12] not in (row.sound_sealed or b"")
        with pytest.raises(DataKeyError):
            mailbox.vault.open_bytes(row.sound_sealed or b"", messages.SOUND_COLUMN, sid[::-1])


def test_copy_at_the_carrier_is_deleted_only_after_the_sound_is_here(mailbox: Mailbox) -> None:
    """Where it cannot be stored the carrier keeps its copy, and the next tick fetches it again."""
    sid = mailbox.leave()
    with mailbox.database.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER full BEFORE UPDATE OF sound_sealed ON voice_messages "
                "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )
        )
    with pytest.raises(Exception, match="disk full"):
        mailbox.tick()
    assert list(mailbox.carrier.recordings) == [sid]
    with mailbox.database.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER full"))
    assert mailbox.tick(MINUTE) == ["new"]


def test_message_that_is_not_ready_is_asked_for_again(mailbox: Mailbox) -> None:
    """Not within the minute, then more and more seldom; nothing is deleted meanwhile."""
    sid = mailbox.leave(ready=False)
    assert mailbox.tick() == ["waiting"]
    mailbox.carrier.recordings[sid] = SOUND
    assert mailbox.tick(timedelta(seconds=30)) == ["waiting"]
    assert mailbox.tick(timedelta(seconds=30)) == ["new"]


def test_message_waits_while_the_carrier_is_down(mailbox: Mailbox) -> None:
    """An outage of days loses nothing: it is asked at least once an hour."""
    mailbox.leave()
    mailbox.carrier.recordings_down = True
    for _ in range(24 * 7):
        assert mailbox.tick(timedelta(hours=1)) == ["waiting"]
    mailbox.carrier.recordings_down = False
    assert mailbox.tick(timedelta(hours=1)) == ["new"]


def test_message_that_the_carrier_never_has_is_lost(mailbox: Mailbox) -> None:
    """After three days it is named so, and nobody is asked any more; the number can still be called."""
    mailbox.leave(ready=False)
    assert mailbox.tick(LOST_AFTER - MINUTE) == ["waiting"]
    assert mailbox.tick(timedelta(hours=1)) == ["lost"]
    (id,) = mailbox.ids()
    with pytest.raises(NotHereError, match="lost"):
        mailbox.sound(id)


def test_copy_that_could_not_be_deleted_is_deleted_later(mailbox: Mailbox) -> None:
    """The sound is fetched once only."""
    asked: list[str] = []
    mailbox.carrier.before_sound = asked.append
    sid = mailbox.leave()
    mailbox.carrier.can_delete = False
    assert mailbox.tick() == ["new"]
    assert list(mailbox.carrier.recordings) == [sid]
    mailbox.carrier.can_delete = True
    mailbox.tick(MINUTE)
    assert mailbox.carrier.recordings == {}
    assert asked == [sid]


def test_message_is_erased_after_its_days(mailbox: Mailbox) -> None:
    """Heard or not; one that is younger stays."""
    mailbox.leave(1)
    mailbox.tick()
    mailbox.now += timedelta(days=1)
    mailbox.leave(2)
    assert mailbox.tick(timedelta(days=KEEP_DAYS - 1)) == ["new", "new"]
    assert mailbox.tick(timedelta(seconds=1)) == ["new"]


def test_erased_message_is_deleted_at_the_carrier_and_leaves_nothing(mailbox: Mailbox) -> None:
    """A caller who is forgotten before the sound was fetched: no sound is stored, no row stays."""
    mailbox.leave()
    with mailbox.database.writing() as session:
        assert messages.erase(session, 1)
    assert mailbox.ids() == []
    assert mailbox.tick() == []
    assert mailbox.carrier.recordings == {}


def test_message_erased_while_it_is_fetched_is_not_stored(mailbox: Mailbox) -> None:
    """DELETE that comes between the question and the answer wins."""

    def erase(_sid: str) -> None:
        with mailbox.database.writing() as session:
            messages.erase(session, 1)

    mailbox.carrier.before_sound = erase
    mailbox.leave()
    assert mailbox.tick() == []
    assert mailbox.carrier.recordings == {}


def test_id_of_an_erased_message_is_never_another_message(database: Database) -> None:
    """The operator's note "message 1" means one message for ever."""
    mailbox = Mailbox(database)
    mailbox.leave(1)
    first = mailbox.ids()
    mailbox.tick()
    with database.writing() as session:
        assert messages.erase(session, first[0])
        assert not messages.erase(session, first[0])
    mailbox.leave(2)
    assert mailbox.ids()[0] > first[0]
