"""A database that is locked, full or gone: nothing is acknowledged unstored, lost or sent twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError

from db import Database
from db.tables import AnchorRow, AnswerRow, PersonRow
from hotline.guide.model import Guide
from hotline.people.privacy import Vault, new_data_key
from tests.carriers.recording import SentText
from tests.chaos.crashes import exact
from tests.reminders.conftest import MOSCOW, Hotline
from tests.sms.conftest import TextHotline, open_hotline  # noqa: F401 - a fixture

ENTRY = date(2026, 11, 22)
FIRST = datetime(2026, 11, 29, 7, tzinfo=UTC)
WAIT_S = 20
NO_LIMIT = 4_294_967_294  # pages: the most that SQLite knows


class Disk:
    """The disk under a SQLite database: `pages` is its size from the next transaction on."""

    def __init__(self, database: Database) -> None:
        self.pages = NO_LIMIT
        self._database = database
        event.listen(database.engine, "begin", self._limit)

    def fill(self, pages_left: int = 0) -> None:
        with self._database.reading() as session:
            used = session.scalar(text("PRAGMA page_count"))
        self.pages = used + pages_left

    def _limit(self, connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={self.pages}")


@contextmanager
def locked(database: Database, id: str) -> Iterator[None]:
    """Somebody holds what a writer of this person needs: the whole of SQLite, the row on PostgreSQL."""
    with database.writing() as other:
        other.execute(select(PersonRow.id).where(PersonRow.id == id).with_for_update())
        yield


def impatient(database: Database) -> Database:
    """The same database for who waits for a lock a short time only."""
    return Database(database.engine.url.render_as_string(hide_password=False), busy_timeout_ms=30)


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_texts_to_a_full_disk_are_answered_only_if_they_are_stored(
    open_hotline: Callable[[Database], TextHotline],  # noqa: F811
    sqlite: Database,
) -> None:
    """25 texts while the disk fills up: what got 200 is stored, the rest got 503 and is taken later."""
    hotline, disk = open_hotline(sqlite), Disk(sqlite)
    disk.fill(pages_left=2)
    refused = []
    for n in range(25):
        status = hotline.phone(f"+9965550{n:05}").text("ENTRY 10.11.2026", sid=f"SM{n:032x}").status_code
        assert status in {200, 503}
        refused += [n] if status == 503 else []
    assert 0 < len(refused) < 25
    assert count(sqlite, AnchorRow) == count(sqlite, AnswerRow) == 25 - len(refused)
    disk.pages = NO_LIMIT
    for n in refused:
        answer = hotline.phone(f"+9965550{n:05}").text("ENTRY 10.11.2026", sid=f"SM{n:032x}")
        assert answer.status_code == 200
    assert count(sqlite, AnchorRow) == count(sqlite, AnswerRow) == 25


def test_reminders_on_a_full_disk_go_out_once_when_there_is_room_again(
    sqlite: Database, guide: Guide
) -> None:
    """What cannot be claimed is not sent; afterwards everybody gets one text."""
    hotline, disk = Hotline(sqlite, Vault([new_data_key()]), exact(guide), MOSCOW), Disk(sqlite)
    for n in range(40):
        hotline.remember(f"+9965550{n:05}", ENTRY)
    disk.fill(pages_left=3)
    for minutes in range(3):
        with suppress(OperationalError):
            hotline.tick(FIRST + timedelta(minutes=minutes))
    assert len(hotline.carrier.texts) < 40
    disk.pages = NO_LIMIT
    hotline.run_until(FIRST + timedelta(hours=1, minutes=30))
    hotline.dispatcher.close()
    texts = [text.to for text in hotline.carrier.texts]
    assert len(texts) == len(set(texts)) == 40


def test_text_to_a_locked_database_gets_503_and_is_taken_later(
    open_hotline: Callable[[Database], TextHotline],  # noqa: F811
    database: Database,
) -> None:
    """On PostgreSQL too nobody waits for ever: the carrier hears 503 and tries again."""
    patient, hurried = database, impatient(database)
    hotline = open_hotline(hurried)
    phone = hotline.phone()
    phone.text("ENTRY 10.11.2026", sid=f"SM{1:032x}")
    with patient.reading() as session:
        id = session.scalars(select(PersonRow.id)).one()
    with locked(patient, id):
        assert phone.text("STOP", sid=f"SM{2:032x}").status_code == 503
    assert phone.text("STOP", sid=f"SM{2:032x}").status_code == 200
    hurried.close()


def test_answer_that_cannot_be_recorded_is_looked_up(database: Database, guide: Guide) -> None:
    """The text is out, and for half a minute nobody can write it down: it is found, not sent again."""
    patient, hurried = database, impatient(database)
    hotline = Hotline(hurried, Vault([new_data_key()]), guide, MOSCOW)
    id = hotline.remember("+996555000100", ENTRY)
    taken, recorded = threading.Event(), threading.Event()

    def hold() -> None:
        with patient.writing() as other:
            other.execute(text("UPDATE messages SET attempts = attempts"))
            taken.set()
            assert recorded.wait(WAIT_S)

    holder = threading.Thread(target=hold)

    def lock(_text: SentText) -> None:
        holder.start()
        assert taken.wait(WAIT_S)

    hotline.carrier.after_accept = lock
    with suppress(OperationalError):  # on SQLite the next claim cannot be made either
        hotline.tick(FIRST)
    hotline.dispatcher.close()  # waits until its thread has given up
    hotline.dispatcher = hotline.new_dispatcher()
    assert hotline.messages()[0].state == "sending"
    recorded.set()
    holder.join()
    hotline.run_until(FIRST + timedelta(hours=1))
    hotline.dispatcher.close()
    assert len(hotline.carrier.texts) == 1
    assert hotline.states(id, "d05")[0] == "sent"
    hurried.close()


def test_tick_without_a_database_sends_nothing(guide: Guide) -> None:
    """It fails by name, as the clock expects; nothing is posted."""
    database = Database("sqlite:////nowhere/at/all.sqlite3")
    hotline = Hotline(database, Vault([new_data_key()]), guide, MOSCOW)
    with pytest.raises(OperationalError):
        hotline.tick(FIRST)
    hotline.dispatcher.close()
    assert hotline.carrier.posts == 0
